/** The dashboard: one message that is made, pinned, rewritten when something has changed, and found again when it is lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ChatMessage } from "../../src/dev/telegram/room.ts";
import { connect, createStore } from "../../src/hub/store/store.ts";
import { engines } from "../engines.ts";
import { notify, openStand, type Stand } from "../stand.ts";

const MINUTE = 60_000;
const RULE = "━".repeat(18);

describe.each(engines)("the dashboard on the %s engine", (engine) => {
  /** What the scripts have no part in is tried on one engine. */
  const more = test.skipIf(engine !== engines[0]);
  let stand: Stand;

  beforeAll(async () => {
    stand = await openStand(engine);
  });
  afterAll(() => stand.stop());
  beforeEach(async () => {
    await stand.reset();
    stand.now = Date.UTC(2026, 10, 21, 14, 18, 42);
  });

  const boards = (): ChatMessage[] => stand.telegram.messages().filter(({ text }) => text?.includes("\nUpdated "));
  const board = () => boards().at(-1)?.text;
  const pinned = () => stand.telegram.chats.get(stand.telegram.alerts).pinned;
  const calls = (method: string) => stand.telegram.calls.filter((call) => call.method === method).length;
  const edits = () => calls("editMessageText");
  /** Minutes pass, each with its tick; services beat in each. */
  async function pass(minutes: number, ...beating: string[]): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      stand.now += MINUTE;
      for (const service of beating) await stand.beat("?every=1m", { service });
      await stand.tick();
    }
  }
  async function delete_(messageId: number): Promise<void> {
    const url = `http://telegram.test/bot${stand.telegram.token}/deleteMessage`;
    const body = JSON.stringify({ chat_id: stand.telegram.alerts, message_id: messageId });
    await stand.telegram.fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  }
  /** With one service that has told something, so long ago that nobody minds. */
  async function switchOn(): Promise<void> {
    await stand.beat("?every=1m");
    await stand.ask("/dashboard on");
    await stand.tick();
  }

  test("is switched, and says what it is", async () => {
    expect(await stand.ask("/dashboard")).toBe("📌 There is no dashboard.\n[📌 switch on]");
    await stand.press(stand.telegram.messages().at(-1)?.message_id ?? 0, "📌 switch on");
    expect(stand.texts().at(-1)).toMatch(/^📌 The dashboard is on: it is here in a minute or two/);
    expect(await stand.ask("/dashboard")).toBe("📌 The dashboard is on: it is here in a minute or two.\n[switch off]");
    await stand.tick();
    stand.now += 3 * MINUTE;
    expect(await stand.ask("/dashboard")).toBe("📌 The dashboard is on: last changed 3m ago.\n[switch off]");
    expect(await stand.ask("/dashboard ON")).toBe("📌 The dashboard is on already.");
    expect(await stand.ask("/dashboard maybe")).toContain(
      '🤔 "maybe" is neither on nor off.\nUsage: /dashboard [on | off]',
    );
    expect(await stand.ask("/dashboard off")).toMatch(/^📌 The dashboard is off/);
    expect(stand.telegram.violations).toEqual([]);
  });

  test("is one message without a sound, pinned without a sound, once", async () => {
    await switchOn();
    expect(board()).toBe(`🟢 1 service, all well\n${RULE}\n🟢 orders-api\nUpdated just now`);
    expect(boards()).toMatchObject([
      {
        silent: true,
        entities: expect.arrayContaining([expect.objectContaining({ type: "date_time", date_time_format: "r" })]),
      },
    ]);
    expect(pinned()).toEqual([boards()[0]?.message_id]);
    expect(stand.telegram.calls.find(({ method }) => method === "pinChatMessage")?.params).toMatchObject({
      disable_notification: true,
    });
    await pass(17, "orders-api");
    expect([boards().length, calls("pinChatMessage"), edits()]).toEqual([1, 1, 0]);
  });

  test("shows what is wrong, what is down and what was told last, the worst first; and when that is over", async () => {
    await stand.beat("?every=1m", { service: "billing" });
    await switchOn();
    await stand.tell([notify("Cache is cold", { severity: "warning" })], { service: "shop" });
    await pass(5, "billing");
    expect(board()).toBe(
      [
        "🔴 1 of 3 services needs help",
        RULE,
        "🔴 orders-api · down",
        "🟡 shop · warnings in the last 15 min",
        "🟢 billing",
        "Down",
        "  orders-api silent since 14:20:42 UTC",
        "Last alert 🟠 shop 2m ago",
        "Updated just now",
      ].join("\n"),
    );
    await pass(15, "billing", "orders-api");
    expect(board()).toBe(
      [
        "🟢 3 services, all well",
        RULE,
        "🟢 billing",
        "🟢 orders-api",
        "🟢 shop",
        "Last alert 🟠 shop 15m ago",
        "Updated just now",
      ].join("\n"),
    );
  });

  test("is rewritten once a minute at most, whatever happens and whoever ticks", async () => {
    await switchOn();
    for (let i = 0; i < 30; i++) {
      stand.now += 10_000;
      await stand.tell([notify(`Boom ${"abcdefghijklmnopqrstuvwxyzäöüß"[i]}`)]);
      await Promise.all([stand.open().tick(stand.now), stand.open().tick(stand.now), stand.tick()]);
    }
    const times = stand.telegram
      .history(stand.telegram.alerts, boards()[0]?.message_id ?? 0)
      .map(({ date, edit_date = date }) => edit_date);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(gaps.length).toBeGreaterThan(1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(55);
    expect([boards().length, pinned().length]).toEqual([1, 1]);
  });

  test("is made once by hubs that tick at once, and a hub that knows nothing finds it again", async () => {
    await stand.beat("?every=1m");
    await stand.ask("/dashboard on");
    await Promise.all(Array.from({ length: 8 }, () => stand.open().tick(stand.now)));
    expect(boards()).toHaveLength(1);
    await stand.tell([notify("Disk is full")]);
    stand.now += MINUTE;
    await stand.open().tick(stand.now);
    expect(boards()).toHaveLength(1);
    expect(board()).toContain("🔴 orders-api · errors in the last 15 min");
  });

  test("gives way to alerts: it takes no call that they could need", async () => {
    await switchOn();
    await stand.tell(Array.from({ length: 10 }, (_, i) => notify("Storm", { fingerprint: `storm-${i}` })));
    const before = edits();
    await pass(1, "orders-api");
    expect(edits()).toBe(before);
    await pass(3, "orders-api");
    expect(board()).toContain("🔴 orders-api");
  });

  more("comes back when somebody has deleted it, but once an hour at most", async () => {
    await switchOn();
    await delete_(boards()[0]?.message_id ?? 0);
    await stand.tell([notify("Disk is full")]);
    await pass(50, "orders-api");
    expect(boards()).toEqual([]);
    await pass(15, "orders-api");
    expect(boards()).toHaveLength(1);
    expect(pinned()).toEqual([boards()[0]?.message_id]);
  });

  more("goes without a pin where we may not pin, and says so once", async () => {
    stand.telegram.chats.set(stand.telegram.alerts, { rights: { can_pin_messages: false } });
    await switchOn();
    await stand.tell([notify("Disk is full")]);
    await pass(3, "orders-api");
    expect(board()).toContain("🔴 orders-api");
    expect(stand.texts().filter((text) => text.startsWith("💡"))).toEqual([
      "💡 Let me pin messages, and the dashboard stays at the top of the chat.",
    ]);
    expect([pinned(), calls("pinChatMessage")]).toEqual([[], 1]);
    expect(await stand.health()).toMatchObject({ channel: "ok" });
  });

  more.each([
    ["sendMessage", "Updated"],
    ["pinChatMessage", ""],
    ["editMessageText", ""],
  ])("waits out a penalty that %s meets, and goes on", async (method, match) => {
    if (method === "editMessageText") await switchOn();
    else {
      await stand.beat("?every=1m");
      await stand.ask("/dashboard on");
    }
    stand.telegram.faults.add({ method, match, status: 429, retryAfter: 90 });
    if (method === "editMessageText") await stand.tell([notify("Disk is full")]);
    await pass(1, "orders-api");
    const made = stand.telegram.calls.length;
    await pass(1, "orders-api");
    expect(stand.telegram.calls.length).toBe(made);
    await pass(4, "orders-api");
    expect([boards().length, pinned().length, stand.telegram.faults.left]).toEqual([1, 1, 0]);
    if (method === "editMessageText") expect(board()).toContain("🔴 orders-api");
  });

  more("outlives a chat that throws the bot out for a while", async () => {
    await switchOn();
    stand.telegram.setMember(stand.telegram.alerts, "kicked");
    await stand.hear();
    await pass(20, "orders-api");
    stand.telegram.setMember(stand.telegram.alerts, "administrator");
    await stand.hear();
    await stand.tell([notify("Disk is full")]);
    await pass(1, "orders-api");
    expect(boards()).toHaveLength(1);
    expect(board()).toContain("Last alert 🔴 orders-api");
  });

  more("says that all have stopped when the last one did, and goes on when one starts", async () => {
    const stop = (service: string) => ({
      ...{ kind: "lifecycle", severity: "info", at: stand.now, title: "stopped", service },
      lifecycle: { phase: "stop", reason: "sigterm", exitCode: 0 },
    });
    const body = (instance: string) => ({ method: "POST", body: JSON.stringify({ instance, vitals: [] }) });
    for (const service of ["shop", "billing"]) await stand.beat("?every=1m", { service, ...body("i-1") });
    await stand.ask("/dashboard on");
    await stand.tick();
    await stand.tell([stop("shop")], { service: "shop" });
    await pass(1, "billing");
    expect(board()).toContain("🟢 shop · stopped\n");
    await stand.beat("", { service: "billing", ...body("i-1") });
    await stand.tell([stop("billing")], { service: "billing" });
    await pass(2);
    expect(board()).toMatch(/^⏹ All stopped \d+m ago|^⏹ All stopped just now/);
    await pass(16, "shop");
    expect(board()).toContain("🟢 2 services, all well");
  });

  more("says that it was switched off, is unpinned, and another takes its place", async () => {
    await switchOn();
    const [first] = boards();
    await stand.ask("/dashboard off");
    await pass(2, "orders-api");
    expect(stand.telegram.messages().find((it) => it.message_id === first?.message_id)?.text).toBe(
      "📌 This dashboard was switched off just now.\n/dashboard on makes another.",
    );
    expect([boards(), pinned()]).toEqual([[], []]);
    await stand.ask("/dashboard on");
    await pass(2, "orders-api");
    expect([boards().length, pinned()]).toEqual([1, [boards()[0]?.message_id]]);
  });

  more("moves with a group that becomes a supergroup", async () => {
    const group = stand.telegram.chats.create({ type: "group" }).chat.id;
    const hub = stand.open({ TELEGRAM_CHAT_ID: String(group) });
    await stand.beat("?every=1m", { hub });
    await stand.ask("/dashboard on", { chatId: group, hub });
    await hub.tick(stand.now);
    const { id } = stand.telegram.migrate(group).chat;
    await stand.tell([notify("Disk is full")], { hub });
    for (let i = 0; i < 3; i++) {
      stand.now += MINUTE;
      await hub.tick(stand.now);
    }
    const here = stand.telegram.messages(id).filter(({ text }) => text?.includes("\nUpdated "));
    expect(here).toHaveLength(1);
    expect(stand.telegram.chats.get(id).pinned).toEqual([here[0]?.message_id]);
  });

  more("is forgotten with the chat that is unbound, and so are its quiet hours", async () => {
    const store = createStore(connect(stand.upstash.url, stand.upstash.token));
    await switchOn();
    await stand.ask("/quiet 23-7");
    await store.unbind();
    expect([await store.dashboard(), await store.quiet()]).toEqual([{ state: "off" }, undefined]);
    await stand.tick(24 * 60 * MINUTE);
    expect(await stand.tick(MINUTE)).toMatchObject({ claimed: 0, left: 0 });
  });

  more("goes on as it was when it is switched off and on before its message could say so", async () => {
    await switchOn();
    await stand.ask("/dashboard off");
    await stand.ask("/dashboard on");
    await pass(2, "orders-api");
    expect([boards().length, pinned().length, edits()]).toEqual([1, 1, 0]);
  });

  describe("costs", () => {
    const cost = async (work: () => Promise<unknown>) => {
      const { http, billed } = await stand.upstash.meter.measure(work);
      return { http, billed };
    };

    test("nothing while it is off: a tick is one call and two commands", async () => {
      await stand.beat("?every=1d");
      await stand.tick();
      expect(await cost(() => stand.tick(MINUTE))).toEqual({ http: 1, billed: 2 });
    });

    test("nothing in most minutes while it is on, and a look each quarter of an hour", async () => {
      for (const service of ["a", "b", "c", "d", "e"]) await stand.beat("?every=1d", { service });
      await stand.ask("/dashboard on");
      await stand.tick();
      for (let i = 0; i < 14; i++) expect(await cost(() => stand.tick(MINUTE))).toEqual({ http: 1, billed: 2 });
      const services = 5;
      expect(await cost(() => stand.tick(MINUTE))).toEqual({ http: 5, billed: 2 + 5 + 3 + (2 + services) + 3 });
      expect(edits()).toBe(0);
    });

    test("a batch nothing", async () => {
      const tell = () => cost(() => stand.tell([notify("Cache is cold")]));
      await tell();
      await tell();
      const without = await tell();
      await stand.ask("/dashboard on");
      expect(await tell()).toEqual(without);
    });
  });
});
