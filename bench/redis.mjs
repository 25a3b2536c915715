// What a service takes of Redis's memory: used_memory of a real redis-server, over a few hundred services.
import { batchOf, errorOf, many } from "./events.mjs";
import { openClockedStand } from "./stand.mjs";

const SERVICES = 300;
const KINDS = 50;
/** New alerts that a chat takes at once; the rest of its budget is for what is critical. */
const AT_ONCE = 16;
const FREE = 256 * 2 ** 20;

const stand = await openClockedStand();
const { upstash, telegram } = stand;
const used = async () => Number(/used_memory:(\d+)/.exec(await upstash.command("INFO", "memory"))[1]);

/** A hub with a chat of its own, so that no service waits for another's budget. */
const open = () => stand.open(telegram.chats.create().chat.id);

/** It broke once and was told. */
async function idle(i) {
  await stand.tell(open(), `service-${i}`, batchOf([errorOf(0, stand.now)]));
}

/** Fifty kinds are known and told, all of them come again and again, and its memory of batches is full. */
async function busy(service) {
  const hub = open();
  const vitals = [{ at: stand.now, rss: 183e6, cpu: 12.5, fds: 48, threads: 11, loopMs: 4, heap: 61e6 }];
  for (let told = 0; told < KINDS; told += AT_ONCE) {
    const events = many(Math.min(AT_ONCE, KINDS - told), (i) => errorOf(told + i, stand.now));
    await stand.tell(hub, service, batchOf(events, { vitals }));
    stand.now += 80_000;
  }
  for (let i = 0; i < 200; i++) {
    const events = many(5, (k) => errorOf((i * 5 + k) % KINDS, stand.now));
    await stand.tell(hub, service, batchOf(events, { vitals }));
    stand.now += 500;
  }
}

/** Another service with all that one has. */
async function copy(service, other) {
  await upstash.command("COPY", `sb:s:${service}`, `sb:s:${other}`);
  const wheel = await upstash.command("ZRANGE", "sb:wheel", 0, -1, "WITHSCORES");
  const own = wheel.flatMap((member, i) =>
    member.slice(1).split("\n")[0] === service ? [[member, wheel[i + 1]]] : [],
  );
  const theirs = own.flatMap(([member, score]) => [score, member.replace(service, other)]);
  await upstash.command("ZADD", "sb:wheel", ...theirs);
}

async function rowOf(service, fill) {
  await upstash.command("FLUSHALL");
  await stand.tell(open(), "warm", batchOf([errorOf(0, stand.now)])); // scripts and connections are there
  const before = await used();
  await fill();
  const bytes = Math.round(((await used()) - before) / SERVICES);
  return { service, "bytes each": bytes, "in 256 MB": Math.floor(FREE / bytes) };
}

export const rows = [
  await rowOf("idle: one event, told", async () => {
    for (let i = 0; i < SERVICES; i++) await idle(i);
  }),
  await rowOf("busy: fifty kinds that come again and again", async () => {
    await busy("service-0");
    for (let i = 1; i < SERVICES; i++) await copy("service-0", `service-${i}`);
  }),
];
const { kind } = upstash.engine;
await stand.stop();

if (kind === "server") {
  console.log(`\nWhat a service takes of Redis's memory: mean of ${SERVICES}; the busy ones are copies of one\n`);
  console.table(rows);
}
