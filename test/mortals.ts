/** Hubs that a test can kill: real processes on the test's clock, between a real Redis and the strict Telegram. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { freePort, startProgram } from "../src/dev/process.ts";
import { startTelegram, type Telegram } from "../src/dev/telegram/server.ts";
import { startUpstash, type Upstash } from "../src/dev/upstash/front.ts";
import type { Batch, Event } from "../src/event.ts";
import type { Ticked } from "../src/hub/hub.ts";
import { createKeyring } from "../src/hub/keys.ts";
import { environment } from "./hubs.ts";
import * as scripts from "./scripts.ts";
import { type Moment, openWire } from "./wire.ts";

const SECRET = "a-secret-of-hubs-that-die-0123456789";

/** A hub in a process of its own. Whatever it was asked for rejects when it is killed meanwhile. */
export interface Mortal {
  send(batch: Batch): Promise<Response>;
  tick(): Promise<Ticked>;
  /** Resolves when all that it does after its answers has been done. */
  rest(): Promise<void>;
  /** Resolves when it gets to a moment, the next time. It stays there until it is killed. */
  reach(moment: Moment): Promise<void>;
  /** SIGKILL: no farewell. */
  kill(): Promise<void>;
}

/** Something that the chat tells: an alert by its title, or a digest by 📦, and the count it shows. */
export interface Told {
  readonly messageId: number;
  readonly title: string;
  readonly count: number;
}

export interface Mortals {
  readonly upstash: Upstash;
  readonly telegram: Telegram;
  /** Milliseconds since 1970; a test moves it, and a hub hears of it with the next request. */
  now: number;
  open(): Promise<Mortal>;
  batchOf(events: readonly Event[]): Batch;
  /** What a person reads, oldest first. */
  told(): Told[];
  /** Kills every hub but the one that lives on, and leaves an empty store and an empty chat. */
  reset(survivor?: Mortal): Promise<void>;
  stop(): Promise<void>;
}

export async function openMortals(): Promise<Mortals> {
  const folder = await mkdtemp(join(tmpdir(), "snitchbot-mortals-"));
  await bundleInto(folder);
  const [upstash, telegram] = await Promise.all([startUpstash(), startTelegram({ now: () => mortals.now })]);
  for (const script of Object.values(scripts)) await upstash.command("SCRIPT", "LOAD", script);
  const keyring = createKeyring(SECRET);
  const path = `/s/${await keyring.issue("orders-api")}`;
  const authorization = `Bearer ${await keyring.derive("tick")}`;
  const living = new Set<Mortal>();
  let batches = 0;

  async function open(): Promise<Mortal> {
    const wire = await openWire(upstash.url, telegram.url);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const program = await startProgram({
      command: process.execPath,
      args: [join(folder, "mortal.mjs")],
      env: {
        ...environment(SECRET, { ...upstash, url: wire.redis }, { ...telegram, url: wire.telegram }),
        PORT: String(port),
        NOW: String(mortals.now),
      },
      ready: url,
    });
    const ask = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${url}${path}`, { method: "POST", body, headers: { ...headers, "x-now": String(mortals.now) } });
    const mortal: Mortal = {
      send: (batch) => ask(path, JSON.stringify(batch)),
      tick: async () => (await ask("/tick", "", { authorization })).json(),
      rest: async () => void (await ask("/rest", "")),
      reach: wire.reach,
      async kill() {
        living.delete(mortal);
        await program.stop("SIGKILL");
        await wire.close();
      },
    };
    living.add(mortal);
    return mortal;
  }

  const mortals: Mortals = {
    upstash,
    telegram,
    now: Date.UTC(2026, 10, 21, 14, 18, 42),
    open,
    batchOf: (events) => ({ v: 1, id: `mortal-batch-${++batches}`, instance: "i-1", events: [...events] }),
    told: () => telegram.api.messages().flatMap(({ message_id, text = "" }) => toldIn(message_id, text)),
    async reset(survivor) {
      await Promise.all([...living].filter((hub) => hub !== survivor).map((hub) => hub.kill()));
      upstash.faults.clear();
      await upstash.command("FLUSHALL");
      telegram.api.reset();
    },
    async stop() {
      await mortals.reset();
      await Promise.all([telegram.stop(), upstash.stop(), rm(folder, { recursive: true })]);
    },
  };
  return mortals;
}

/** One file for Node: many hubs start here, and each would look for a hundred modules. */
async function bundleInto(folder: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL("mortal.ts", import.meta.url))],
    outfile: join(folder, "mortal.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    // What was CommonJS still asks for Node's own modules.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
}

const ALERT = /^(?:⚠️ .*\n)?.* · [0-9a-f]{8}(?: × ([\d ]+))?\n━+\n(.*)/;
const DIGEST = /^📦 ([\d ]+) more/;

function toldIn(messageId: number, text: string): Told[] {
  const [alert, times = "1", title = ""] = ALERT.exec(text) ?? [];
  const [digest, more = ""] = DIGEST.exec(text) ?? [];
  if (alert !== undefined) return [{ messageId, title, count: numberIn(times) }];
  return digest === undefined ? [] : [{ messageId, title: "📦", count: numberIn(more) }];
}

const numberIn = (text: string): number => Number(text.replaceAll(" ", ""));
