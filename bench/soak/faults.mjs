// What goes wrong while it soaks, one thing after the other.
import { setTimeout as delay } from "node:timers/promises";

/** Each begins a fault. Those of Redis last for a turn; those of Telegram wait for their calls, as it is not called all the time. */
const faults = {
  "Redis is away": ({ redis }) => redis.set({ kind: "outage" }),
  "Redis is slow": ({ redis, roll }) => redis.set({ kind: "latency", ms: 200 + roll(1_500) }),
  "Redis's answers are lost": ({ redis, roll }) => redis.set({ kind: "lost", times: 1 + roll(6) }),
  "Telegram says 429": ({ telegram, roll }) => telegram.add({ status: 429, retryAfter: 3 + roll(40) }),
  "Telegram says 500": ({ telegram, roll }) => telegram.add({ status: 500, times: 1 + roll(8) }),
  "Telegram says 502 in HTML": ({ telegram, roll }) => telegram.add({ html: true, times: 1 + roll(8) }),
  "Telegram hangs": ({ telegram, roll }) => telegram.add({ hang: true, times: 1 + roll(3) }),
  "Telegram's answers are lost": ({ telegram, roll }) => telegram.add({ lost: true, times: 1 + roll(4) }),
  "a hub is killed": ({ kill }) => kill(),
};

/** Inflicts all of them in turn, in an order that is rolled, until `until`. Resolves with what happened when. */
export async function inflict(stand, kill, say, roll, until) {
  const { faults: redis } = stand.upstash;
  const { faults: telegram } = stand.telegram.api;
  const story = [];
  for (let names = []; ; ) {
    if (names.length === 0) names = Object.keys(faults);
    await delay(3_000 + roll(8_000));
    if (Date.now() >= until) break;
    const [name] = names.splice(roll(names.length), 1);
    const it = { name, from: Date.now(), to: Number.POSITIVE_INFINITY };
    story.push(it);
    say(name);
    await faults[name]({ redis, telegram, roll, kill });
    await delay(Math.min(4_000 + roll(12_000), Math.max(0, until - Date.now())));
    redis.clear();
    it.to = Date.now();
  }
  telegram.clear();
  return story;
}
