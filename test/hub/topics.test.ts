import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { notify, openStand, type Stand } from "../stand.ts";

let stand: Stand;
let chat: number;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(async () => {
  await stand.reset();
  chat = stand.telegram.alerts;
  stand.telegram.chats.set(chat, { isForum: true });
});

const topics = () => [...stand.telegram.chats.get(chat).topics.values()];
const made = () => stand.telegram.calls.filter(({ method }) => method === "createForumTopic");
/** What was told, by topic; "" is the chat itself. */
const told = (words: string): string[] =>
  stand.telegram
    .messages(chat)
    .filter(({ text }) => text?.includes(words))
    .map(({ message_thread_id: id }) => topics().find((topic) => topic.message_thread_id === id)?.name ?? "");
const remove = (threadId = 0) => {
  const body = JSON.stringify({ chat_id: chat, message_thread_id: threadId });
  const headers = { "content-type": "application/json" };
  const url = `http://telegram.test/bot${stand.telegram.token}/deleteForumTopic`;
  return stand.telegram.fetch(url, { method: "POST", headers, body });
};

test("each service gets its topic, with a colour of its own, that every hub knows and every restart", async () => {
  for (const service of ["orders-api", "shop", "orders-api"])
    await stand.tell([notify(`From ${service}`, { fingerprint: String(Math.random()) })], {
      service,
      hub: stand.open(),
    });
  expect(told("From orders-api")).toEqual(["orders-api", "orders-api"]);
  expect(told("From shop")).toEqual(["shop"]);
  const [orders, shop] = topics();
  expect(orders?.icon_color).not.toBe(shop?.icon_color);
  expect(made()).toHaveLength(2);
  expect(stand.telegram.violations).toEqual([]);
});

test("sixteen hubs at once make one topic", async () => {
  const hubs = Array.from({ length: 16 }, () => stand.open());
  await Promise.all(hubs.map((hub, i) => stand.tell([notify(`First ${"abcdefghijklmnop"[i]}`)], { hub })));
  stand.now += 75_000;
  await stand.tell([notify("Afterwards")]);
  expect(made()).toHaveLength(1);
  expect(told("Afterwards")).toEqual(["orders-api"]);
  expect(told("First").filter((topic) => topic === "orders-api").length).toBeGreaterThan(0);
});

test("a topic that somebody deleted is made again, once, and what met the gap is told there", async () => {
  await stand.tell([notify("Before")]);
  await remove(topics()[0]?.message_thread_id);
  const hub = stand.open();
  await stand.tell([notify("Into the gap")], { hub });
  await stand.tell([notify("After it")], { hub });
  expect([told("Into the gap"), told("After it")]).toEqual([["orders-api"], ["orders-api"]]);
  expect(made()).toHaveLength(2);
});

test("a topic that is deleted for ever and ever does not keep a message", async () => {
  stand.telegram.faults.add({
    method: "sendMessage",
    match: "message_thread_id",
    status: 400,
    description: "Bad Request: message thread not found",
    times: 9,
  });
  await stand.tell([notify("Told all the same")]);
  expect(told("Told all the same")).toEqual([""]);
  expect(made()).toHaveLength(2);
});

test("a topic that somebody closed is left alone: what is told goes to the chat", async () => {
  await stand.tell([notify("Before")]);
  const [topic] = topics();
  stand.telegram.chats.get(chat).topics.set(topic?.message_thread_id ?? 0, { ...topic, closed: true } as never);
  await stand.tell([notify("Still told")]);
  expect(told("Still told")).toEqual([""]);
  expect(made()).toHaveLength(1);
});

test("without the right to make topics all is told in the chat, with one hint, and with the right they come", async () => {
  stand.telegram.chats.set(chat, { rights: { can_manage_topics: false } });
  await stand.tell([notify("One")], { hub: stand.open() });
  await stand.tell([notify("Two")], { service: "shop", hub: stand.open() });
  await stand.tick(25 * 3_600_000);
  await stand.tell([notify("Three")], { hub: stand.open() });
  expect(stand.texts().filter((text) => text.startsWith("💡"))).toEqual([
    "💡 This chat has topics. Let me manage them, and each service gets its own; until then all is told here.",
  ]);
  expect(made()).toHaveLength(2); // one a day
  stand.telegram.chats.set(chat, { rights: { can_manage_topics: true } });
  stand.telegram.setMember(chat, "administrator");
  await stand.hear();
  await stand.tell([notify("Four")]);
  expect(told("Four")).toEqual(["orders-api"]);
});

test("a chat without topics is asked once a day, and costs no hint", async () => {
  stand.telegram.chats.set(chat, { isForum: false });
  for (let i = 0; i < 3; i++) await stand.tell([notify(`Number ${"abc"[i]}`)], { hub: stand.open() });
  expect(made()).toHaveLength(1);
  expect(stand.texts()).toHaveLength(3);
});

test("a penalty that a new topic meets is obeyed, and the message comes after it", async () => {
  stand.telegram.faults.add({ method: "createForumTopic", status: 429, retryAfter: 100 });
  await stand.tell([notify("Later")]);
  const until = stand.now + 100_000;
  await stand.tick(90_000);
  expect(stand.texts()).toEqual([]);
  expect(stand.telegram.calls.filter(({ at }) => at < until)).toHaveLength(1);
  await stand.tick(30_000);
  expect(told("Later")).toEqual(["orders-api"]);
});

test.each([
  ["500", { status: 500 }],
  ["a lost answer", { lost: true }],
])("%s for a new topic does not keep the message", async (_, fault) => {
  stand.telegram.faults.add({ method: "createForumTopic", ...fault });
  await stand.tell([notify("At once")]);
  expect(told("At once")).toEqual([""]);
  await stand.tick(60_000);
  await stand.tell([notify("Next")]);
  expect(told("Next")).toEqual(["orders-api"]);
});

test("a private chat with topics has them too", async () => {
  const { id } = stand.telegram.chats.create({ type: "private", isForum: true }).chat;
  chat = id;
  await stand.tell([notify("Just for you")], { hub: stand.open({ TELEGRAM_CHAT_ID: String(id) }) });
  expect(told("Just for you")).toEqual(["orders-api"]);
});

test("a digest is for all services, and so is in the chat itself", async () => {
  stand.telegram.limiter.enable();
  await stand.tell(Array.from({ length: 50 }, (_, i) => notify("Storm", { fingerprint: `kind-${i}` })));
  await stand.tick(80_000);
  expect(told("📦")).toEqual([""]);
  expect(told("Storm").filter((topic) => topic === "orders-api").length).toBeGreaterThanOrEqual(16);
});

test("a higher severity replies to the message that it outdoes, in its topic", async () => {
  await stand.tell([notify("Disk is filling", { severity: "warning" })]);
  await stand.tell([notify("Disk is filling", { severity: "critical" })]);
  const [first, second] = stand.telegram.messages(chat).filter(({ text }) => text?.includes("Disk"));
  expect(second?.reply_to_message?.message_id).toBe(first?.message_id);
  expect(second?.message_thread_id).toBe(first?.message_thread_id);
});
