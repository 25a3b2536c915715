/** Which chat is told, where the hub was given none. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Hub } from "../../src/hub/hub.ts";
import { createKeyring } from "../../src/hub/keys.ts";
import { notify, openStand, SECRET, type Stand } from "../stand.ts";

let stand: Stand;
let code: string;
let ours: number;
let other: number;

beforeAll(async () => {
  stand = await openStand();
  code = (await createKeyring(SECRET).derive("claim")).slice(0, 32);
});
afterAll(() => stand.stop());
beforeEach(async () => {
  await stand.reset();
  stand.now = Date.UTC(2026, 10, 21, 14, 18, 42);
  ours = stand.telegram.chats.create({ type: "private" }).chat.id;
  other = stand.telegram.chats.create({ type: "supergroup", title: "Other" }).chat.id;
});

const unbound = (): Hub => stand.open({ TELEGRAM_CHAT_ID: "" });
const ask = (text: string, chatId = ours, hub = unbound()) => stand.ask(text, { chatId, hub });
const crash = (title: string) => notify(title, { fingerprint: title });
const textsIn = (chatId: number) =>
  stand.telegram.messages(chatId).flatMap(({ from, text }) => (from?.is_bot ? [text] : []));
const BOUND = /^✅ This chat is mine now/;

describe("the claim code", () => {
  test("binds a private chat, and what waited until then is told", async () => {
    await stand.tell([crash("Before")], { hub: unbound() });
    expect(textsIn(ours)).toEqual([]);
    stand.now += 60_000;
    const said = await ask(`/start ${code}`);
    expect(said).toMatch(BOUND);
    expect(said).toContain("Before");
    await stand.tell([crash("After")], { hub: unbound() });
    expect(textsIn(ours).at(-1)).toContain("After");
    expect(await stand.health()).toMatchObject({ status: 200 });
    expect(stand.telegram.violations).toEqual([]);
  });

  test("binds a group by Telegram's link, whose every member may ask then", async () => {
    expect(await ask(`/start@${stand.telegram.bot.username} ${code}`, other)).toMatch(BOUND);
    expect(await ask("/where", other)).toContain(`Alerts go to chat ${other}. It was bound with the claim code`);
    expect(await ask("/where", ours)).toBe("");
  });

  test.each(["wrong", "x".repeat(32), ""])("that is not it (%j) meets silence", async (wrong) => {
    expect(await ask(`/start ${wrong}`)).toBe("");
    expect(stand.telegram.calls.filter(({ method }) => method !== "getUpdates")).toEqual([]);
  });

  test("takes no chat from another, nor from a hub that was given one", async () => {
    await ask(`/start ${code}`);
    expect(await ask(`/start ${code}`, other)).toBe("");
    expect(await stand.ask(`/start ${code}`, { chatId: other })).toBe("");
    expect(await stand.ask("/where")).toContain("It is set by TELEGRAM_CHAT_ID.");
  });

  test("said twice, and an update that comes again, change nothing", async () => {
    await ask(`/start ${code}`);
    expect(await ask(`/start ${code}`)).toMatch(BOUND);
    const message = {
      message_id: 9,
      date: 0,
      chat: { id: ours, type: "private" },
      from: { id: ours },
      text: `/start ${code}`,
    };
    await stand.update({ update_id: 77, message }, unbound());
    const before = stand.telegram.calls.length;
    await stand.update({ update_id: 77, message }, unbound());
    expect(stand.telegram.calls).toHaveLength(before);
  });

  test("is of no use to who may not command", async () => {
    const hub = stand.open({ TELEGRAM_CHAT_ID: "", TELEGRAM_ALLOWED_USERS: "1" });
    expect(await ask(`/start ${code}`, ours, hub)).toBe("");
  });
});

describe("a bound chat", () => {
  test("costs a batch no more than one that was given, once its hub knows it", async () => {
    await ask(`/start ${code}`);
    const hub = unbound();
    await stand.tell([crash("First")], { hub });
    stand.now += 10_000;
    const bound = await stand.upstash.meter.measure(() => stand.tell([crash("Second")], { hub }));
    await stand.reset();
    const given = stand.open({ TELEGRAM_CHAT_ID: String(ours) });
    stand.telegram.chats.create({ type: "private" });
    await stand.tell([crash("First")], { hub: given });
    stand.now += 10_000;
    const usual = await stand.upstash.meter.measure(() => stand.tell([crash("Second")], { hub: given }));
    expect(bound.commands).toEqual(usual.commands);
  });

  test("that is private is told within its own limits from the first batch on", async () => {
    await ask(`/start ${code}`);
    stand.now += 10_000;
    stand.telegram.limiter.enable();
    await stand.tell(
      Array.from({ length: 12 }, (_, i) => crash(`Fault ${"abcdefghijkl"[i]}`)),
      { hub: unbound() },
    );
    stand.telegram.limiter.disable();
    const refused = stand.telegram.calls.filter(({ answer }) => answer?.ok === false && answer.error_code === 429);
    expect(refused).toEqual([]);
    expect(textsIn(ours).length).toBeGreaterThan(1);
  });

  test("that becomes a supergroup stays bound", async () => {
    const group = stand.telegram.chats.create({ type: "group", title: "Small" }).chat.id;
    await ask(`/start ${code}`, group);
    const { chat } = stand.telegram.migrate(group);
    await stand.hear(unbound());
    await stand.tell([crash("Moved")], { hub: unbound() });
    stand.now += 10_000;
    expect(textsIn(chat.id).join()).toContain("Moved");
    expect(await ask("/where", chat.id)).toContain(String(chat.id));
  });

  test("is unbound by one who confirms it; every hub hears of it with its next batch", async () => {
    await ask(`/start ${code}`);
    const busy = unbound();
    await stand.tell([crash("Told")], { hub: busy });
    stand.now += 10_000;
    expect(await ask("/unbind")).toBe(
      "Nothing will be told here any more. What happens then waits for the chat that is claimed next.\n[✖️ Yes, unbind this chat]",
    );
    const question = stand.telegram.messages(ours).at(-1)?.message_id ?? 0;
    const answered = stand.telegram.press(ours, question, "✖️ Yes, unbind this chat");
    await stand.hear(unbound());
    await answered;
    expect(textsIn(ours).at(-1)).toMatch(/^👋 Unbound/);
    const told = textsIn(ours).length;
    await stand.tell([crash("Not told")], { hub: busy });
    expect(textsIn(ours)).toHaveLength(told);
    stand.now += 60_000;
    expect(await ask(`/start ${code}`, other)).toContain("Not told");
  });
});

test("a chat that the hub was given is not unbound by a word", async () => {
  expect(await stand.ask("/unbind yes")).toContain("set by TELEGRAM_CHAT_ID");
  expect(await stand.ask("/where")).toMatch(/^📍/);
});
