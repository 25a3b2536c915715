/** What DESIGN promises of delivery, each by breaking what it protects from. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { notify, openStand, type Stand } from "../stand.ts";

let stand: Stand;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(() => stand.reset());

const spending = () => stand.telegram.calls.filter(({ method }) => /^(send|edit)Message/.test(method));
const refused = () => stand.telegram.calls.filter(({ answer }) => answer?.ok === false && answer.error_code === 429);

/** Minutes pass, each with its tick, until nothing waits any more. */
async function settle(minutes = 30): Promise<void> {
  for (let i = 0; i < minutes; i++) await stand.tick(60_000);
}

/** The most calls in any minute. */
function busiest(): number {
  const times = spending().map(({ at }) => at);
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));
}

const fingerprintIn = (text = ""): string => /\b[0-9a-f]{8}\b/.exec(text)?.[0] ?? "";

const letter = (n: number): string => String.fromCharCode(97 + (n % 26));
const kindName = (n: number): string => `Kind ${letter(n / 676)}${letter(n / 26)}${letter(n)}`;

test("one budget per chat: a storm of 2,000 events of 300 kinds stays within Telegram's limits, and every count is shown", async () => {
  stand.telegram.limiter.enable();
  for (let i = 0; i < 2_000; i += 40) {
    const events = Array.from({ length: 40 }, (_, k) => notify(kindName((i + k) % 300)));
    await stand.tell(events, { hub: stand.open() });
    stand.now += 100;
  }
  await settle();
  expect(refused()).toEqual([]);
  expect(busiest()).toBeLessThanOrEqual(20);
  expect(stand.shown()).toBe(2_000);
  const kinds = new Set(stand.texts().flatMap((text) => text.match(/\b[0-9a-f]{8}\b/g) ?? []));
  expect(kinds.size).toBe(300);
});

test("nothing is lost while Telegram is down for five minutes and hubs are killed", async () => {
  let sent = 0;
  for (let minute = 0; minute < 6; minute++) {
    if (minute < 5) stand.telegram.faults.add({ status: 502, html: true, times: 1_000 });
    else stand.telegram.faults.clear();
    for (let i = 0; i < 4; i++) {
      const events = [notify(kindName(minute)), notify(kindName(minute + 50), { count: 2 })];
      if (i % 2 === 0) await stand.tell(events, { hub: stand.open() });
      else await stand.abandon(events);
      sent += 3;
    }
    await stand.tick(60_000);
  }
  await settle();
  expect(stand.shown()).toBe(sent);
});

test("after a penalty nobody calls before it is over, whichever hub met it", async () => {
  stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 300 });
  await stand.tell([notify("Who met it")], { hub: stand.open() });
  const until = stand.now + 300_000;
  for (let i = 0; i < 8; i++) {
    await stand.tell([notify(kindName(i)), notify("Who met it")], { hub: stand.open() });
    stand.now += 30_000;
    await stand.open().tick(stand.now);
  }
  expect(spending().filter(({ at }) => at < until)).toHaveLength(1);
  await settle();
  expect(stand.shown()).toBe(8 + 9);
});

test("a group that moved is known to every hub, and after a restart", async () => {
  const group = stand.telegram.migrate(stand.telegram.alerts);
  await stand.tell([notify("Met by one hub")], { hub: stand.open() });
  const other = stand.open();
  await stand.tell([notify("Known to another")], { hub: other });
  await stand.tell([notify("And used")], { hub: other });
  const texts = stand.telegram.messages(group.chat.id).map(({ text }) => text ?? "");
  for (const words of ["Met by one hub", "Known to another", "And used"]) expect(texts.join()).toContain(words);
  const old = spending().filter(({ params }) => Number(params.chat_id) === stand.telegram.alerts);
  expect(old).toHaveLength(1);
});

test("a message that Telegram refuses for good shows in health, and in the chat once", async () => {
  const description = "Bad Request: message is too long";
  stand.telegram.faults.add({ method: "sendMessage", match: "Refuse me", status: 400, description, times: 2 });
  const hub = stand.open();
  for (const title of ["Refuse me", "Refuse me too"]) await stand.tell([notify(title)], { hub });
  expect(stand.texts()).toEqual([`⚠️ snitchbot could not deliver a message: Telegram says "${description}"`]);
  expect(await stand.health()).toMatchObject({ refused: 2, outbox: 0 });
});

test("starts and stops are told in the order in which they happened, and never merged", async () => {
  const phases = [
    ["start", "manual", "info"],
    ["stop", "crash", "critical"],
    ["start", "manual", "info"],
  ] as const;
  const storm = Array.from({ length: 30 }, (_, i) => notify(kindName(i)));
  await stand.tell(storm);
  await stand.tell(
    phases.map(([phase, reason, severity], i) => ({
      ...{ kind: "lifecycle", severity, title: "", at: stand.now - 1_000 + i },
      lifecycle: { phase, reason },
    })),
  );
  await settle();
  const told = stand.texts().flatMap((text) => /^orders-api (\w+)/.exec(text)?.[1] ?? []);
  expect(told).toEqual(["started", "crashed", "started"]);
});

test("a higher severity replies to the message that it outdoes", async () => {
  await stand.tell([notify("Disk is filling", { severity: "warning" })]);
  await stand.tell([notify("Disk is filling", { severity: "critical" })]);
  const [first, second] = stand.telegram.messages();
  expect(second?.reply_to_message?.message_id).toBe(first?.message_id);
});

test("where no cron comes, whoever has traffic does its work", async () => {
  const hub = stand.open();
  await stand.abandon([notify("Left behind")]);
  stand.now += 90_000;
  await stand.tell([notify("Traffic")], { hub });
  expect(stand.texts()).toHaveLength(2);
  expect((await stand.health()).lastTick).toBe(stand.now);
  stand.now += 30_000;
  await stand.tell([notify("More traffic")], { hub });
  expect((await stand.health()).lastTick).toBe(stand.now - 30_000);
});

test("a dead chat is in the health of every hub, which is red until the chat answers again", async () => {
  const description = "Forbidden: bot was kicked from the supergroup chat";
  stand.telegram.faults.add({ method: "sendMessage", status: 403, description });
  await stand.tell([notify("Anybody there?")], { hub: stand.open() });
  expect(await stand.health()).toMatchObject({ status: 503, channel: description });
  await stand.tick(60_000);
  expect(await stand.health()).toMatchObject({ status: 200, channel: "ok" });
  expect(stand.texts()).toEqual([expect.stringContaining("Anybody there?")]);
});

test("a bot that was thrown out knows it at once, and when it is let in again all is told", async () => {
  stand.telegram.setMember(stand.telegram.alerts, "kicked");
  await stand.hear();
  expect(await stand.health()).toMatchObject({ status: 503, channel: "the bot was kicked" });
  await stand.tell([notify("Nobody here")], { hub: stand.open() });
  await stand.tick(120_000);
  expect(spending()).toEqual([]);
  stand.telegram.setMember(stand.telegram.alerts, "administrator");
  await stand.hear();
  expect(await stand.health()).toMatchObject({ status: 200, channel: "ok" });
  await stand.tick();
  expect(stand.shown()).toBe(1);
});

test.each([
  ["a user that blocks the bot", 403, "Forbidden: bot was blocked by the user"],
  ["a user that is no more", 403, "Forbidden: user is deactivated"],
  ["a chat that was deleted", 403, "Forbidden: the group chat was deleted"],
  ["a chat that is not known", 400, "Bad Request: chat not found"],
])("%s is asked less and less often, and hears all when it is back", async (_, status, description) => {
  stand.telegram.faults.add({ status, description, times: 1_000 });
  await stand.tell([notify("Anybody there?")]);
  await settle(240);
  expect(spending().length).toBeLessThan(12);
  expect(await stand.health()).toMatchObject({ status: 503, channel: description, outbox: 1 });
  stand.telegram.faults.clear();
  await settle(61);
  expect(stand.shown()).toBe(1);
});

test("a token that Telegram does not know is a fault that says its mend", async () => {
  stand.telegram.faults.add({ status: 401, description: "Unauthorized", times: 3 });
  await stand.tell([notify("Who am I?")]);
  expect(await stand.health()).toMatchObject({
    status: 503,
    channel: expect.stringMatching(/^TELEGRAM_BOT_TOKEN .*@BotFather$/),
  });
});

test("while Telegram does not answer it is asked less often, and told within two minutes of its return", async () => {
  stand.telegram.faults.add({ status: 502, html: true, times: 1_000 });
  await stand.tell([notify("Patience")]);
  const before = spending().length;
  await settle(60);
  expect(spending().length - before).toBeLessThanOrEqual(36);
  stand.telegram.faults.clear();
  await settle(2);
  expect(stand.shown()).toBe(1);
});

test("a message that Telegram never answers for is given up when it takes another instead, and the chat hears of it", async () => {
  stand.telegram.faults.add({ method: "sendMessage", match: "Poison", status: 500, times: 1_000 });
  await stand.tell([notify("Poison")]);
  await settle(40);
  expect(await stand.health()).toMatchObject({ refused: 1, outbox: 0 });
  const poison = spending().filter(({ params }) => String(params.text).includes("Poison"));
  expect(poison).toHaveLength(10);
  expect(stand.texts()).toEqual([expect.stringMatching(/^⚠️ snitchbot could not deliver a message: /)]);
});

test("a message that had to lose its formatting is told, and so is that", async () => {
  const description = "Bad Request: can't parse entities: entity begins after the end of the text at UTF-16 offset 9";
  stand.telegram.faults.add({ method: "sendMessage", match: "Plain", status: 400, description });
  await stand.tell([notify("Plain is fine")]);
  expect(stand.texts()).toEqual([
    expect.stringContaining("Plain is fine"),
    `⚠️ snitchbot had to send a message without its formatting: Telegram says "${description}"`,
  ]);
});

test.each([
  ["error", ["info", "warning"]],
  ["critical", ["info", "warning", "error"]],
  ["info", []],
])("from %s on a message makes a sound", async (loud, quiet) => {
  const hub = stand.open({ SNITCHBOT_LOUD: loud });
  const severities = ["info", "warning", "error", "critical"] as const;
  for (const severity of severities) await stand.tell([notify(`It is ${severity}`, { severity })], { hub });
  const silent = spending().filter(({ params }) => params.disable_notification === true);
  expect(silent.map(({ params }) => /It is (\w+)/.exec(String(params.text))?.[1])).toEqual(quiet);
});

test("when a mute ends, the chat hears how much it swallowed", async () => {
  await stand.tell([notify("Known trouble")]);
  await stand.mute({ service: "orders-api", fingerprint: fingerprintIn(stand.texts()[0]) }, 300_000, "Known trouble");
  await stand.mute({ service: "shop" }, 290_000, "");
  await stand.mute({ service: "worker-1" }, 280_000, "");
  await stand.tell([notify("Known trouble", { count: 26 })]);
  await stand.tell([notify("Known trouble")]);
  await stand.tell([notify("Anything")], { service: "shop" });
  await stand.tell([notify("Known trouble", { severity: "critical" })]);
  expect(stand.texts()).toHaveLength(2);
  await stand.tick(300_000);
  const [, , told] = stand.texts();
  expect(told?.replace(/[0-9a-f]{8}/, "‹fingerprint›")).toBe(
    ["🔔 No longer muted; 28 events were swallowed", "orders-api · ‹fingerprint› × 27  Known trouble", "shop × 1"].join(
      "\n",
    ),
  );
  await settle(3);
  expect(stand.shown()).toBe(1 + 26 + 1 + 1 + 1);
  await stand.tell([notify("Anything")], { service: "shop" });
  expect(stand.texts().at(-1)).toContain("Anything");
});

/** What made a sound, by its text. */
const loud = () =>
  spending().flatMap(({ method, params }) =>
    method === "sendMessage" && params.disable_notification !== true ? [String(params.text)] : [],
  );

test("what is critical is heard beside its own warning: in one batch, and while that is under way", async () => {
  await stand.tell([notify("Disk", { severity: "warning" }), notify("Disk", { severity: "critical" })]);
  expect(loud()).toEqual([expect.stringMatching(/^🟣[\s\S]*Disk/)]);
  await stand.abandon([notify("Fan", { severity: "warning" })]);
  await stand.tell([notify("Fan", { severity: "critical", count: 3 })], { hub: stand.open() });
  expect(loud()).toHaveLength(2);
  await settle(5);
  expect(stand.shown()).toBe(2 + 4);
});

test("what is critical is a message of its own also after a penalty, and so are starts and stops", async () => {
  await stand.tell(Array.from({ length: 18 }, (_, i) => notify(kindName(i))));
  await stand.tick(76_000);
  stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 20 });
  await stand.tell([notify("Meets the penalty")]);
  const lifecycle = { phase: "stop", reason: "sigterm" } as const;
  await stand.tell([
    notify("The database is gone", { severity: "critical" }),
    { kind: "lifecycle", severity: "info", title: "", at: stand.now, lifecycle },
  ]);
  await settle(3);
  expect(loud()).toContainEqual(expect.stringMatching(/^🟣[\s\S]*The database is gone/));
  expect(stand.texts()).toContainEqual(expect.stringMatching(/^orders-api stopped/));
});

test("after a long backlog what is critical comes first", async () => {
  stand.telegram.faults.add({ status: 502, html: true, times: 10_000 });
  for (let i = 0; i < 60; i++) {
    await stand.tell([notify(kindName(i), { severity: "info" })], { service: `s${i % 4}` });
    stand.now += 5_000;
  }
  await stand.tell([notify("The database is gone", { severity: "critical" })]);
  stand.telegram.faults.clear();
  await stand.tick(180_000);
  expect(stand.texts()[0]).toContain("The database is gone");
});

test("after a group has moved all hubs share the new chat's budget, its penalties and its death", async () => {
  stand.telegram.limiter.enable();
  stand.telegram.migrate(stand.telegram.alerts);
  await stand.tell([notify("One")], { hub: stand.open() });
  const knows = stand.open();
  for (let i = 0; i < 30; i++) await stand.tell([notify(kindName(i))], { hub: i % 2 ? knows : stand.open() });
  expect(refused()).toEqual([]);
  await stand.tick(80_000);
  stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 300 });
  await stand.tell([notify("Two")], { hub: stand.open() });
  const before = spending().length;
  for (let i = 30; i < 35; i++) await stand.tell([notify(kindName(i))], { hub: stand.open() });
  expect(spending()).toHaveLength(before);
  stand.now += 301_000;
  stand.telegram.faults.add({ method: "sendMessage", status: 403, description: "Forbidden: bot was kicked", times: 9 });
  await stand.tell([notify("Three")], { hub: stand.open() });
  expect(await stand.health()).toMatchObject({ status: 503, channel: "Forbidden: bot was kicked" });
});

test("that the bot was let in again is known to the hub that had given up on the chat", async () => {
  const met = stand.open();
  stand.telegram.faults.add({ status: 403, description: "Forbidden: bot was kicked", times: 1_000 });
  await stand.tell([notify("Waits")], { hub: met });
  const minutes = async (count: number) => {
    for (let i = 0; i < count; i++) {
      stand.now += 60_000;
      await met.tick(stand.now);
    }
  };
  await minutes(125);
  stand.telegram.faults.clear();
  stand.telegram.setMember(stand.telegram.alerts, "administrator");
  await stand.hear();
  await minutes(2);
  expect(stand.shown()).toBe(1);
});

test.each([401, 403])("a %i at the close of a window costs no count", async (status) => {
  for (const count of [1, 10, 10, 10, 7]) await stand.tell([notify("Cache is cold", { count })]);
  stand.telegram.faults.add({ status, description: "Unauthorized" });
  await stand.tick(300_000);
  await settle(10);
  expect(stand.shown()).toBe(38);
});

test("a dead chat is asked seldom, whatever waits for it", async () => {
  await stand.tell([], { dropped: 3 });
  await stand.beat("?every=60s&grace=60s");
  stand.telegram.faults.add({ status: 403, description: "Forbidden: bot was blocked by the user", times: 1_000 });
  await settle(240);
  expect(spending().length).toBeLessThan(16);
});

test("where no cron comes and each request meets a new hub, traffic does the work", async () => {
  await stand.abandon([notify("Left behind")]);
  for (let i = 0; i < 3; i++) {
    stand.now += 600_000;
    await stand.tell([notify(kindName(i))], { hub: stand.open() });
  }
  expect(stand.texts()).toContainEqual(expect.stringContaining("Left behind"));
});

test("a mute does not make milder what already waits", async () => {
  await stand.abandon([notify("Disk", { severity: "critical" })]);
  await stand.mute({ service: "orders-api" }, 6_000_000, "");
  await stand.tell([notify("Disk", { severity: "info" })]);
  await stand.tick(80_000);
  expect(stand.texts()).toEqual([expect.stringMatching(/^🟣/)]);
});

test("a hub whose clock is an hour ahead does not silence the others", async () => {
  const fast = stand.open({}, { clock: () => stand.now + 3_600_000 });
  for (let i = 0; i < 20; i++) await stand.tell([notify(kindName(i))], { hub: fast });
  stand.now += 120_000;
  await stand.tell([notify("The database is gone")], { service: "shop" });
  expect(stand.texts()).toContainEqual(expect.stringContaining("The database is gone"));
});

test("a digest makes a sound as the worst in it does", async () => {
  await stand.tell(Array.from({ length: 40 }, (_, i) => notify(kindName(i), { severity: "info" })));
  await stand.tick(80_000);
  expect(stand.texts()).toContainEqual(expect.stringMatching(/^📦/));
  expect(loud()).toEqual([]);
});

test.each([1, 2, 3, 4])(
  "whatever fails, what is shown adds up to what was accepted (%i)",
  async (seed) => {
    let state = seed * 2_654_435_761;
    const random = (below: number): number => {
      state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
      return state % below;
    };
    stand.telegram.limiter.enable();
    stand.telegram.chats.set(stand.telegram.alerts, { isForum: seed % 2 === 0 });
    const severities = ["info", "warning", "error", "critical"] as const;
    let accepted = 0;
    for (let step = 0; step < 60; step++) {
      const events = Array.from({ length: 1 + random(20) }, () =>
        notify(kindName(random(40)), { severity: severities[random(4)] ?? "error", count: 1 + random(5) }),
      );
      const service = ["orders-api", "shop", "worker-1"][random(3)] ?? "shop";
      const sum = events.reduce((total, { count = 1 }) => total + count, 0);
      switch (random(9)) {
        case 0:
          stand.telegram.faults.add({ method: "sendMessage", status: 500 + random(4), times: 1 + random(3) });
          break;
        case 1:
          stand.telegram.faults.add({ status: 429, retryAfter: 5 + random(90) });
          break;
        case 2:
          stand.upstash.faults.set({ kind: "lost", times: 1 });
          break;
        case 3:
          await stand.mute(random(2) === 0 ? { service } : {}, random(200_000), "").catch(() => undefined);
          break;
        case 4:
          await stand.abandon(events);
          accepted += sum;
          break;
        default:
          if ((await stand.tell(events, { service, hub: stand.open() })).status === 202) accepted += sum;
      }
      stand.now += random(20_000);
      if (random(3) === 0)
        await stand
          .open()
          .tick(stand.now)
          .catch(() => undefined);
    }
    stand.upstash.faults.clear();
    stand.telegram.faults.clear();
    await settle(60);
    expect(stand.shown()).toBe(accepted);
  },
  60_000,
);

test("while Redis is away errors come directly, marked and once; the rest is asked to come again", async () => {
  const body = async (answer: Response) => ({ status: answer.status, ...(await answer.json()) });
  stand.upstash.faults.set({ kind: "outage" });
  expect(await body(await stand.tell([notify("Cannot wait", { severity: "critical" })]))).toMatchObject({
    status: 202,
    accepted: 1,
    degraded: true,
  });
  await stand.tell([notify("Cannot wait", { severity: "critical" })]);
  expect(stand.texts()).toEqual([expect.stringMatching(/^⚠️ Redis is away: .*\n🟣 notify · orders-api/)]);

  const mild = await stand.tell([notify("Can wait", { severity: "info" })]);
  expect(mild.status).toBe(503);
  expect(Number(mild.headers.get("retry-after"))).toBeGreaterThan(0);

  const mixed = await body(
    await stand.tell([{ kind: "?" }, notify("Can wait", { severity: "info" }), notify("Cannot")]),
  );
  expect(mixed).toMatchObject({ status: 202, accepted: 1, verdicts: ["admitted"], degraded: true });
  expect(mixed.refused).toMatchObject([
    { index: 0, code: "bad_event" },
    { index: 1, code: "store_down" },
  ]);
  expect(stand.texts()).toHaveLength(2);
});

test("when Redis is back all is as before, and the chat hears for how long it was away", async () => {
  stand.upstash.faults.set({ kind: "outage" });
  await stand.tell([notify("Told directly")]);
  stand.upstash.faults.clear();
  expect((await stand.tell([notify("Too early")])).status).toBe(202); // the store is left alone for a moment
  stand.now += 180_000;
  await stand.tell([notify("Counted again")]);
  await stand.tell([notify("Counted again")]);
  expect(stand.texts()).toContain("✅ Redis is back after 3 min; 2 messages were sent without counting repeats");
  expect(
    stand.texts().filter((text) => text.includes("Counted again × 2") || /× 2\n[\s\S]*Counted again/.test(text)),
  ).toHaveLength(1);
  expect(stand.texts()).toHaveLength(4);
});

test("a storm while Redis is away sends five messages a minute at most, promises no more than it keeps, and is counted once Redis is back", async () => {
  stand.upstash.faults.set({ kind: "outage" });
  const statuses: number[] = [];
  for (let i = 0; i < 15; i++) statuses.push((await stand.tell([notify(kindName(i))])).status);
  expect(statuses).toEqual([...Array(5).fill(202), ...Array(10).fill(503)]);
  expect(stand.texts()).toHaveLength(5);
  stand.upstash.faults.clear();
  stand.now += 11_000;
  await stand.tell([]);
  const verdicts = (await (await stand.tell(Array.from({ length: 20 }, (_, i) => notify(kindName(i))))).json())
    .verdicts;
  expect(verdicts.filter((verdict: string) => verdict === "admitted")).toHaveLength(16 - 5 - 1); // the one says that it is back
});

test("with Redis and Telegram away nothing is promised", async () => {
  stand.upstash.faults.set({ kind: "outage" });
  stand.telegram.faults.add({ status: 502, html: true, times: 100 });
  expect((await stand.tell([notify("Nobody hears")])).status).toBe(503);
});

test("a store that hangs is given up in time, and then left alone", async () => {
  stand.upstash.faults.set({ kind: "hang" });
  const began = Date.now();
  expect((await stand.tell([notify("Cannot wait")])).status).toBe(202);
  for (let i = 0; i < 5; i++) await stand.tell([notify(kindName(i))]);
  expect(Date.now() - began).toBeLessThan(12_000); // one time-out, not six
}, 20_000);

async function penaltyWhileAway(): Promise<void> {
  stand.upstash.faults.set({ kind: "outage" });
  await stand.tell([notify("Told directly")]);
  stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 300 });
  await stand.tell([notify("Met a penalty")]);
  stand.upstash.faults.clear();
  stand.now += 20_000;
}

test("that Redis is back is not said before a penalty is over", async () => {
  await penaltyWhileAway();
  const before = spending().length;
  await stand.tell([notify("Can wait", { severity: "info" })]);
  expect(
    spending()
      .slice(before)
      .map(({ params }) => params.text),
  ).toEqual([]);
});

test("a penalty that was met while Redis was away is known to other hubs once it is back", async () => {
  await penaltyWhileAway();
  await stand.tell([notify("The hub that met it hears that Redis is back")]);
  const before = spending().length;
  await stand.tell([notify("Another hub")], { hub: stand.open() });
  expect(spending()).toHaveLength(before);
});

test("what was told directly is not told again because its batch was refused for another event", async () => {
  stand.upstash.faults.set({ kind: "outage" });
  for (let i = 0; i < 9; i++) await stand.tell([notify(kindName(i))]);
  const batch = [notify("The tenth of a minute"), notify("One too many")];
  expect((await stand.tell(batch, { id: "partly-told" })).status).toBe(503);
  stand.upstash.faults.clear();
  stand.now += 120_000;
  expect((await stand.tell(batch, { id: "partly-told" })).status).toBe(202);
  expect(stand.texts().filter((text) => text.includes("The tenth of a minute"))).toHaveLength(1);
});
