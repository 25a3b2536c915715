// What a hub does under load: POST /s/:key over a local Redis and a Telegram that is always there.
import { freePort, startProgram } from "../dist/src/dev/process.js";
import { startTelegram } from "../dist/src/dev/telegram/server.js";
import { startUpstash } from "../dist/src/dev/upstash/front.js";
import { startWorker } from "../dist/src/dev/worker.js";
import { createKeyring } from "../dist/src/hub/keys.js";

const SECRET = "a-secret-for-benchmarks-only-0123456789";
const CONNECTIONS = 16;
const REQUESTS = 1_500;

const upstash = await startUpstash();
const telegram = await startTelegram({ strict: false });
const env = {
  SNITCHBOT_SECRET: SECRET,
  UPSTASH_REDIS_REST_URL: upstash.url,
  UPSTASH_REDIS_REST_TOKEN: upstash.token,
  TELEGRAM_BOT_TOKEN: telegram.token,
  TELEGRAM_CHAT_ID: String(telegram.api.alerts),
  TELEGRAM_API_ROOT: telegram.url,
};

async function startNode() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ["dist/functions/node.js"];
  return {
    url,
    ...(await startProgram({ command: process.execPath, args, env: { ...env, PORT: String(port) }, ready: url })),
  };
}
const hubs = {
  Node: startNode,
  workerd: () => startWorker({ entry: "functions/cloudflare.ts", config: "wrangler.toml", vars: env }),
};

let n = 0;
function batchOf(size, isNew) {
  n++;
  const stack = (i) => `Error: x\n    at f${isNew ? `${n}x${i}` : i} (/app/src/a.ts:1:2)\n    at g (/app/src/b.ts:3:4)`;
  const events = Array.from({ length: size }, (_, i) => ({
    ...{
      kind: "error",
      severity: "error",
      at: Date.now(),
      title: "x",
      error: { type: "Error", message: "x", stack: stack(i) },
    },
  }));
  return JSON.stringify({ v: 1, id: `load-${n}-${Date.now()}`, instance: "bench", events });
}

async function load(address, size, isNew) {
  const times = [];
  let left = REQUESTS;
  const began = performance.now();
  const connection = async () => {
    while (left-- > 0) {
      const start = performance.now();
      const answer = await fetch(address, { method: "POST", body: batchOf(size, isNew) });
      await answer.text();
      if (answer.status !== 202) throw new Error(`the hub answered ${answer.status}`);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const seconds = (performance.now() - began) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share) => Number(times[Math.floor(times.length * share)].toFixed(1));
  return {
    "requests/s": Math.round(REQUESTS / seconds),
    "events/s": Math.round((REQUESTS * size) / seconds),
    "p50 ms": at(0.5),
    "p99 ms": at(0.99),
  };
}

const rows = [];
for (const [name, start] of Object.entries(hubs)) {
  const hub = await start();
  const address = `${hub.url}/s/${await createKeyring(SECRET).issue("bench")}`;
  await load(address, 1, false); // warm
  for (const [size, isNew] of [
    [1, false],
    [1, true],
    [20, false],
    [20, true],
  ]) {
    rows.push({ hub: name, batch: `${size} ${isNew ? "new" : "repeated"}`, ...(await load(address, size, isNew)) });
  }
  await hub.stop();
}
await Promise.all([telegram.stop(), upstash.stop()]);

console.log(
  `\nA hub under load: ${REQUESTS} batches over ${CONNECTIONS} connections, client, hub, Redis and Telegram on the same cores\n`,
);
console.table(rows);
