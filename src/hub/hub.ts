/** The hub: its addresses, and what each answers. Who runs it is the business of functions/. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { VERSION } from "../version.ts";
import { type Badge, type BadgeState, badgeJson, badgeSvg, createBadges } from "./badge.ts";
import { ConfigError, readConfig } from "./config.ts";
import { createCron } from "./cron.ts";
import { createDoor } from "./door.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { fault, parseJson, readLimited, STORE_DOWN } from "./http.ts";
import { sameText } from "./keys.ts";
import { welcome } from "./page.ts";
import { assemble, type Parts } from "./parts.ts";
import { report } from "./report.ts";
import type { Seam, Ticked, World } from "./seam.ts";
import { type Health, StoreError } from "./store/store.ts";

export { ConfigError } from "./config.ts";
export { pollInto } from "./polling.ts";
export type { Seam, Ticked, World } from "./seam.ts";

/** Receives events, keeps them until Telegram has them, and finds what went silent. */
export interface Hub {
  /** Answers one request. Never rejects. */
  fetch(request: Request, seam: Seam): Promise<Response>;
  /** One run of the cron; may be called late, twice or in parallel. Rejects when the store does not answer. */
  tick(now: number): Promise<Ticked>;
}

const METHODS = {
  "/s/:key": "POST",
  "/s/:key/beat/*": "GET, HEAD, POST",
  "/telegram": "POST",
  "/tick": "GET, POST",
  "/health": "GET, HEAD",
  "/badge/:file": "GET, HEAD",
  "/": "GET, HEAD",
};
const CORS = {
  origin: "*",
  allowMethods: ["POST"],
  allowHeaders: ["content-type"],
  exposeHeaders: ["retry-after"],
  maxAge: 86_400,
};
/** How long a good answer of `/health` serves others too, milliseconds: anybody may ask, and each look is billed. */
const HEALTH_LASTS = 10_000;
/** Longest update of Telegram's, bytes. */
const MAX_UPDATE = 1_048_576;

const DENIED = { status: 401, code: "denied", message: "wrong or missing token" } as const;
/** Telegram brings the update again. */
const NO_CALL = { status: 429, code: "slow_down", message: "the chat is at Telegram's limit" } as const;
const BROKEN = { status: 500, code: "broken", message: "a fault of the hub's own" } as const;

/** Makes a hub. Throws {@link ConfigError} with every fault of the environment. */
export function createHub(env: Readonly<Record<string, unknown>>, world: World = {}): Hub {
  return hubOf(assemble(readConfig(env), world));
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

function hubOf(parts: Parts): Hub {
  const { config, clock, keyring, store, delivery, desk } = parts;
  const cron = createCron(parts);
  const door = createDoor(parts);
  const heartbeat = createHeartbeat(parts);
  const badges = createBadges(config.secret);
  const app = new Hono<{ Bindings: { readonly seam: Seam } }>();
  let health: (Health & { readonly until: number }) | undefined;

  // Where no cron comes, whoever asks for anything does its work.
  app.use(async (c, next) => {
    await next();
    const ticking = c.res.ok ? cron.tickIfLate() : undefined;
    if (ticking) c.env.seam.waitUntil(ticking.catch(report));
  });

  app.use("/s/:key", cors(CORS));
  app.post("/s/:key", (c) => door.enter(c.req.param("key"), c.req.raw, c.env.seam));

  app.on(["GET", "POST"], "/s/:key/beat/*", (c) => {
    const [, path = ""] = /^\/s\/[^/]+\/beat\/?(.*)$/.exec(c.req.path) ?? [];
    return heartbeat.enter(c.req.param("key"), path, c.req.raw, c.env.seam);
  });

  app.post("/telegram", async (c) => {
    const token = c.req.header("x-telegram-bot-api-secret-token") ?? "";
    if (!sameText(token, await keyring.derive("webhook"))) return fault(DENIED);
    const retryAfter = await desk.take(parseJson((await readLimited(c.req.raw, MAX_UPDATE)) ?? ""), c.env.seam);
    return retryAfter === undefined ? c.json({}) : fault({ ...NO_CALL, retryAfter });
  });

  app.on(["GET", "POST"], "/tick", async (c) => {
    const bearer = c.req.header("authorization")?.replace(/^Bearer /i, "") ?? "";
    const bearers = [await keyring.derive("tick"), config.cronSecret];
    const isKnown = bearers.some((it) => it !== undefined && sameText(bearer, it));
    return isKnown ? c.json(await cron.tick(clock())) : fault(DENIED);
  });

  app.get("/health", async (c) => {
    const chat = delivery.chatId();
    try {
      if (health === undefined || clock() >= health.until) {
        health = { ...(await store.health(clock(), chat)), until: clock() + HEALTH_LASTS };
      }
      const { lastTick = null, outbox, refused, dead = "ok", bound } = health;
      const channel = (chat ?? bound) === undefined ? "unbound" : dead;
      const status = health.dead === undefined ? 200 : 503;
      return c.json({ version: VERSION, store: "up", lastTick, outbox, refused, channel }, status);
    } catch (error) {
      report(error);
      return c.json({ version: VERSION, store: "down" }, 503);
    }
  });

  app.get("/badge/:file", async (c) => {
    const [, signed = "", form] = /^(.+)\.(svg|json)$/.exec(c.req.param("file")) ?? [];
    const badge = await badges.verify(signed);
    if (badge === undefined) return c.notFound();
    const state = await stateOf(badge);
    const label = badge.name === "" ? badge.service : `${badge.service}/${badge.name}`;
    c.header("cache-control", "public, max-age=60");
    if (form === "json") return c.json(badgeJson(label, state));
    return c.body(badgeSvg(label, state), 200, { "content-type": "image/svg+xml" });
  });

  async function stateOf(badge: Badge): Promise<BadgeState> {
    const [it] = await store.readMonitors([badge]);
    if (it === undefined) return "new";
    const { status, expected, isRunning } = it.monitor;
    return status === "up" && !isRunning && expected > 0 && clock() > expected ? "late" : status;
  }

  app.get("/", (c) => c.html(welcome(VERSION)));

  for (const [path, allow] of Object.entries(METHODS)) {
    app.all(path, (c) => fault({ status: 405, code: "bad_method", message: `${c.req.path} takes ${allow}`, allow }));
  }
  app.notFound((c) => fault({ status: 404, code: "not_found", message: `nothing is at ${c.req.path.slice(0, 100)}` }));
  app.onError((error) => {
    report(error);
    return fault(error instanceof StoreError ? STORE_DOWN : BROKEN);
  });

  return { fetch: async (request, seam) => app.fetch(request, { seam }), tick: cron.tick };
}
