/** Quiet hours: how they are written, what makes a sound in them, and what is told when they are over. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ChatMessage } from "../../src/dev/telegram/room.ts";
import { hoursText, quietTime, readHours } from "../../src/hub/quiet.ts";
import { connect, createStore } from "../../src/hub/store/store.ts";
import { engines } from "../engines.ts";
import { notify, openStand, type Stand } from "../stand.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** `23:00-07:00 UTC`, or what is wrong. */
function read(text: string): string {
  const hours = readHours(text.split(/\s+/).filter(Boolean));
  return "kind" in hours ? hours.kind : hoursText(hours);
}

describe("hours", () => {
  test.each([
    ["23:00-07:00 Europe/Berlin", "23:00-07:00 Europe/Berlin"],
    ["23-7", "23:00-07:00 UTC"],
    ["11pm-7am", "23:00-07:00 UTC"],
    ["11 PM - 7 a.m. utc", "23:00-07:00 UTC"],
    ["23:00–07:00 berlin", "23:00-07:00 Europe/Berlin"],
    ["from 22.30 to 6 in new york", "22:30-06:00 America/New_York"],
    ["2300-0730", "23:00-07:30 UTC"],
    ["23h30 - 7h", "23:30-07:00 UTC"],
    ["midnight until noon", "00:00-12:00 UTC"],
    ["12am-12pm", "00:00-12:00 UTC"],
    ["21-24", "21:00-00:00 UTC"],
    ["9-17 EUROPE/paris", "09:00-17:00 Europe/Paris"],
    ["22-6 argentina/san juan", "22:00-06:00 America/Argentina/San_Juan"],
  ])("%s are %s", (text, hours) => {
    expect(read(text)).toBe(hours);
    expect(read(hours)).toBe(hours);
  });

  test.each(["", "7", "night", "25-7", "23:60-7", "13pm-7", "0am-7", "23-7-8", "9:5-10", "-7", "23-", "12345-7"])(
    "%j are none",
    (text) => {
      expect(read(text)).toBe("unclear");
    },
  );

  test.each(["0-24", "7-7am", "23:00-23:00 Europe/Berlin"])("%s would be the whole day", (text) => {
    expect(read(text)).toBe("whole day");
  });

  test("are of a city under whatever name it goes", () => {
    expect(read("22-6 kolkata")).toBe(read("22-6 Asia/Calcutta"));
    expect(read("22-6 kyiv")).toBe(read("22-6 Europe/Kiev"));
  });

  test("where there is no such zone the nearest names are known", () => {
    expect(readHours(["23-7", "Europe/Berlni"])).toMatchObject({
      ...{ kind: "zone", word: "Europe/Berlni", hours: "23:00-07:00" },
      near: expect.arrayContaining(["Europe/Berlin"]),
    });
    expect(readHours(["23-7", "+02:00"])).toMatchObject({ kind: "zone" });
    expect(readHours(["23-7", "x".repeat(4_000)])).toMatchObject({ kind: "zone", near: [] });
  });

  const berlin = (from: number, to: number) => ({ from: from * 60, to: to * 60, zone: "Europe/Berlin" });
  const at = (hours: ReturnType<typeof berlin>, now: string) => {
    const { from, to } = quietTime(hours, Date.parse(now));
    return [from, to].map((time) => new Date(time).toISOString().slice(0, 16));
  };

  test("come at midnight's both sides, and the moment they end the next ones are next", () => {
    const night = ["2026-11-21T22:00", "2026-11-22T06:00"];
    for (const now of ["2026-11-21T06:00Z", "2026-11-21T14:00Z", "2026-11-21T23:30Z", "2026-11-22T05:59:59.999Z"])
      expect(at(berlin(23, 7), now)).toEqual(night);
    expect(at(berlin(23, 7), "2026-11-22T06:00Z")).toEqual(["2026-11-22T22:00", "2026-11-23T06:00"]);
    expect(at(berlin(12, 13), "2026-11-22T11:30Z")).toEqual(["2026-11-22T11:00", "2026-11-22T12:00"]);
  });

  test("go by the clock on the wall when that is set forward or back", () => {
    expect(at(berlin(23, 7), "2026-03-28T23:00Z")).toEqual(["2026-03-28T22:00", "2026-03-29T05:00"]);
    expect(at(berlin(23, 7), "2026-10-24T22:00Z")).toEqual(["2026-10-24T21:00", "2026-10-25T06:00"]);
    // 02:30 does not come on the one day, and comes twice on the other.
    expect(at({ ...berlin(0, 4), from: 150 }, "2026-03-28T23:00Z")).toEqual(["2026-03-29T01:00", "2026-03-29T02:00"]);
    expect(at({ ...berlin(0, 4), from: 150 }, "2026-10-25T00:40Z")).toEqual(["2026-10-25T00:30", "2026-10-25T03:00"]);
  });
});

describe.each(engines)("a quiet chat on the %s engine", (engine) => {
  let stand: Stand;
  const evening = Date.UTC(2026, 10, 21, 21, 0);

  beforeAll(async () => {
    stand = await openStand(engine);
  });
  afterAll(() => stand.stop());
  beforeEach(async () => {
    await stand.reset();
    stand.now = evening;
  });

  const message = (words: string): ChatMessage | undefined =>
    stand.telegram.messages().find(({ text }) => text?.includes(words));
  const isSilent = (words: string) => message(words)?.silent === true;
  const summaries = () => stand.texts().filter((text) => text.startsWith("🌙 While"));
  /** What lies between is not ticked: hubs may have slept. */
  const morning = async () => stand.tick(Date.UTC(2026, 10, 22, 6, 0) - stand.now);
  /** Into the quiet time of a night in Berlin. */
  async function fallAsleep(): Promise<void> {
    await stand.ask("/quiet 23-7 berlin");
    stand.now = Date.UTC(2026, 10, 21, 22, 30);
  }

  test("is asked for, shown and ended by a word", async () => {
    expect(await stand.ask("/quiet")).toBe("🔔 There are no quiet hours.\nSuch as: /quiet 23:00-07:00 Europe/Berlin");
    const kept =
      "🌙 Quiet hours: 23:00-07:00 Europe/Berlin\nIt is quiet next from 22:00:00 UTC.\n" +
      "What is below critical comes without a sound then, and is summed up at the end.";
    expect(await stand.ask("/quiet 11pm–7am berlin")).toBe(kept);
    expect(await stand.ask("/quiet")).toBe(kept);
    stand.now += 2 * HOUR;
    expect(await stand.ask("/quiet")).toContain("It is quiet now, until 06:00:00 UTC.");
    expect(await stand.ask("/quiet off")).toContain("🔔 No more quiet hours");
    expect(await stand.ask("/quiet off")).toContain("🔔 There are no quiet hours");
    expect(stand.telegram.violations).toEqual([]);
  });

  test("is told how to name its zone, and which zones may have been meant", async () => {
    expect(await stand.ask("/quiet 23-7")).toContain("Another time zone? /quiet 23:00-07:00 Europe/Berlin");
    expect(await stand.ask("/quiet 23-7 Berlni")).toMatch(
      /^🤔 There is no time zone Berlni.\nDid you mean:\n\[Europe\/Berlin\]\n/,
    );
    const asked = stand.telegram.messages().at(-1)?.message_id ?? 0;
    await stand.press(asked, "Europe/Berlin");
    expect(stand.texts().at(-1)).toContain("🌙 Quiet hours: 23:00-07:00 Europe/Berlin");
    expect(await stand.ask("/quiet at night")).toContain("🤔 From when to when? 23:00-07:00, say.\nUsage: /quiet");
    expect(await stand.ask("/quiet 7-7")).toContain("🤔 That would be the whole day; /mute");
  });

  test("hears what is critical only; the rest comes at once, without a sound", async () => {
    await fallAsleep();
    const hub = stand.open(); // one that has never heard of it
    await stand.tell([notify("Disk is full"), notify("All is lost", { severity: "critical" })], { hub });
    expect([isSilent("Disk is full"), isSilent("All is lost")]).toEqual([true, false]);
    stand.now = Date.UTC(2026, 10, 22, 6, 0);
    await stand.tell([notify("Disk is gone")], { hub });
    expect(isSilent("Disk is gone")).toBe(false);
  });

  test("hears nothing either of what is told while the store is away", async () => {
    await fallAsleep();
    await stand.tell([notify("Disk is full")]);
    stand.upstash.faults.set({ kind: "outage" });
    await stand.tell([notify("Disk is gone"), notify("All is lost", { severity: "critical" })]);
    expect([isSilent("Disk is gone"), isSilent("All is lost")]).toEqual([true, false]);
  });

  test("hears no monitor fall silent, and reads of it in the morning", async () => {
    await fallAsleep();
    await stand.tick();
    await stand.beat("/etl?every=5m");
    for (let i = 0; i < 10; i++) await stand.tick(MINUTE);
    expect(isSilent("orders-api/etl")).toBe(true);
    await morning();
    expect(summaries()).toEqual([
      "🌙 While it was quiet: 1 monitor went down\n23:00-07:00 Europe/Berlin\n━━━━━━━━━━━━━━━━━━\nStill down\n" +
        "  🔴 orders-api/etl silent since 22:36:00 UTC",
    ]);
  });

  test("reads in the morning, once, what happened: by service and kind, what is critical first", async () => {
    await stand.ask("/quiet 23-7 berlin");
    await stand.tell([notify("Before it was quiet")], { service: "shop" });
    stand.now = Date.UTC(2026, 10, 21, 22, 30);
    await stand.mute({ service: "shop" }, HOUR, "");
    for (let i = 0; i < 3; i++) await stand.tell([notify("Cache is cold", { severity: "warning", count: 9 })]);
    await stand.tell([notify("Muted, but it happened")], { service: "shop" });
    await stand.tell([{ ...notify("Boom"), kind: "crash", severity: "critical" }], { service: "billing" });
    await stand.tell([notify("Retry", { count: 2 })], { service: "billing" });
    await morning();
    await stand.tick(MINUTE);
    expect(summaries()).toEqual([
      "🌙 While it was quiet: 31 events in 3 services\n23:00-07:00 Europe/Berlin\n━━━━━━━━━━━━━━━━━━\n" +
        "billing 🟣 crash × 1 · 🔴 notify × 2\nshop 🔴 notify × 1\norders-api 🟠 notify × 27",
    ]);
    expect(isSilent("While it was quiet")).toBe(false);
  });

  test("is not disturbed in the morning when nothing happened", async () => {
    await fallAsleep();
    expect(await morning()).toMatchObject({ claimed: 1, sent: 0, left: 0 });
    expect(summaries()).toEqual([]);
    expect(await stand.ask("/quiet")).toContain("It is quiet next from 2026-11-22 22:00:00 UTC.");
  });

  test("reads one summary however many hubs tick at once", async () => {
    await fallAsleep();
    await stand.tell([notify("Disk is full")]);
    stand.now = Date.UTC(2026, 10, 22, 6, 0);
    await Promise.all(Array.from({ length: 8 }, () => stand.open().tick(stand.now)));
    await stand.tick(MINUTE);
    expect(summaries()).toHaveLength(1);
  });

  test("reads its summary late when Telegram takes nothing at the time, and each night has its own", async () => {
    await fallAsleep();
    await stand.tell([notify("Disk is full")]);
    stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 300 });
    await morning();
    await stand.tick(MINUTE);
    expect(summaries()).toEqual([]);
    await stand.tick(5 * MINUTE);
    expect(summaries()).toEqual([expect.stringContaining("1 event in 1 service")]);
    stand.now = Date.UTC(2026, 10, 23, 1, 0);
    await stand.tell([notify("Disk is full", { count: 4 })]);
    stand.now = Date.UTC(2026, 10, 23, 6, 0);
    await stand.tick();
    expect(summaries()[1]).toContain("4 events in 1 service");
  });

  test("that gets other hours meanwhile is summed up at their end; without hours it is not", async () => {
    await fallAsleep();
    await stand.tell([notify("Disk is full")]);
    await stand.ask("/quiet 23-8 Europe/Berlin");
    await morning();
    expect(summaries()).toEqual([]);
    await stand.tick(HOUR);
    expect(summaries()).toEqual([expect.stringContaining("23:00-08:00 Europe/Berlin")]);
    await stand.ask("/quiet off");
    stand.now += 24 * HOUR;
    expect(await stand.tick()).toMatchObject({ sent: 0 });
  });

  test("keeps the hours that somebody sets while the old ones are summed up", async () => {
    const store = createStore(connect(stand.upstash.url, stand.upstash.token));
    const hours = "23:00-07:00 UTC";
    const [old, other] = [
      { hours, from: 1, to: 2 },
      { hours, from: 2, to: 3 },
    ] as const;
    await store.keepQuiet(other);
    await store.quietOver(old, { ...old, from: 10, to: 11 });
    expect(await store.quiet()).toEqual(other);
    await store.quietOver(other, old);
    expect(await store.quiet()).toEqual(old);
  });

  test("after days without a cron is told of its last night, and is quiet again", async () => {
    await fallAsleep();
    await stand.tell([notify("Disk is full")]);
    stand.now = Date.UTC(2026, 10, 24, 23, 0); // in another night
    await stand.tick();
    expect(summaries()).toHaveLength(1);
    await stand.tell([notify("Disk is gone")]);
    expect(isSilent("Disk is gone")).toBe(true);
  });

  test("costs a batch nothing", async () => {
    const cost = async () => {
      const { http, billed } = await stand.upstash.meter.measure(() => stand.tell([notify("Cache is cold")]));
      return { http, billed };
    };
    await cost();
    const before = await cost();
    await fallAsleep();
    await cost(); // opens its window
    expect(await cost()).toEqual(before);
  });
});
