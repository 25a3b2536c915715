// What a storm costs, and what a chat shows of it: 300 kinds, ten batches a second, three hubs in turn, a tick each minute.
import { read } from "./chat.mjs";
import { batchOf, many } from "./events.mjs";
import { openClockedStand } from "./stand.mjs";

const KINDS = 300;
const EVERY = 100;
const MINUTE = 60_000;

/** As small as an event can be: what is counted here does not depend on its size. */
const eventOf = (kind, at) => ({
  kind: "notify",
  severity: "error",
  at,
  title: `Kind ${kind}`,
  fingerprint: `${kind}`,
});

/** Until nothing waits any more: neither a message nor a window, nor the digest. */
async function settle(stand, hub) {
  for (;;) {
    const waiting = await stand.upstash.command("ZRANGE", "sb:wheel", 0, -1);
    if (!waiting.some((member) => "oOwg".includes(member[0]))) return;
    stand.now += MINUTE;
    await hub.tick(stand.now);
  }
}

async function rage(stand, size, batches) {
  const hubs = many(3, () => stand.open());
  for (let i = 0; i < batches; i++) {
    const events = many(size, (k) => eventOf((i * size + k) % KINDS, stand.now));
    await stand.tell(hubs[i % 3], "storm", batchOf(events));
    stand.now += EVERY;
    if (stand.now % MINUTE < EVERY) await hubs[0].tick(stand.now);
  }
  await settle(stand, hubs[0]);
}

async function storm(size, events) {
  const stand = await openClockedStand();
  const { upstash, telegram } = stand;
  const { http, billed } = await upstash.meter.measure(() => rage(stand, size, events / size));
  const told = telegram.messages().map(({ text }) => read(text));
  await stand.stop();
  return {
    size,
    events,
    http,
    billed,
    calls: telegram.calls.length,
    limited: telegram.calls.filter(({ answer }) => answer.error_code === 429).length,
    messages: told.length,
    kinds: new Set(told.flatMap(({ kinds }) => kinds.map(([kind]) => kind))).size,
    shown: told.reduce((sum, { count }) => sum + count, 0),
  };
}

/** What was sent, what it cost and what is shown, by the size of the batches. */
export const storms = [await storm(1, 5_000), await storm(20, 20_000), await storm(50, 100_000)];

console.log("\nWhat a storm of 300 kinds costs, until all of it is told: ten batches a second, a tick each minute\n");
console.table(
  storms.map(({ size, events, http, billed, calls, limited, messages, kinds, shown }) => ({
    "batches of": size,
    events,
    "HTTP calls": http,
    "billed commands": billed,
    "calls to Telegram": calls,
    "429s": limited,
    messages,
    "kinds in them": kinds,
    "events in them": shown,
  })),
);
