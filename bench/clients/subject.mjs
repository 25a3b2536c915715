// Measures one client, in a process that does nothing else: subject.mjs <client> <measurement> <target>
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { drivers } from "./drivers.mjs";
import { median } from "./table.mjs";

const [client, measurement, target] = process.argv.slice(2);
const MEGABYTE = 2 ** 20;
const BURST = 10_000;

const now = () => performance.now();
const rss = () => process.memoryUsage.rss() / MEGABYTE;
/** Letters instead of digits: what differs in digits only is the same to us. */
const letters = (i) => String(i).replace(/\d/g, (digit) => "abcdefghij"[digit]);
/** An error ten frames deep. */
const failAt = (depth, i) => (depth > 0 ? failAt(depth - 1, i) : new Error(`order of ${letters(i)} failed`));
const errors = (count, kindOf) => Array.from({ length: count }, (_, i) => failAt(8, kindOf(i)));

/** Formats the stack, as a logger before us would have. */
function readStack(error) {
  return error.stack;
}

async function start(more) {
  const driver = drivers[client];
  const started = driver.start(await driver.load(), { ...JSON.parse(target), ...more });
  return { inside: (work) => work(), ...started };
}

/** Watches for how long the event loop stands still at most; `stop()` says it, in ms. */
function watchLoop() {
  let last = now();
  let longest = 0;
  let isOver = false;
  const turn = () => {
    longest = Math.max(longest, now() - last);
    last = now();
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  return async () => {
    await new Promise(setImmediate);
    isOver = true;
    return longest;
  };
}

/** A client that has told an error: what is loaded for the first one, as `fetch` is, is no part of what the next take. */
async function startWarm() {
  const started = await start();
  await started.inside(() => started.capture(new Error("the first")));
  await started.flush();
  return started;
}

/** Captures all in one turn: µs each, and the longest time in ms that nothing else could run until all was told. */
async function burst({ inside, capture, flush }, all) {
  const stop = watchLoop();
  let ms = 0;
  await inside(() => {
    const began = now();
    for (const error of all) capture(error);
    ms = now() - began;
  });
  await flush();
  return { each: (ms / all.length) * 1_000, block: await stop() };
}

/** µs for each of many calls; the median of seven rounds of some 20 ms, once they are compiled. */
async function perCall(work) {
  const time = async (calls) => {
    const began = now();
    await work(calls);
    return now() - began;
  };
  let spent = 0;
  let warm = 0;
  for (; spent < 200; warm += 1_000) spent += await time(1_000);
  const calls = Math.ceil(warm / 10);
  const rounds = [];
  for (let round = 0; round < 7; round++) rounds.push(((await time(calls)) / calls) * 1_000);
  return median(rounds);
}

const measurements = {
  /** From nothing to a client, and to its first event told. */
  async start() {
    const driver = drivers[client];
    const before = rss();
    const began = now();
    const { inside = (work) => work(), capture, flush } = driver.start(await driver.load(), JSON.parse(target));
    const ready = now() - began;
    const idle = rss();
    await inside(() => capture(failAt(8, 0)));
    await flush();
    return { ready, rss: idle - before, rssTold: rss() - before };
  },

  /** Different errors, one every few ms, every second of which had its stack read before. */
  async calm() {
    const [warm, count] = [50, 200];
    const { inside, capture, flush } = await start({ kinds: BURST });
    const times = [];
    let cpu = process.cpuUsage();
    for (let i = 0; i < warm + count; i++) {
      if (i === warm) cpu = process.cpuUsage();
      const error = failAt(8, i);
      if (i % 2) readStack(error);
      await inside(() => {
        const began = now();
        capture(error);
        times.push((now() - began) * 1_000);
      });
      await sleep(1);
    }
    await flush();
    const { user, system } = process.cpuUsage(cpu);
    const each = (rest) => median(times.slice(warm).filter((_, i) => i % 2 === rest));
    return { read: each(1), unread: each(0), cpu: (user + system) / count };
  },

  /** Equal errors, each an object of its own: 10,000 whose stacks were read before, then fewer of another kind without. */
  async equal() {
    const started = await startWarm();
    const seen = errors(BURST, () => 0);
    for (const error of seen) readStack(error);
    const { each: read, block } = await burst(started, seen);
    const { each: unread } = await burst(
      started,
      errors(BURST / 10, () => 1),
    );
    return { read, unread, block, captured: seen.length + BURST / 10 + 1 };
  },

  /** Different errors in one turn, and the memory they take at most. */
  async different() {
    const started = await startWarm();
    const all = errors(BURST, (i) => i);
    gc();
    writeFileSync("/proc/self/clear_refs", "5"); // the peak counts from here
    const before = rss();
    const { block } = await burst(started, all);
    const [, peak] = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
    return { block, captured: BURST + 1, peak: peak / 1_024 - before };
  },

  /** What stands around a call that goes well. */
  async calls() {
    const { inside, watch, context } = await start();
    const plain = (value) => value + 1;
    const later = async (value) => value + 1;
    const result = {};
    const sync = (work) => (calls) => {
      for (let i = 0; i < calls; i++) work(i);
    };
    const async = (work) => async (calls) => {
      for (let i = 0; i < calls; i++) await work(i);
    };
    await inside(async () => {
      if (watch) result.sync = await perCall(sync(watch(plain)));
      if (watch) result.async = await perCall(async(watch(later)));
      if (context) result.context = await perCall(sync(() => context(() => plain(1))));
    });
    return result;
  },

  /** Bytes of heap that stay for each of many requests, one in ten of which tells an error. */
  async kept() {
    const { inside, serve = inside, capture, flush } = await start();
    const requests = async (count) => {
      for (let i = 0; i < count; i++) {
        await serve(() => {
          if (i % 10 === 0) capture(failAt(8, 0));
        });
      }
      await flush();
      await sleep(50);
      gc();
      return process.memoryUsage().heapUsed;
    };
    const before = await requests(3_000);
    return { kept: ((await requests(3_000)) - before) / 3_000 };
  },
};

console.log(JSON.stringify(await measurements[measurement]()));
process.exit(0);
