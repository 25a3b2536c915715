/** The hub: its addresses, and what each answers. Who runs it is the business of functions/. */
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { VERSION } from "../version.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { createDelivery } from "./delivery.ts";
import { createFallback } from "./fallback.ts";
import { fault, parseJson, readLimited } from "./http.ts";
import { alertsOf, ingest } from "./ingest.ts";
import { createKeyring, type ServiceKey, sameText } from "./keys.ts";
import { createOutbox, type Swept } from "./outbox.ts";
import { welcome } from "./page.ts";
import { poll } from "./polling.ts";
import { MAX_BODY, type Received, readBatch } from "./schema.ts";
import { createGuard } from "./store/guard.ts";
import { connect, createStore, type Health, type IntakeAlert, StoreError } from "./store/store.ts";
import { createTelegram } from "./telegram/api.ts";
import { createUpdates } from "./telegram/bot.ts";

export { ConfigError };

/** What a platform gives for one request. */
export interface Seam {
  /** Keeps the platform from stopping before `work` has ended. */
  waitUntil(work: Promise<unknown>): void;
  /** The caller's address, where the platform vouches for it. */
  readonly clientIp?: string | undefined;
}

/** What one run of the cron did. */
export interface Ticked extends Swept {
  /** Monitors that changed their status. */
  readonly flips: number;
  /** Milliseconds. */
  readonly took: number;
}

/** Receives events, keeps them until Telegram has them, and finds what went silent. */
export interface Hub {
  /** Answers one request. Never rejects. */
  fetch(request: Request, seam: Seam): Promise<Response>;
  /** One run of the cron; may be called late, twice or in parallel. Rejects when the store does not answer. */
  tick(now: number): Promise<Ticked>;
}

/** What tests put in place of the world. */
export interface World {
  readonly clock?: () => number;
  readonly fetch?: typeof fetch;
}

const METHODS = {
  "/s/:key": "POST",
  "/telegram": "POST",
  "/tick": "GET, POST",
  "/health": "GET, HEAD",
  "/": "GET, HEAD",
};
/** Milliseconds to leave the store alone once it did not answer. */
const PAUSE = 5_000;
/** How often the cron should come, milliseconds. */
const CRON = 60_000;
/** How long a good answer of `/health` serves others too, milliseconds. */
const HEALTH_LASTS = 10_000;
/** Longest update of Telegram's, bytes. */
const MAX_UPDATE = 1_048_576;

const STORE_DOWN = {
  status: 503,
  code: "store_down",
  message: "the store does not answer; nothing was taken",
  retryAfter: PAUSE,
} as const;
const BAD_KEY = "no valid key in this address; `npx snitchbot key <service>` prints one";
const DENIED = { status: 401, code: "denied", message: "wrong or missing token" } as const;

/** Makes a hub. Throws {@link ConfigError} with every fault of the environment. */
export function createHub(env: Readonly<Record<string, unknown>>, world: World = {}): Hub {
  return assemble(readConfig(env), world);
}

/** As {@link createHub}, for platforms where nobody sees a start fail: a faulty hub answers every request with its faults. */
export function openHub(env: Readonly<Record<string, unknown>>): Hub {
  try {
    return createHub(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return {
      fetch: async () => fault({ status: 503, code: "misconfigured", message: error.message, retryAfter: 60_000 }),
      tick: () => Promise.reject(error),
    };
  }
}

/** With `TELEGRAM_MODE=polling`: brings Telegram's updates to a hub until it is told to stop. Else nothing. */
export async function pollInto(
  hub: Hub,
  env: Readonly<Record<string, unknown>>,
  waitUntil: Seam["waitUntil"],
  signal: AbortSignal,
): Promise<void> {
  const { secret, telegram } = readConfig(env);
  if (telegram.mode !== "polling") return;
  const headers = { "x-telegram-bot-api-secret-token": await createKeyring(secret).derive("webhook") };
  await poll({
    apiRoot: telegram.apiRoot,
    botToken: telegram.token,
    signal,
    onTrouble: (words) => console.error(`snitchbot: ${words}`),
    async take(update) {
      const body = JSON.stringify(update);
      const answer = await hub.fetch(new Request("http://hub/telegram", { method: "POST", headers, body }), {
        waitUntil,
      });
      return answer.ok;
    },
  });
}

function assemble(config: Config, world: World): Hub {
  const clock = world.clock ?? Date.now;
  const keyring = createKeyring(config.secret);
  const redis = connect(config.redis.url, config.redis.token);
  const store = createStore(redis);
  const guard = createGuard(redis);
  const { token, apiRoot, chatId } = config.telegram;
  const reach = { token, apiRoot, ...(world.fetch && { fetch: world.fetch }) };
  const delivery = createDelivery({ store, telegram: createTelegram(reach), chatId, clock });
  const outbox = createOutbox(store, delivery, clock);
  const fallback = createFallback(delivery, clock);
  const updates = createUpdates(reach, delivery.chatId);

  type Env = { Bindings: { readonly seam: Seam } };
  const app = new Hono<Env>();

  /** A batch whose key is right. */
  async function take(c: Context<Env>, key: ServiceKey): Promise<Response> {
    const text = await readLimited(c.req.raw, MAX_BODY);
    if (text === undefined)
      return fault({ status: 413, code: "too_large", message: `body: more than ${MAX_BODY} bytes` });
    const received = readBatch(parseJson(text));
    if ("fault" in received) return fault({ status: 400, code: "bad_batch", message: received.fault });
    const { batch, refused } = received;
    if (batch.events.length === 0 && refused[0]) return fault({ status: 400, ...refused[0] });
    const alerts = alertsOf(key, batch, clock());
    const answer = await fallback.guard(() => ingest(store, key, batch, alerts, delivery.chatId(), clock()));
    if (answer === undefined) return takeWithoutStore(c, alerts, received);
    if (answer === "revoked") return badKey(c);
    delivery.adopt(answer.channel);
    c.env.seam.waitUntil(fallback.report().catch(report));
    if (clock() - looked >= CRON) c.env.seam.waitUntil(tickIfLate().catch(report));
    if (!answer.replayed) c.env.seam.waitUntil(outbox.deliver(answer.ingested).catch(report));
    const verdicts = answer.ingested.map(({ taken }) => taken.verdict);
    return c.json({ accepted: verdicts.length, verdicts, control: {}, ...(refused.length > 0 && { refused }) }, 202);
  }

  /** Errors are told at once; the rest comes again when the store is back, or is counted as dropped by the client. */
  async function takeWithoutStore(
    c: Context<Env>,
    alerts: readonly IntakeAlert[],
    received: Received,
  ): Promise<Response> {
    const told = await fallback.tell(alerts);
    if (told === undefined) return fault(STORE_DOWN);
    const waiting = alerts.flatMap((alert, i) => {
      const index = received.places[i] ?? i;
      return told.has(alert) ? [] : [{ index, code: "store_down", message: `events[${index}]: ${STORE_DOWN.message}` }];
    });
    const verdicts = [...told].map(() => "admitted");
    const refused = [...received.refused, ...waiting];
    return c.json(
      { accepted: told.size, verdicts, control: {}, degraded: true, ...(refused.length > 0 && { refused }) },
      202,
    );
  }

  /** The same answer for every key that is not one; who shows many has to wait. */
  async function badKey(c: Context<Env>): Promise<Response> {
    const retryAfter = await guard(c.env.seam.clientIp ?? "unknown");
    if (retryAfter === 0) return fault({ status: 401, code: "bad_key", message: BAD_KEY });
    return fault({ status: 429, code: "slow_down", message: "too many bad keys from this address", retryAfter });
  }

  // Looked at by each hub that has traffic, once a minute at most; a new one gives the cron the time to come first.
  let looked = clock();

  /** Where the cron does not come, whoever has traffic does its work. */
  async function tickIfLate(): Promise<void> {
    looked = clock();
    if (clock() - ((await store.lastTick()) ?? 0) > CRON) await tick(clock());
  }

  async function tick(now: number): Promise<Ticked> {
    const began = clock();
    const { due } = await store.tick(now);
    const swept = due > 0 ? await outbox.sweep(now) : { claimed: 0, sent: 0, left: 0 };
    if (config.watcherUrl) await ping(config.watcherUrl, world.fetch ?? fetch);
    return { flips: 0, ...swept, took: clock() - began };
  }

  app.use(
    "/s/*",
    cors({
      origin: "*",
      allowMethods: ["POST"],
      allowHeaders: ["content-type"],
      maxAge: 86_400,
      exposeHeaders: ["retry-after"],
    }),
  );

  app.post("/s/:key", async (c) => {
    const key = await keyring.verify(c.req.param("key"));
    return key === undefined ? badKey(c) : take(c, key);
  });

  app.post("/telegram", async (c) => {
    const token = c.req.header("x-telegram-bot-api-secret-token") ?? "";
    if (!sameText(token, await keyring.derive("webhook"))) return fault(DENIED);
    await updates(parseJson((await readLimited(c.req.raw, MAX_UPDATE)) ?? ""));
    return c.json({});
  });

  app.on(["GET", "POST"], "/tick", async (c) => {
    const bearer = c.req.header("authorization")?.replace(/^Bearer /i, "") ?? "";
    const known = [await keyring.derive("tick"), config.cronSecret].some(
      (it) => it !== undefined && sameText(bearer, it),
    );
    return known ? c.json(await tick(clock())) : fault(DENIED);
  });

  // Anybody may ask, and each look at the store is billed.
  let health: Partial<Health> & { readonly until: number } = { until: 0 };

  app.get("/health", async (c) => {
    const chat = delivery.chatId();
    try {
      if (clock() >= health.until) health = { until: clock() + HEALTH_LASTS, ...(await store.health(clock(), chat)) };
      const { lastTick = null, outbox, refused, dead = "ok" } = health;
      const channel = chat === undefined ? "unbound" : dead;
      return c.json({ version: VERSION, store: "up", lastTick, outbox, refused, channel });
    } catch (error) {
      report(error);
      return c.json({ version: VERSION, store: "down" }, 503);
    }
  });

  app.get("/", (c) => c.html(welcome(VERSION)));

  for (const [path, allow] of Object.entries(METHODS)) {
    app.all(path, (c) => fault({ status: 405, code: "bad_method", message: `${c.req.path} takes ${allow}`, allow }));
  }
  app.notFound((c) => fault({ status: 404, code: "not_found", message: `nothing is at ${c.req.path.slice(0, 100)}` }));
  app.onError((error) => {
    report(error);
    if (!(error instanceof StoreError))
      return fault({ status: 500, code: "broken", message: "a fault of the hub's own" });
    return fault(STORE_DOWN);
  });

  return { fetch: async (request, seam) => app.fetch(request, { seam }), tick };
}

/** The dead-man address hears of every good tick; that it does not answer is its own business. */
async function ping(url: string, fetch: World["fetch"] & {}): Promise<void> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
  } catch (error) {
    report(error);
  }
}

function report(error: unknown): void {
  console.error("snitchbot:", error instanceof Error ? `${error.name}: ${error.message}` : "unknown fault");
}
