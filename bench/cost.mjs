// What the hub's operations cost: HTTP calls and billed commands, counted by MONITOR, and their time over a local Redis.
import { startUpstash } from "../dist/src/dev/upstash/front.js";
import { connect, createStore } from "../dist/src/hub/store/store.js";

const ROUNDS = 100;
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

const whose = { service, serviceId: "00000000", generation: 1, exit: 0, run: "" };
const every = { expectation: { every: 60_000, grace: 90_000 }, slots: [] };
const vitals = Array.from({ length: 12 }, (_, i) => ({ at: i * 5_000, rss: 191_889_408, cpu: 12, fds: 40 }));
const beat = (name, now, more) =>
  store.beat({ ...whose, name, now, action: "success", requestId: `r${n++}`, asks: every, ...more });
const monitors = Array.from({ length: 20 }, (_, i) => ({ service, name: `job-${i}` }));

const told = { chatId: -1, messageId: 1, shown: 1 };
const operations = {
  "batch of 1, new": () => store.ingest(intake(1)),
  "batch of 20, new": () => store.ingest(intake(20)),
  "batch of 50, new": () => store.ingest(intake(50)),
  "batch of 20, repeats": () => store.ingest(intake(20, true)),
  "a claim of twenty": () => store.claim(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 20, -2),
  "a message settled": () => store.settle({ kind: "message", service, id: "same0" }, told),
  "a beat, with vitals": () => beat("job-0", Date.now(), { instance: "i-1", vitals }),
  "twenty deadlines": () => store.lapse(Number.MAX_SAFE_INTEGER / 2, monitors),
  "an idle tick": () => store.tick(0),
};

/** A service that is known, with twenty messages under way and twenty monitors. */
async function prepare() {
  await upstash.command("DEL", `sb:s:${service}`, "sb:wheel", "sb:hub");
  await store.ingest(intake(20, true));
  for (const { name } of monitors) await beat(name, Date.now() - 1_000);
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
