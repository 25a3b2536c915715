// What the benchmarks have in common: stand-ins with a hub between them, and what a process uses.
import { readdirSync, readFileSync } from "node:fs";
import { freePort, startProgram } from "../dist/src/dev/process.js";
import { createBotApi } from "../dist/src/dev/telegram/api.js";
import { startTelegram } from "../dist/src/dev/telegram/server.js";
import { startUpstash } from "../dist/src/dev/upstash/front.js";
import { startWorker } from "../dist/src/dev/worker.js";
import { createHub } from "../dist/src/hub/hub.js";
import { createKeyring } from "../dist/src/hub/keys.js";

const SECRET = "a-secret-for-benchmarks-only-0123456789";
export const keyring = createKeyring(SECRET);

// What was started ends with this process, and a signal alone would not let it know.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** The environment of a hub between these stand-ins; alerts go to `chatId`. */
function environment(upstash, { token, url }, chatId) {
  return {
    SNITCHBOT_SECRET: SECRET,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_CHAT_ID: String(chatId),
    TELEGRAM_API_ROOT: url,
  };
}

/** Redis and Telegram for hubs in processes of their own. */
export async function openStand() {
  const [upstash, telegram] = await Promise.all([startUpstash(), startTelegram()]);
  const env = environment(upstash, telegram, telegram.api.alerts);
  return { upstash, telegram, env, stop: () => Promise.all([telegram.stop(), upstash.stop()]) };
}

/** How a hub starts as a process. `pid` is the one that does the hub's work. */
export const hubs = {
  async Node(env, port) {
    port ??= await freePort();
    const url = `http://127.0.0.1:${port}`;
    const args = ["dist/functions/node.js"];
    const program = { command: process.execPath, args, env: { ...env, PORT: String(port) }, ready: url };
    return { ...(await startProgram(program)), url, port };
  },
  async workerd(env) {
    const worker = await startWorker({ entry: "functions/cloudflare.ts", config: "wrangler.toml", vars: env });
    return { ...worker, pid: workerdOf(worker) };
  },
};

/** wrangler runs two workerd: one takes the requests at our port and hands them to the other, where the Worker lives. */
function workerdOf({ pid, url }) {
  const isTheWorkers = (id) => {
    const group = readProc(id, "stat").split(") ").at(-1).split(" ")[2];
    const command = readProc(id, "cmdline");
    return group === String(pid) && command.includes("workerd\0serve") && !command.includes(new URL(url).host);
  };
  const found = readdirSync("/proc").find(isTheWorkers);
  if (found === undefined) throw new Error("no workerd was found below wrangler");
  return Number(found);
}

const readProc = (...path) => {
  try {
    return readFileSync(`/proc/${path.join("/")}`, "utf8");
  } catch {
    return ""; // no process, or one that has ended
  }
};

/** Milliseconds a process has computed, user and system: by its threads, because /proc/<pid>/stat counts in steps of ten. */
export function cpuOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, id) => sum + Number.parseInt(readProc(pid, "task", id, "schedstat"), 10), 0) / 1e6;
}

/** Megabytes of memory a process holds. */
export function rssOf(pid) {
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, "status"))?.[1]) / 1024);
}

/**
 * Redis, Telegram and hubs in this process, by a clock in our hand: days pass in seconds, and every count is exact.
 * Telegram's limiter is on.
 */
export async function openClockedStand() {
  const upstash = await startUpstash();
  const stand = {
    upstash,
    telegram: createBotApi({ now: () => stand.now }),
    now: Date.now(),
    /** A hub, as one isolate would be; alerts go to `chatId`. */
    open(chatId = stand.telegram.alerts) {
      const { token } = stand.telegram;
      const env = environment(upstash, { token, url: "http://telegram.test" }, chatId);
      return createHub(env, { clock: () => stand.now, fetch: stand.telegram.fetch });
    },
    /** Sends a batch, and waits until all is done that the hub does after its answer. */
    async tell(hub, service, batch) {
      const works = [];
      const request = new Request(await addressOf("http://hub.test", service), { method: "POST", body: batch });
      const answer = await hub.fetch(request, { waitUntil: (work) => works.push(work) });
      await Promise.all(works);
      if (answer.status !== 202) throw new Error(`the hub answered ${answer.status}`);
    },
    async stop() {
      stand.telegram.stop();
      await upstash.stop();
    },
  };
  stand.telegram.limiter.enable();
  return stand;
}

export const addressOf = async (hub, service) => `${hub}/s/${await keyring.issue(service)}`;

/** Sends a batch to a hub in another process. */
export async function post(address, body) {
  const answer = await fetch(address, { method: "POST", body });
  await answer.text();
  if (answer.status !== 202) throw new Error(`the hub answered ${answer.status}`);
}
