/** What DESIGN promises of delivery when hubs are killed: real processes, SIGKILL, at moments that a test picks. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Call } from "../src/dev/telegram/call.ts";
import type { Batch, Event } from "../src/event.ts";
import { type Mortal, type Mortals, openMortals } from "./mortals.ts";
import { notify } from "./stand.ts";
import { until } from "./until.ts";
import type { Moment } from "./wire.ts";

let mortals: Mortals;
/** Lives on, and finds what the others leave behind. */
let heir: Mortal;

beforeAll(async () => {
  mortals = await openMortals();
  heir = await mortals.open();
});
afterAll(() => mortals.stop());
afterEach(() => mortals.reset(heir));

const before = (what: string): Moment => ({ when: "before", what });
const after = (what: string): Moment => ({ when: "after", what });
/** The store notes where a message is, and takes it off the wheel. */
const SETTLE = "hset zrem hget";
/** The store notes what the digest shows, and when to look at it again. */
const DIGEST_TOLD = "hset zadd";

/** What the chat tells, as `title × count`. */
const lines = (): string[] => mortals.told().map(({ title, count }) => `${title} × ${count}`);

/** Minutes pass, each with a tick of every hub. */
async function minutes(count: number, hubs: readonly Mortal[] = [heir]): Promise<void> {
  for (let i = 0; i < count; i++) {
    mortals.now += 60_000;
    await Promise.all(hubs.map((hub) => hub.tick()));
    await Promise.all(hubs.map((hub) => hub.rest()));
  }
}

/** Minutes pass until nothing waits any more that is due within a day. */
async function quiet(hubs: readonly Mortal[]): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await minutes(1, hubs);
    const waiting = await mortals.upstash.command("ZCOUNT", "sb:wheel", "-inf", mortals.now + 86_400_000);
    if (waiting === 0) return;
  }
  throw new Error("something still waits after an hour");
}

/** A hub of its own that has come to a moment in its work, and is kept there. */
async function stoppedAt(moment: Moment, work: (hub: Mortal) => Promise<unknown>) {
  const hub = await mortals.open();
  const reached = hub.reach(moment);
  const working = work(hub).catch(() => "no answer");
  await reached;
  return { hub, working };
}

/** Sends a batch, and waits until all that its hub does afterwards has been done. */
async function tell(hub: Mortal, ...events: readonly Event[]): Promise<void> {
  expect((await hub.send(mortals.batchOf(events))).status).toBe(202);
  await hub.rest();
}

const declined = (count: number) => notify("Card declined", { count });

test.each([
  ["what never got to Redis is taken when its client sends it again", before("ingest")],
  ["what was taken in without an answer is told once, though its client sends it again", after("ingest")],
])("%s", async (_, moment) => {
  const batch = mortals.batchOf([declined(3)]);
  const { hub, working } = await stoppedAt(moment, (it) => it.send(batch));
  await hub.kill();
  expect(await working).toBe("no answer");
  expect((await heir.send(batch)).status).toBe(202);
  await tell(heir, declined(4));
  await minutes(10);
  expect(lines()).toEqual(["Card declined × 7"]);
});

const ONCE = ["Card declined × 7"];
const TWICE = ["Card declined × 3", "Card declined × 7"];

test.each([
  ["what was answered with 202, but not sent yet, is told once", before("sendMessage"), ONCE],
  ["what Telegram took, though its hub never heard so, is told twice", after("sendMessage"), TWICE],
  ["what Telegram took, though its hub could not note it, is told twice", before(SETTLE), TWICE],
  ["what was noted is told once, though its hub never heard so", after(SETTLE), ONCE],
])("%s", async (_, moment, told) => {
  const { hub, working } = await stoppedAt(moment, (it) => it.send(mortals.batchOf([declined(3)])));
  expect(await working).toMatchObject({ status: 202 });
  await hub.kill();
  await tell(heir, declined(4));
  await minutes(10);
  expect(lines()).toEqual(told);
});

test.each([
  ["what a sweep claimed and never got is told once, by the next", after("claim"), ONCE],
  ["what a sweep had not sent yet is told once, by the next", before("sendMessage"), ONCE],
  ["what a sweep sent, and never heard so, is told twice", after("sendMessage"), TWICE],
])("%s", async (_, moment, told) => {
  mortals.telegram.api.faults.add({ method: "sendMessage", status: 502, html: true });
  await tell(heir, declined(3));
  mortals.now += 60_000;
  const { hub } = await stoppedAt(moment, (it) => it.tick());
  await hub.kill();
  await tell(heir, declined(4));
  await minutes(10);
  expect(lines()).toEqual(told);
});

test.each([
  ["a message that was about to show another count still comes to show it", before("editMessageText")],
  ["a message that shows another count, though its hub never heard so, is left as it is", after("editMessageText")],
])("%s", async (_, moment) => {
  await tell(heir, declined(1));
  const { hub } = await stoppedAt(moment, (it) => it.send(mortals.batchOf([declined(2)])));
  await hub.kill();
  await minutes(10);
  expect(lines()).toEqual(["Card declined × 3"]);
});

test.each([
  ["before its last edit", before("editMessageText")],
  ["after its last edit", after("editMessageText")],
  ["before it is closed", before("close")],
  ["after it is closed", after("close")],
])("a window whose hub is killed %s shows the exact number", async (_, moment) => {
  for (const count of [1, 1, 1]) await tell(heir, declined(count));
  expect(lines()).toEqual(["Card declined × 2"]);
  mortals.now += 360_000;
  const { hub } = await stoppedAt(moment, (it) => it.tick());
  await hub.kill();
  await minutes(10);
  expect(lines()).toEqual(["Card declined × 3"]);
});

test.each([
  ["before its edit", before("editMessageText")],
  ["after its edit", after("editMessageText")],
  ["before that is noted", before(DIGEST_TOLD)],
  ["after that is noted", after(DIGEST_TOLD)],
])("a digest whose hub is killed %s tells everything, once", async (_, moment) => {
  await tell(heir, ...kinds(40, "early"));
  await minutes(1);
  await tell(heir, ...kinds(40, "late"));
  mortals.now += 60_000;
  const { hub } = await stoppedAt(moment, (it) => it.tick());
  await hub.kill();
  await minutes(10);
  expect(shown()).toBe(80);
  expect(lines().filter(isDigest)).toEqual(["📦 × 64"]);
});

test("a digest that Telegram took, though its hub never heard so, is told twice", async () => {
  await tell(heir, ...kinds(40));
  mortals.now += 60_000;
  const { hub } = await stoppedAt(after("sendMessage"), (it) => it.tick());
  await hub.kill();
  await minutes(10);
  expect(shown()).toBe(40 + 24);
  expect(lines().filter(isDigest)).toEqual(["📦 × 24", "📦 × 24"]);
});

test("three hubs in one storm tell everything, nothing twice, and never more than Telegram takes", async () => {
  const { limiter, calls } = mortals.telegram.api;
  limiter.enable();
  const hubs = [heir, await mortals.open(), await mortals.open()];
  for (let round = 0; round < 12; round++) {
    const clients = Array.from({ length: 9 }, (_, i) => hubs[i % hubs.length] ?? heir);
    await Promise.all(clients.map((hub, i) => hub.send(mortals.batchOf(kinds(10, "again", round * 7 + i * 11)))));
    await Promise.all(hubs.map((hub) => hub.tick()));
    await Promise.all(hubs.map((hub) => hub.rest()));
    mortals.now += 10_000;
  }
  await quiet(hubs);
  expect(shown()).toBe(12 * 9 * 10);
  expect(twice()).toEqual([]);
  expect(busiest()).toBeLessThanOrEqual(20);
  expect(calls.filter(({ answer }) => answer?.ok === false && answer.error_code === 429)).toEqual([]);
});

test("Telegram down for five minutes, two hubs killed, Redis away for ten seconds: nothing is lost, and only what Telegram took unheard is told twice", async () => {
  const { faults } = mortals.telegram.api;
  const [first, second, third] = await Promise.all([mortals.open(), mortals.open(), mortals.open()]);
  const hubs = [first, second, heir, third];
  const clients = clientsOf(hubs);
  let n = 0;
  const usual = (): Event[][] => [1, 2, 3].map(() => kinds(3, "can wait", 3 * n++));
  const urgent = (): Event[][] => [...usual(), ...["be", "do", "go", "no"].map((word) => [notify(`${word} at once`)])];

  await clients.pass(30, usual);
  faults.add({ ...UNHEARD, times: 2 });
  faults.add({ status: 502, html: true, times: 10_000 });
  killAt(before("sendMessage"), second, hubs);
  await clients.pass(150, usual);
  killAt(after("claim"), first, hubs);
  await clients.pass(150, usual);
  await until(() => hubs.length === 2, "the end of two hubs");
  faults.clear();
  await clients.pass(30, usual);
  faults.add(UNHEARD);
  mortals.upstash.faults.set({ kind: "outage" });
  await clients.pass(10, urgent);
  mortals.upstash.faults.clear();
  await clients.pass(30, usual);
  await quiet(hubs);

  const unheard = mortals.told().filter(({ messageId }) => unheardMessages().includes(messageId));
  const { accepted, directly, refused, waiting } = clients.account;
  expect({ unheard: unheard.length, directly, refused, waiting }).toEqual({
    unheard: 3,
    directly: 3,
    refused: 4,
    waiting: [],
  });
  expect(shown()).toBe(accepted + sum(unheard));
  // Some are told the second time in a digest.
  expect(unheard.map(({ title }) => title)).toEqual(expect.arrayContaining(twice()));
});

/** Clients that ask one hub after the other, and send again what got no 2xx. */
function clientsOf(hubs: readonly Mortal[]) {
  const account = { accepted: 0, directly: 0, refused: 0, waiting: [] as Batch[] };
  let turn = 0;

  async function send(batch: Batch): Promise<void> {
    const answer = await hubs[turn++ % hubs.length]?.send(batch).catch(() => undefined);
    const isAccepted = answer?.status === 202;
    if (isAccepted) account.accepted += sum(batch.events);
    else account.waiting.push(batch);
    if (isAccepted && (await answer.json()).degraded) account.directly++;
    if (answer?.status === 503) account.refused++;
  }

  /** Ten seconds: clients send, and each minute a cron comes to all hubs. */
  async function step(batches: readonly Batch[]): Promise<void> {
    for (const batch of [...account.waiting.splice(0), ...batches]) await send(batch);
    if (mortals.now % 60_000 < 10_000) for (const hub of [...hubs]) await hub.tick().catch(() => undefined);
    await Promise.allSettled(hubs.map((hub) => hub.rest()));
    mortals.now += 10_000;
  }

  return {
    account,
    async pass(seconds: number, traffic: () => readonly (readonly Event[])[]): Promise<void> {
      for (let i = 0; i < seconds; i += 10) await step(traffic().map(mortals.batchOf));
    },
  };
}

/** Kills one of the hubs when it gets to a moment. */
async function killAt(moment: Moment, hub: Mortal, hubs: Mortal[]): Promise<void> {
  await hub.reach(moment);
  await hub.kill();
  hubs.splice(hubs.indexOf(hub), 1);
}

/** Telegram takes an alert, but nobody hears so. */
const UNHEARD = {
  method: "sendMessage",
  match: (call: Call) => !call.parameters.text("text").startsWith("📦"),
  status: 502,
  lost: true,
};

/** The messages that Telegram took unheard. */
function unheardMessages(): number[] {
  const lost = mortals.telegram.api.calls.filter(({ fault }) => fault?.lost);
  return lost.flatMap(({ answer }) => (answer?.ok ? [(answer.result as { message_id: number }).message_id] : []));
}

/** The titles of what the chat tells more than once. */
function twice(): string[] {
  const titles = mortals
    .told()
    .map(({ title }) => title)
    .filter((title) => title !== "📦");
  return titles.filter((title, i) => titles.indexOf(title) !== i).sort();
}

/** The most calls in any minute. */
function busiest(): number {
  const times = mortals.telegram.api.calls.filter(({ method }) => /^(send|edit)/.test(method)).map(({ at }) => at);
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));
}

const sum = (of: readonly { readonly count?: number }[]): number =>
  of.reduce((total, { count = 1 }) => total + count, 0);
const shown = (): number => sum(mortals.told());
const isDigest = (line: string): boolean => line.startsWith("📦");

/** Events of so many kinds, out of sixty, beginning with one of them. */
function kinds(count: number, word = "again", from = 0): Event[] {
  return Array.from({ length: count }, (_, i) => notify(`${nameOf((from + i) % 60)} ${word}`, { severity: "warning" }));
}

/** A name without digits, which do not count when kinds are told apart. */
function nameOf(i: number): string {
  return String.fromCharCode(97 + Math.floor(i / 26), 97 + (i % 26));
}
