// What the vitals of a service take: Redis's memory with all pages full, and Redis's time, of a beat and of a look back.
import { startUpstash } from "../dist/src/dev/upstash/front.js";
import { connect, createStore } from "../dist/src/hub/store/store.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = 20_833 * DAY;
const WEEK = START + 8 * DAY;
const CALLS = 20;
const ROUNDS = 10;

const upstash = await startUpstash();
const store = createStore(connect(upstash.url, upstash.token));
const whose = { service: "bench", serviceId: "00000000", generation: 1, name: "", action: "success", exit: 0, run: "" };
const otherwise = { every: MINUTE, grace: 90_000 };
const instances = Array.from({ length: 10 }, () => crypto.randomUUID());
let requests = 0;

/** A process that beats once a minute, or that has been out of reach for up to ten. */
function beat(instance, now, samples = 12, apart = 5_000) {
  const vitals = Array.from({ length: samples }, (_, i) => {
    const cpu = 100 * Math.random();
    return { at: now - i * apart, rss: 183e6 + 1e5 * cpu, cpu, fds: 40, threads: 11, loopMs: cpu / 5, heap: 61e6 };
  });
  return store.beat({ ...whose, now, requestId: `r${requests++}`, instance, otherwise, vitals: vitals.reverse() });
}

/** Eight days with a sample a minute, and the last hours with all. */
async function fill(instance) {
  for (let now = START; now < WEEK - 2 * HOUR; now += 10 * MINUTE) await beat(instance, now, 10, MINUTE);
  for (let now = WEEK - 2 * HOUR; now <= WEEK; now += 10 * MINUTE) await beat(instance, now, 120);
}

/** Another instance that measured the same. */
async function copy(instance, other) {
  await beat(other, WEEK, 1);
  const flat = await upstash.command("HGETALL", "sb:s:bench");
  const theirs = flat.flatMap((field, i) =>
    i % 2 === 0 && field.includes(`:${instance}:`) ? [field, flat[i + 1]] : [],
  );
  await upstash.command(
    "HSET",
    "sb:s:bench",
    ...theirs.map((it, i) => (i % 2 === 0 ? it.replace(instance, other) : it)),
  );
}

const infoOf = async (section, figure) => Number(figure.exec(await upstash.command("INFO", section))?.[1]);
const kilobytes = async () =>
  Math.round((await upstash.command("MEMORY", "USAGE", "sb:s:bench", "SAMPLES", 0)) / 1_024);

/** Microseconds of Redis's own time a call: the best of several rounds, for others use the processor too. */
async function timeOf(work) {
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) {
    await upstash.command("CONFIG", "RESETSTAT");
    for (let k = 0; k < CALLS; k++) await work(i * CALLS + k);
    rounds.push(await infoOf("commandstats", /cmdstat_evalsha:.*usec_per_call=([\d.]+)/));
  }
  return Math.round(Math.min(...rounds));
}

if (upstash.engine.kind === "server") {
  await beat("warm", START, 1);
  await store.history("nobody", { from: START, to: START }, START);
  await upstash.command("DEL", "sb:s:bench");
  const [first = "", ...others] = instances;
  await fill(first);
  const memory = [{ instances: 1, "KB with all pages full": await kilobytes() }];
  for (const other of others) await copy(first, other);
  memory.push({ instances: instances.length, "KB with all pages full": await kilobytes() });
  const back = (span) => timeOf(() => store.history("bench", { from: WEEK - span, to: WEEK }, WEEK));
  const times = [
    { what: "a look back: 1 hour", "µs in Redis": await back(HOUR) },
    { what: "a look back: 6 hours", "µs in Redis": await back(6 * HOUR) },
    { what: "a look back: 1 day", "µs in Redis": await back(DAY) },
    { what: "a look back: 7 days", "µs in Redis": await back(7 * DAY) },
    { what: "a beat", "µs in Redis": await timeOf((i) => beat("", WEEK + MINUTE + i, 0)) },
    { what: "a beat with 12 samples", "µs in Redis": await timeOf((i) => beat(first, WEEK + (i + 1) * MINUTE)) },
  ];
  console.log(
    "\nWhat the vitals of a service take of Redis's memory, and what its looks back and beats take of Redis's time\n",
  );
  console.table(memory);
  console.table(times);
}
await upstash.stop();
