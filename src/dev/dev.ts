/** `npm run dev`: the whole product on this machine. Everything it starts ends with it. */
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { createKeyring } from "../hub/keys.ts";
import { poll } from "../hub/polling.ts";
import { setupCalls } from "../hub/telegram/setup.ts";
import { playBeats, playDemo, playWarehouse } from "./demo.ts";
import { freePort, isFree } from "./process.ts";
import { startTelegram } from "./telegram/server.ts";
import { startUpstash } from "./upstash/front.ts";
import { startWorker, type Worker, type WorkerOptions } from "./worker.ts";

/** Known to everybody, so that addresses of services stay the same from one start to the next. */
const SECRET = "for-development-only-and-known-to-everybody";
const CRON = 60_000;

/** What a part needs to be ended by; the newest goes first. */
type Ending = () => Promise<unknown> | unknown;

/** Where alerts go, and how Telegram's updates come in. */
interface Chat {
  readonly vars: Readonly<Record<string, string>>;
  /** The line that tells where to look. */
  readonly where: string;
  /** Connects Telegram to a hub that is up. */
  connect(hub: string): Promise<void>;
}

/** Starts everything and stays until Ctrl-C. Throws with one clear line when a part cannot start. */
export async function dev(say: (line: string) => void = console.log): Promise<void> {
  const endings: Ending[] = [];
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ending ??= endAll(endings);
    return ending;
  };
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
  });
  try {
    await Promise.race([start(endings, say), stopped]);
    await stopped;
  } finally {
    await end();
  }
}

async function start(endings: Ending[], say: (line: string) => void): Promise<void> {
  const keyring = createKeyring(SECRET);
  const upstash = await startUpstash();
  endings.push(upstash.stop);
  const chat = await openChat(endings, await keyring.derive("webhook"), say);

  const hub = await startOn({
    entry: "functions/cloudflare.ts",
    config: "wrangler.toml",
    port: await portNear(8787),
    vars: {
      SNITCHBOT_SECRET: SECRET,
      UPSTASH_REDIS_REST_URL: upstash.url,
      UPSTASH_REDIS_REST_TOKEN: upstash.token,
      ...chat.vars,
    },
    onLine: troubleOf("hub", say),
  });
  endings.push(hub.stop);
  await chat.connect(hub.url);
  const cron = setInterval(() => hub.cron().catch(() => say("  the cron could not reach the hub")), CRON);
  endings.push(() => clearInterval(cron));

  const service = `${hub.url}/s/${await keyring.issue("shop")}`;
  const shop = await startOn({
    entry: "examples/demo/worker.ts",
    config: "examples/demo/wrangler.toml",
    port: await portNear(8789),
    vars: { SNITCHBOT_URL: service },
    onLine: troubleOf("demo", say),
  });
  endings.push(shop.stop);

  const warehouse = await keyring.issue("warehouse");
  const redis = upstash.engine.kind === "server" ? "redis-server" : "the embedded engine";
  say("");
  say(`  ${chat.where}`);
  say("");
  say(`  hub    ${hub.url}  on workerd, over ${redis}`);
  say(
    `  demo   ${shop.url}  a shop that breaks: /checkout /cart /report /search; its warehouse has a bad day now and then`,
  );
  say(`  yours  SNITCHBOT_URL=${hub.url}/s/${await keyring.issue("my-app")}`);
  say("");
  say("  Ctrl-C ends everything.");

  const over = new AbortController();
  endings.push(() => over.abort());
  playDemo(shop.url, over.signal).catch(() => say("  the demo service does not answer"));
  playBeats(service, over.signal).catch(() => say("  the hub does not take beats"));
  playWarehouse(`${hub.url}/s/${warehouse}`, over.signal).catch(() => say("  the hub does not take batches"));
}

/** The stand-in with its page, or with TELEGRAM_BOT_TOKEN the real one. */
async function openChat(endings: Ending[], secretToken: string, say: (line: string) => void): Promise<Chat> {
  const { TELEGRAM_BOT_TOKEN: botToken, TELEGRAM_CHAT_ID: chatId } = process.env;
  if (!botToken) return openStandIn(endings, secretToken);
  if (!chatId || !/^-?\d+$/.test(chatId)) {
    throw new Error(
      "TELEGRAM_CHAT_ID: not a chat's number; with TELEGRAM_BOT_TOKEN it says which chat gets the alerts",
    );
  }
  const apiRoot = process.env.TELEGRAM_API_ROOT ?? "https://api.telegram.org";
  return {
    vars: { TELEGRAM_BOT_TOKEN: botToken, TELEGRAM_CHAT_ID: chatId, TELEGRAM_API_ROOT: apiRoot },
    where: `Alerts go to your Telegram chat ${chatId}.`,
    async connect(hub) {
      const over = new AbortController();
      endings.push(() => over.abort());
      const headers = { "x-telegram-bot-api-secret-token": secretToken };
      const take = async (update: unknown): Promise<boolean> =>
        (await fetch(`${hub}/telegram`, { method: "POST", headers, body: JSON.stringify(update) })).ok;
      poll({ apiRoot, botToken, take, signal: over.signal, onTrouble: (words) => say(`  ${words}`) });
    },
  };
}

async function openStandIn(endings: Ending[], secretToken: string): Promise<Chat> {
  const telegram = await startTelegram({ port: await portNear(8788) });
  endings.push(() => telegram.stop());
  return {
    vars: {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_CHAT_ID: String(telegram.api.alerts),
      TELEGRAM_API_ROOT: telegram.url,
    },
    where: `Open the chat: ${telegram.url.replace("127.0.0.1", "localhost")}`,
    async connect(hub) {
      const headers = { "content-type": "application/json" };
      for (const [method, body] of setupCalls(hub, secretToken)) {
        const url = `${telegram.url}/bot${telegram.token}/${method}`;
        await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
      }
    },
  };
}

/** Another dev may take the usual port at the same moment: then any will do. */
function startOn(options: WorkerOptions): Promise<Worker> {
  const { port: _, ...elsewhere } = options;
  return startWorker(options).catch(() => startWorker(elsewhere));
}

/** The usual port, so that bookmarks hold; another when somebody has it. */
async function portNear(usual: number): Promise<number> {
  return (await isFree(usual)) ? usual : freePort();
}

/** Of what a Worker prints, only what a person should see. */
function troubleOf(name: string, say: (line: string) => void): (line: string) => void {
  return (line) => {
    if (/^snitchbot|^ {2}- |✘|^Uncaught/.test(line.trim()) && !/disconnected/.test(line))
      say(`  ${name}: ${line.trim()}`);
  };
}

/** Newest first; one that fails does not keep the others. */
async function endAll(endings: readonly Ending[]): Promise<void> {
  for (const end of [...endings].reverse())
    await Promise.race([
      Promise.resolve()
        .then(end)
        .catch(() => undefined),
      delay(5_000),
    ]);
}
