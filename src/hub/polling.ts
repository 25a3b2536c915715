/** Telegram's updates for a hub that it cannot reach: behind NAT, or without a public address. */
import * as z from "zod";
import { readConfig } from "./config.ts";
import { createKeyring } from "./keys.ts";
import type { Seam } from "./seam.ts";

export interface PollingOptions {
  readonly apiRoot: string;
  readonly botToken: string;
  /** Takes one update as the webhook would; `false` to be given it again. */
  readonly take: (update: unknown) => Promise<boolean>;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Hears what goes wrong, once until it goes well again. */
  readonly onTrouble: (words: string) => void;
}

const answer = z.object({ ok: z.boolean(), description: z.string().optional(), result: z.unknown() });
const updates = z.array(z.looseObject({ update_id: z.int() }));
/** Seconds that Telegram holds a request open when there is nothing to tell. */
const HOLD = 50;
const PAUSE = 3_000;

/** Polls until it is told to stop. The bot's webhook is taken away first: Telegram serves one of the two. */
export async function poll(options: PollingOptions): Promise<void> {
  const { apiRoot, botToken, take, signal, onTrouble } = options;
  const address = `${apiRoot.replace(/\/+$/, "")}/bot${botToken}`;
  let trouble = "";

  async function call(method: string): Promise<unknown> {
    const { ok, description, result } = answer.parse(await (await fetch(`${address}/${method}`, { signal })).json());
    if (!ok) throw new Error(description ?? "refused");
    return result;
  }

  for (let offset = -1; !signal.aborted; ) {
    try {
      if (offset < 0) await call("deleteWebhook");
      for (const update of updates.parse(await call(`getUpdates?timeout=${HOLD}&offset=${Math.max(0, offset)}`))) {
        if (!(await take(update))) throw new Error("the hub could not take an update");
        offset = update.update_id + 1;
      }
      offset = Math.max(0, offset);
      trouble = "";
    } catch (error) {
      if (signal.aborted) return;
      const words = `Telegram cannot be polled: ${reasonOf(error).replaceAll(botToken, "…")}`;
      if (words !== trouble) onTrouble(words);
      trouble = words;
      await pause(PAUSE, signal);
    }
  }
}

/** With `TELEGRAM_MODE=polling`: brings Telegram's updates to a hub until it is told to stop. Else nothing. */
export async function pollInto(
  hub: { fetch(request: Request, seam: Seam): Promise<Response> },
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
      const request = new Request("http://hub/telegram", { method: "POST", headers, body: JSON.stringify(update) });
      return (await hub.fetch(request, { waitUntil })).ok;
    },
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown fault";
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : error.message;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
