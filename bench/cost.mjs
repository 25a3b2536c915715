// What the hub's operations cost: HTTP calls and billed commands, counted by MONITOR, and their time over a local Redis.
import { startUpstash } from "../dist/src/dev/upstash/front.js";
import { connect, createStore } from "../dist/src/hub/store/store.js";

const ROUNDS = 200;
const upstash = await startUpstash();
const store = createStore(connect(upstash.url, upstash.token));
const service = "bench";
let n = 0;

function intake(size, repeat = false) {
  const alerts = Array.from({ length: size }, (_, i) => {
    const id = repeat ? `same${i}` : `new${n}x${i}`;
    const event = { kind: "error", severity: "error", at: 0, title: "x".repeat(200) };
    const alert = { service, fingerprint: id, event, origin: { instance: "bench" } };
    return { id, rank: 2, mutable: true, count: 1, at: Date.now(), alert };
  });
  const whose = { chatId: -1, service, serviceId: "00000000", generation: 1, registry: "{}", dropped: 0 };
  return { now: Date.now() + n * 3_600_000, batchId: `bench-${n++}`, callId: `call-${n}`, ...whose, alerts };
}

const told = { chatId: -1, messageId: 1, shown: 1 };
const operations = {
  "batch of 1, new": () => store.ingest(intake(1)),
  "batch of 20, new": () => store.ingest(intake(20)),
  "batch of 50, new": () => store.ingest(intake(50)),
  "batch of 20, repeats": () => store.ingest(intake(20, true)),
  "a claim of twenty": () => store.claim(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 20, -2),
  "a message settled": () => store.settle({ kind: "message", service, id: "same0" }, told),
  "an idle tick": () => store.tick(0),
};

/** A service that is known, with twenty messages under way. */
async function prepare() {
  await upstash.command("DEL", `sb:s:${service}`, "sb:wheel", "sb:hub");
  await store.ingest(intake(20, true));
}

const rows = [];
for (const [operation, run] of Object.entries(operations)) {
  const sum = { http: 0, billed: 0 };
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    await prepare();
    const { http, billed, result } = await upstash.meter.measure(async () => {
      const began = performance.now();
      await run();
      return performance.now() - began;
    });
    sum.http += http;
    sum.billed += billed;
    times.push(result);
  }
  const p50 = times.sort((a, b) => a - b)[ROUNDS / 2];
  const mean = (total) => Number((total / ROUNDS).toFixed(2));
  rows.push({
    operation,
    "HTTP calls": mean(sum.http),
    "billed commands": mean(sum.billed),
    "p50 ms": Number(p50.toFixed(2)),
  });
}
await upstash.stop();

const engine = upstash.engine.kind === "server" ? "redis-server" : "the embedded engine";
console.log(`\nWhat the hub's operations cost: mean of ${ROUNDS}, over a local ${engine}\n`);
console.table(rows);
