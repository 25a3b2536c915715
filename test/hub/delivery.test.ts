import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { LEASE, WINDOW } from "../../src/hub/store/store.ts";
import { notify, openStand, type Stand } from "../stand.ts";

let stand: Stand;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(() => stand.reset());

const calls = (method: string) => stand.telegram.calls.filter((call) => call.method === method);
const header = () => stand.texts().map((text) => text.split("\n")[0]);

test("repeats rewrite the message at the rungs, and show the exact number when their window closes", async () => {
  for (let i = 0; i < 8; i++) await stand.tell([notify("Cache is cold")]);
  expect(header()[0]).toMatch(/× 5$/);
  expect(calls("editMessageText")).toHaveLength(2);
  expect(await stand.tick(WINDOW)).toMatchObject({ claimed: 1, left: 0 });
  expect(header()).toEqual([expect.stringMatching(/× 8$/)]);
  expect(await stand.tick(WINDOW)).toMatchObject({ claimed: 0 });
});

const slow = (ms: number, given: object = {}) => ({
  ...{ kind: "slow", severity: "warning", at: stand.now, title: `search took ${ms} ms` },
  ...{ slow: { name: "search", ms, thresholdMs: 100 }, ...given },
});
const took = () => stand.texts().map((text) => /took (\d+) ms/.exec(text)?.[1]);

test("a slow call that repeats shows the longest, whichever came first, now and when its window closes", async () => {
  for (const ms of [250, 900, 300, 400, 500]) await stand.tell([slow(ms)]);
  expect([header()[0]?.slice(-3), took()]).toEqual(["× 5", ["900"]]);
  await stand.tell([slow(950)]);
  await stand.tick(WINDOW);
  expect([header()[0]?.slice(-3), took()]).toEqual(["× 6", ["950"]]);
});

test("what takes twice as long is shown at once, between two rungs", async () => {
  for (const ms of [250, 300, 599]) await stand.tell([slow(ms)]);
  expect([header()[0]?.slice(-3), took()]).toEqual(["× 2", ["300"]]);
  await stand.tell([slow(1_198, { title: "search still running after 1 s" })]);
  expect(stand.texts()).toEqual([expect.stringMatching(/× 4\n[\s\S]*still running after 1 198 ms/)]);
});

test("of one batch, too, the longest is told", async () => {
  await stand.tell([slow(250), slow(900), slow(300)]);
  expect([header()[0]?.slice(-3), took()]).toEqual(["× 3", ["900"]]);
});

test("what was blocked shows in the end for how long, and by what", async () => {
  const blocked = (ms: number, stack: string) => ({
    ...{ kind: "watchdog", severity: "error", at: stand.now, title: "", fingerprint: "block-1" },
    watchdog: { ms, thresholdMs: 500, stack: `at ${stack} (/app/src/hash.ts:4:2)` },
  });
  await stand.tell([blocked(2_004, "hash")]);
  stand.now += 700;
  await stand.tell([blocked(2_690, "login")]);
  const [text] = stand.texts();
  expect(text).toContain("Event loop blocked for 2 690 ms (threshold 500 ms)");
  expect(text).toContain("in login()");
});

test("a milder repeat does not make a message milder", async () => {
  await stand.tell([notify("Disk is full", { severity: "error", extras: { free: "0 MB" } })]);
  await stand.tell([notify("Disk is full", { severity: "info", extras: { free: "9 MB" } })]);
  expect(stand.texts()).toEqual([expect.stringMatching(/^🔴 .* × 2\n[\s\S]*free 0 MB/)]);
});

test("of what is as bad as before the newest is shown, also when its window closes", async () => {
  for (const free of ["9 MB", "5 MB", "2 MB"]) await stand.tell([notify("Disk is filling", { extras: { free } })]);
  expect(stand.texts()).toEqual([expect.stringMatching(/× 2\n[\s\S]*free 5 MB/)]);
  await stand.tick(WINDOW);
  expect(stand.texts()).toEqual([expect.stringMatching(/× 3\n[\s\S]*free 2 MB/)]);
});

test("a batch of many repeats rewrites their message once", async () => {
  await stand.tell([notify("Cache is cold")]);
  await stand.tell(Array.from({ length: 20 }, () => notify("Cache is cold")));
  expect(header()).toEqual([expect.stringMatching(/× 21$/)]);
  expect(calls("editMessageText")).toHaveLength(1);
});

test("what a client folded is shown from the start", async () => {
  await stand.tell([notify("Cache is cold", { count: 400 })]);
  expect(header()).toEqual([expect.stringMatching(/× 400$/)]);
});

test("after its window the same event is a new message", async () => {
  await stand.tell([notify("Cache is cold")]);
  stand.now += WINDOW;
  await stand.tell([notify("Cache is cold")]);
  expect(stand.texts()).toHaveLength(2);
});

test("what a killed hub has taken in is told by the next tick, once", async () => {
  await stand.abandon([notify("Left behind")]);
  expect(await stand.tick()).toMatchObject({ claimed: 0 });
  expect(await stand.tick(LEASE)).toMatchObject({ claimed: 1, sent: 1, left: 0 });
  expect(await stand.tick(LEASE)).toMatchObject({ claimed: 0 });
  expect(stand.texts()).toEqual([expect.stringContaining("Left behind")]);
});

test("the tick tells what is most important first", async () => {
  const severities = ["info", "critical", "warning", "error"] as const;
  await stand.abandon(severities.map((severity) => notify(`It is ${severity}`, { severity })));
  await stand.tick(LEASE);
  expect(stand.texts().map((text) => /It is (\w+)/.exec(text)?.[1])).toEqual(["critical", "error", "warning", "info"]);
});

test("sixteen ticks at once tell each message once", async () => {
  await stand.abandon(Array.from({ length: 12 }, (_, i) => notify(`Number ${"abcdefghijkl"[i]}`)));
  stand.now += 75_000; // what the killed hub was granted is the chat's again
  await Promise.all(Array.from({ length: 16 }, () => stand.open().tick(stand.now)));
  expect(stand.texts()).toHaveLength(12);
});

test("after a 429 nothing is sent before its time, and then everything", async () => {
  stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 40 });
  await stand.tell([notify("First"), notify("Second"), notify("Third")]);
  expect(calls("sendMessage")).toHaveLength(1);
  await stand.tell([notify("Fourth")]);
  expect(await stand.tick(LEASE + 5_000)).toMatchObject({ sent: 0 });
  expect(calls("sendMessage")).toHaveLength(1);
  await stand.tick(10_000);
  expect(stand.texts()).toHaveLength(4);
});

test.each([
  ["a broken connection", { lost: false, status: 500 }],
  ["a proxy's page", { html: true }],
])("after %s the message comes with a later tick", async (_, fault) => {
  stand.telegram.faults.add({ method: "sendMessage", ...fault });
  await stand.tell([notify("Patience")]);
  expect(stand.texts()).toEqual([]);
  expect(await stand.tick(LEASE)).toMatchObject({ sent: 1 });
  expect(stand.texts()).toHaveLength(1);
});

test("an answer that was lost may double a message, but never loses it", async () => {
  stand.telegram.faults.add({ method: "sendMessage", lost: true });
  await stand.tell([notify("Perhaps twice")]);
  await stand.tick(LEASE);
  expect(stand.texts()).toHaveLength(2);
});

test("a message that Telegram cannot format arrives as plain text", async () => {
  const description = "Bad Request: can't parse entities: entity begins after the end of the text at UTF-16 offset 9";
  stand.telegram.faults.add({ method: "sendMessage", status: 400, description });
  await stand.tell([notify("Plain is fine")]);
  const [message] = stand.telegram.messages();
  expect(message?.text).toContain("Plain is fine");
  expect(message?.entities ?? []).toEqual([]);
});

test("a message that Telegram refuses does not keep the others", async () => {
  stand.telegram.faults.add({ method: "sendMessage", status: 400, description: "Bad Request: message is too long" });
  await stand.tell([notify("Refused"), notify("Accepted")]);
  await stand.tick(LEASE);
  expect(stand.texts()).toContainEqual(expect.stringContaining("Accepted"));
  expect(await stand.tick(WINDOW)).toMatchObject({ claimed: 0 });
});

test("a group that became a supergroup gets its message there", async () => {
  const group = stand.telegram.migrate(stand.telegram.alerts);
  await stand.tell([notify("We moved")]);
  expect(stand.telegram.messages(group.chat.id).some(({ text }) => text?.includes("We moved"))).toBe(true);
});

test("a chat that blocked the bot shows in health, and gets its message when it is back", async () => {
  stand.telegram.faults.add({
    method: "sendMessage",
    status: 403,
    description: "Forbidden: bot was kicked from the supergroup chat",
  });
  const hub = stand.open();
  await stand.tell([notify("Anybody there?")], { hub });
  const health = await hub.fetch(new Request("http://hub.test/health"), { waitUntil: () => undefined });
  expect(await health.json()).toMatchObject({
    channel: "Forbidden: bot was kicked from the supergroup chat",
    outbox: 1,
  });
  await stand.tick(60_000);
  expect(stand.texts()).toHaveLength(1);
});

test("somebody deletes the message: repeats cause no noise, the next window a new message", async () => {
  await stand.tell([notify("Delete me")]);
  stand.telegram.faults.add({
    method: "editMessageText",
    status: 400,
    description: "Bad Request: message to edit not found",
    times: 9,
  });
  await stand.tell([notify("Delete me")]);
  expect(await stand.tick(WINDOW)).toMatchObject({ claimed: 1, left: 0 });
  await stand.tell([notify("Delete me")]);
  expect(stand.texts()).toHaveLength(2);
});

test("what is over the limit comes as one digest, and the counts add up", async () => {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  await stand.tell(Array.from({ length: 50 }, (_, i) => notify(`Kind ${letters[i]}`)));
  expect(stand.texts()).toHaveLength(16);
  await stand.tick(60_000);
  expect(stand.texts().filter((text) => text.startsWith("📦 34 more alerts of orders-api"))).toHaveLength(1);
  expect(stand.shown()).toBe(50);
  await stand.tell([notify("One more of another service")], { service: "shop" });
  await stand.tell(Array.from({ length: 4 }, (_, i) => notify(`Late ${letters[i]}`, { count: 10 })));
  await stand.tick(60_000);
  expect(stand.shown()).toBe(50 + 1 + 40);
  expect(stand.texts().filter((text) => text.startsWith("📦"))).toHaveLength(1);
});

test("no count is lost where one window ends and the next begins", async () => {
  let sent = 0;
  for (const wait of [0, 1, 2, WINDOW - 1, WINDOW + 1, 2 * WINDOW, 10, WINDOW + 59_000]) {
    stand.now += wait;
    await stand.tell([notify("On and off", { count: 3 })]);
    sent += 3;
  }
  for (let i = 0; i < 8; i++) await stand.tick(60_000);
  expect(stand.shown()).toBe(sent);
});

test("a higher severity is a new, loud message; the old one keeps its number", async () => {
  for (let i = 0; i < 3; i++) await stand.tell([notify("Disk is filling", { severity: "warning" })]);
  await stand.tell([notify("Disk is filling", { severity: "critical" })]);
  await stand.tick();
  expect(header()).toEqual([expect.stringMatching(/^🟠.* × 3$/), expect.stringMatching(/^🟣.*\w$/)]);
  expect(calls("sendMessage").at(-1)?.params.disable_notification ?? false).toBe(false);
});

test("what goes on for an hour is told again", async () => {
  for (let i = 0; i <= 15; i++) {
    await stand.tell([notify("It does not stop")]);
    await stand.tick(240_000);
  }
  expect(stand.texts()).toHaveLength(2);
  for (let i = 0; i < 6; i++) await stand.tick(60_000);
  expect(stand.shown()).toBe(16);
});

test("a refused digest is told later", async () => {
  stand.telegram.faults.add({ method: "sendMessage", status: 400, description: "Bad Request: message is too long" });
  await stand.tell([], { dropped: 5 });
  await stand.tick(60_000);
  await stand.tell([], { dropped: 7 });
  await stand.tick(3_600_000);
  expect(stand.texts()).toEqual([
    expect.stringMatching(/^⚠️ snitchbot could not/),
    expect.stringContaining("12 events"),
  ]);
});

test.each([
  "Bad Request: TOPIC_CLOSED",
  "Bad Request: CHAT_WRITE_FORBIDDEN",
  "Bad Request: need administrator rights in the channel chat",
  "Bad Request: message thread not found",
  "Bad Request: something Telegram thought of yesterday",
])("what may be the chat's fault costs no message: %s", async (description) => {
  stand.telegram.faults.add({ method: "sendMessage", status: 400, description });
  await stand.tell([notify("Hold on")]);
  await stand.tick(60_000);
  expect(stand.texts()).toEqual([expect.stringContaining("Hold on")]);
});

test("a longer wait is not shortened by a shorter one", async () => {
  stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 300, match: "Long", delay: 30 });
  stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 3, match: "Short", delay: 60 });
  await Promise.all([stand.tell([notify("Long")]), stand.tell([notify("Short")])]);
  await stand.tick(60_000);
  expect(calls("sendMessage")).toHaveLength(2);
  expect(stand.texts()).toEqual([]);
  await stand.tick(240_000);
  expect(stand.texts()).toHaveLength(2);
});

test("a window that was open when the group moved closes, and does not hold up the new chat", async () => {
  await stand.tell([notify("Before the move")]);
  await stand.tell([notify("Before the move", { count: 2 })]);
  const group = stand.telegram.migrate(stand.telegram.alerts);
  stand.now += WINDOW;
  await stand.tick();
  await stand.tell([notify("After the move", { severity: "critical" })]);
  expect(stand.telegram.messages(group.chat.id).some(({ text }) => text?.includes("After the move"))).toBe(true);
  expect(await stand.tick(60_000)).toMatchObject({ claimed: 0 });
});

test("what a client had to give up is told", async () => {
  await stand.tell([], { dropped: 42 });
  await stand.tick(60_000);
  expect(stand.texts()).toEqual([expect.stringContaining("42")]);
});

test("below error there is no sound", async () => {
  for (const severity of ["info", "warning", "error", "critical"] as const)
    await stand.tell([notify(`A ${severity}`, { severity })]);
  const sounds = calls("sendMessage").map(({ params }) => params.disable_notification ?? false);
  expect(sounds).toEqual([true, true, false, false]);
});

test("a secret that a client let through does not reach the chat", async () => {
  await stand.tell([
    notify("Login failed for key=sk_live_4eC39HqLyjWDarjtT1zdp7dc", { extras: { password: "hunter2" } }),
  ]);
  expect(stand.texts()[0]).toContain("Login failed");
  expect(stand.texts()[0]).not.toMatch(/hunter2|4eC39Hq/);
});
