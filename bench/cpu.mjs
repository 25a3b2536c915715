// What a batch computes: CPU of the hub's process for each POST /s/:key and all that it does afterwards.
import { batchOf, errorOf, many } from "./events.mjs";
import { addressOf, cpuOf, hubs, openStand, post } from "./stand.mjs";

const REQUESTS = { 1: 60, 20: 30, 50: 20 };
const SERVICE = "bench";

const stand = await openStand();
let kinds = 0;
const fresh = () => errorOf(++kinds);

/** Nothing waits, and the chat was not called lately. That it has no topics stays known. */
async function forget() {
  await stand.upstash.command("DEL", `sb:s:${SERVICE}`, "sb:wheel");
  await stand.upstash.command("HDEL", "sb:hub", `calls:${stand.telegram.api.alerts}`, "digest", "told");
}

/** What may come, and what has to be so beforehand; it is not measured. */
const cases = {
  "new, told at once": { events: fresh, before: forget },
  "new, over the budget": { events: fresh },
  repeated: { events: errorOf },
};

/** Until nothing is under way any more. */
async function quiet() {
  const isWaiting = async () =>
    (await stand.upstash.command("ZRANGE", "sb:wheel", 0, -1)).some((it) => "oO".includes(it[0]));
  while (await isWaiting()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Milliseconds of CPU for a batch: the mean of many, one after the other. */
async function each({ pid, url }, size, { events, before = () => undefined }, requests) {
  const address = await addressOf(url, SERVICE);
  let spent = 0;
  for (let i = 0; i < requests; i++) {
    await before();
    const body = batchOf(many(size, events));
    const began = cpuOf(pid);
    await post(address, body);
    await quiet();
    spent += cpuOf(pid) - began;
  }
  return Number((spent / requests).toFixed(2));
}

/** What the process computes to answer at all: its HTTP and, on workerd, what wrangler puts before a Worker. */
async function eachVisit({ pid, url }) {
  const began = cpuOf(pid);
  for (let i = 0; i < REQUESTS[1]; i++) await (await fetch(url)).text();
  return Number(((cpuOf(pid) - began) / REQUESTS[1]).toFixed(2));
}

async function measure(hub) {
  const first = await each(hub, 1, cases["new, told at once"], 1);
  for (let i = 0; i < 3; i++) for (const it of Object.values(cases)) await each(hub, 20, it, 20); // warm
  const rows = [
    ["the first batch of 1", first],
    ["the page at /", await eachVisit(hub)],
  ];
  for (const [what, it] of Object.entries(cases)) {
    for (const [size, requests] of Object.entries(REQUESTS)) {
      rows.push([`batch of ${size}, ${what}`, await each(hub, Number(size), it, requests)]);
    }
  }
  return Object.fromEntries(rows);
}

/** By hub, then by what was sent. */
export const cpu = {};
for (const [name, start] of Object.entries(hubs)) {
  const hub = await start(stand.env);
  cpu[name] = await measure(hub);
  await hub.stop();
  await stand.upstash.command("FLUSHALL");
}
await stand.stop();

console.log(
  "\nWhat a batch computes: ms of CPU in the hub's process, delivery included; the free plan of Workers has 10 ms\n",
);
console.table(
  Object.keys(cpu.Node).map((what) => ({ what, "Node ms": cpu.Node[what], "workerd ms": cpu.workerd[what] })),
);
