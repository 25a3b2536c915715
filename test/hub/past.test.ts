/** What a person reads who asks how a service was: `/chart` and `/export`. */

import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Vitals } from "../../src/event.ts";
import type { Store } from "../../src/hub/store/store.ts";
import { chart } from "../../src/hub/telegram/commands/chart.ts";
import type { Command } from "../../src/hub/telegram/commands/command.ts";
import { exportCommand } from "../../src/hub/telegram/commands/export.ts";
import type { History } from "../../src/hub/vitals.ts";
import { notify, openStand, type Stand } from "../stand.ts";

let stand: Stand;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 21, 14, 0, 0);

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(async () => {
  await stand.reset();
  stand.now = START;
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Minutes go by, each with a beat and twelve samples. */
async function live(minutes: number, vitals: (i: number) => Omit<Vitals, "at">, instance = "i-1"): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    const samples = Array.from({ length: 12 }, (_, i) => ({
      at: stand.now + i * 5 * SECOND,
      ...vitals(minute * 12 + i),
    }));
    stand.now += MINUTE;
    const body = JSON.stringify({ instance, vitals: samples });
    expect((await stand.beat("", { method: "POST", body })).ok).toBe(true);
  }
}
const calm = (i: number) => ({
  cpu: 10 + (i % 4),
  rss: 183 * 2 ** 20,
  fds: 40,
  threads: 11,
  loopMs: 2.5,
  heap: 64 * 2 ** 20,
});

const last = () => stand.telegram.messages().at(-1);
const buttons = () => last()?.reply_markup?.inline_keyboard.map((row) => row.map(({ text }) => text)) ?? [];
/** What Telegram was given as the last message's file. */
async function file(): Promise<Uint8Array> {
  const id = last()?.document?.file_id ?? last()?.photo?.[0]?.file_id;
  const base = "http://telegram.test";
  const found = await stand.telegram.fetch(`${base}/bot${stand.telegram.token}/getFile?file_id=${id}`);
  const { result } = await found.json();
  const answer = await stand.telegram.fetch(`${base}/file/bot${stand.telegram.token}/${result.file_path}`);
  return new Uint8Array(await answer.arrayBuffer());
}
const content = async () =>
  new TextDecoder()
    .decode(await file())
    .trimEnd()
    .split("\n");

describe("/chart", () => {
  test("is a picture, with its text below where there is room for it", async () => {
    await live(5, calm);
    await stand.ask("/chart orders-api cpu 5m");
    expect([...(await file()).slice(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
    expect(last()?.photo?.[0]?.width).toBe(800);
    expect(last()?.caption).toMatch(/^📈 orders-api · cpu · 5m\nCPU \(5m\) cur=13\.0% min=10\.0 max=13\.0\n/);
    expect(buttons()).toEqual([
      ["15m", "1h", "6h", "1d", "7d"],
      ["all", "📄 text", "💾 csv"],
    ]);
  });

  test("is only the text where a platform can make no picture", async () => {
    await live(2, calm);
    vi.stubGlobal("CompressionStream", undefined);
    expect(await stand.ask("/chart cpu 5m")).toMatch(/^📈 orders-api · cpu · 5m\nCPU \(5m\) cur=13\.0%/);
    expect(buttons()[1]).toEqual(["all", "💾 csv"]);
  });

  test.each([
    ["all 5m", ["CPU (5m)", "RSS (5m)", "FDs (5m)", "Threads (5m)", "Loop (5m)"]],
    ["text 5m", ["CPU (5m)", "RSS (5m)", "FDs (5m)", "Threads (5m)", "Loop (5m)"]],
    ["memory cpu for the last 1 hour", ["CPU (1h)", "RSS (1h)"]],
    ["ram 90m", ["RSS (1h 30m)"]],
    ["orders-api FDs 2d", ["FDs (2d)"]],
    ["files 30 days", ["FDs (7d)"]],
    ["event-loop 1s", ["Loop (1m)"]],
    ["errors 5m", ["Errors (5m)"]],
    ["", ["CPU (1h)", "RSS (1h)", "FDs (1h)", "Threads (1h)", "Loop (1h)"]],
  ])("%s shows what was meant", async (words, panels) => {
    await live(2, calm);
    await stand.ask(`/chart ${words} text`);
    expect(
      stand
        .texts()
        .at(-1)
        ?.match(/^\w+ \(\w+(?: \w+)?\)/gm),
    ).toEqual(panels);
  });

  test("shows the alerts of its time, and the ceiling that the last anomaly told of", async () => {
    await live(10, calm);
    const anomaly = {
      metric: "rss",
      mode: "ceiling",
      current: 190 * 2 ** 20,
      limit: 180 * 2 ** 20,
      window: "1m",
    } as const;
    await stand.tell([
      notify("too much", { kind: "anomaly", at: stand.now, anomaly }),
      notify("boom", { at: stand.now }),
    ]);
    const text = await stand.ask("/chart all 5m text");
    expect(text).toMatch(/^Errors \(5m\) cur=2 min=0 max=2$/m);
    expect(text).toMatch(/^ *alerts.*!$/m);
  });

  test("of a short time ends with the last samples: none is late by then", async () => {
    await live(3, calm);
    stand.now += 55 * SECOND;
    expect(await stand.ask("/chart cpu 1m text")).toContain("2026-11-21 14:02:00 → 14:03:00 UTC");
  });

  test("shows another time when its button is pressed, beside the picture, or in place of the text", async () => {
    await live(2, calm);
    await stand.ask("/chart cpu 15m");
    await stand.press(last()?.message_id ?? 0, "6h");
    expect(last()?.caption).toMatch(/^📈 orders-api · cpu · 6h\n/);
    await stand.press(last()?.message_id ?? 0, "📄 text");
    const before = stand.telegram.messages().length;
    await stand.press(last()?.message_id ?? 0, "1d");
    expect(last()?.text).toMatch(/^📈 orders-api · cpu · 1d\n/);
    expect(stand.telegram.messages().length).toBe(before);
    await stand.press(last()?.message_id ?? 0, "🖼 picture");
    expect(last()?.caption).toMatch(/^📈 orders-api · cpu · 1d\n/);
  });

  test("of what was never measured says so, and how it would be", async () => {
    await stand.tell([notify("boom", { severity: "info" })]);
    expect(await stand.ask("/chart orders-api cpu 1h")).toBe(
      `🤷 orders-api measured nothing in the last 1h (cpu).
Processes on Node, Deno and Bun measure themselves from snitch.init() on, and send it with their heartbeat.
Functions at the edge have nothing to measure; /chart errors works for all.
[15m] [6h] [1d] [7d]
[all] [💾 csv]`,
    );
    expect(await stand.ask("/chart errors 5m text")).toContain("Errors (5m) cur=0 min=0 max=0");
  });

  test("of several services asks of which, and a press answers", async () => {
    await live(2, calm);
    await stand.tell([notify("boom", { severity: "info" })], { service: "shop" });
    expect(await stand.ask("/chart cpu 5m")).toBe("🤔 Of which service?\n[orders-api]\n[shop]");
    await stand.press(last()?.message_id ?? 0, "orders-api");
    expect(last()?.caption).toMatch(/^📈 orders-api · cpu · 5m\n/);
  });

  test("of more services than anybody looks through says that there are more", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `shop-${10 + i}`);
    for (const service of names) await stand.beat("", { service });
    const [question, rest, ...rows] = (await stand.ask("/chart cpu")).split("\n");
    expect([question, rest]).toEqual(["🤔 Of which service?", "6 more have no button: name one, as in /chart shop-10"]);
    expect(rows).toHaveLength(24);
  });

  test.each([
    ["today", "1d"],
    ["the last hour", "1h"],
    ["week", "7d"],
  ])("understands %s as /status does, and so does /export", async (words, window) => {
    await live(2, calm);
    const [chart, table] = [await stand.ask(`/chart cpu ${words} text`), await stand.ask(`/export ${words}`)];
    expect(chart).toContain(`📈 orders-api · cpu · ${window}`);
    expect(table).toContain(`orders-api · the last ${window},`);
  });

  test("of a service that is mistyped offers the nearest; of another word shows the usage", async () => {
    await live(2, calm);
    expect(await stand.ask("/chart oders-api cpu")).toBe(
      "🤔 There is no service oders-api.\nDid you mean:\n[orders-api]",
    );
    expect(await stand.ask("/chart orders-api cppu")).toBe(
      `🤔 "cppu" is no metric, time or service.
Usage: /chart [service] [cpu|mem|fds|threads|loop|errors|all] [window]
Such as: /chart orders-api cpu 6h`,
    );
  });

  test("before anything was told says so", async () => {
    expect(await stand.ask("/chart")).toBe("🤷 No service has said anything yet.");
  });
});

describe("/export", () => {
  test("is a table of what was measured, oldest first", async () => {
    await live(1, calm);
    stand.now = START;
    await live(1, (i) => (i === 0 ? { cpu: 99.94 } : {}), "i-2");
    await stand.ask("/export orders-api 1h");
    expect(last()?.document).toMatchObject({ file_name: "orders-api_vitals.csv" });
    expect(last()?.caption).toBe("Vitals export: 13 samples\norders-api · the last 1h, an average for each 5s");
    expect((await content()).slice(0, 4)).toEqual([
      "sampled_at,cpu_pct,rss_mb,fds,threads,loop_ms,heap_mb,instance",
      "2026-11-21T14:00:00Z,99.9,,,,,,i-2",
      "2026-11-21T14:00:00Z,10,183,40,11,2.5,64,i-1",
      "2026-11-21T14:00:05Z,11,183,40,11,2.5,64,i-1",
    ]);
  });

  test("of a day has a row for each two minutes at least", async () => {
    await live(10, calm);
    await stand.ask("/export 1d");
    expect(last()?.caption).toBe("Vitals export: 5 samples\norders-api · the last 1d, an average for each 2m");
    expect((await content())[1]).toBe("2026-11-21T14:00:00Z,11.5,183,40,11,2.5,64,i-1");
  });

  test("of nothing says so", async () => {
    await stand.tell([notify("boom")]);
    expect(await stand.ask("/export 15m")).toBe(
      "🤷 orders-api measured nothing in the last 15m.\nWhat it told: /export orders-api events",
    );
  });

  test("of events is a line of JSON for each kind, the newest first, without secrets", async () => {
    await stand.tell([notify("first", { at: stand.now, fingerprint: "a", count: 3 })]);
    stand.now += HOUR;
    await stand.tell([notify("password=hunter2", { at: stand.now, severity: "warning", fingerprint: "b" })]);
    await stand.ask("/export events");
    expect(last()?.document).toMatchObject({ file_name: "orders-api_events.jsonl" });
    expect(last()?.caption).toBe("Events export: 2 kinds of events\norders-api · since 14:00:00 UTC, the newest first");
    const lines = (await content()).map((line) => JSON.parse(line));
    expect(lines.map(({ severity, count, first, event }) => [severity, count, first, event.title])).toEqual([
      ["warning", 1, "2026-11-21T15:00:00.000Z", "password=[REDACTED]"],
      ["error", 3, "2026-11-21T14:00:00.000Z", "first"],
    ]);
  });

  test("of what cannot be meant shows the usage", async () => {
    await live(1, calm);
    expect(await stand.ask("/export orders-api xml")).toBe(
      `🤔 "xml" is no time or service.
Usage: /export [service] [window] or [service] events
Such as: /export orders-api 1d`,
    );
  });
});

test("each costs two requests to Redis, the one that takes it in included", async () => {
  await live(2, calm);
  await stand.tick();
  for (const words of ["/chart 1h", "/chart cpu 7d text", "/export 1d", "/export events"]) {
    await stand.ask(words); // a script that Redis does not know yet costs one more
    stand.now += 10 * SECOND;
    const { http, billed } = await stand.upstash.meter.measure(() => stand.ask(words));
    expect({ words, http }).toEqual({ words, http: 2 });
    expect(billed).toBeLessThanOrEqual(10);
  }
  expect(stand.telegram.violations).toEqual([]);
});

describe.each([chart, exportCommand] as readonly Command[])("/$name", (command) => {
  const vital = fc.constantFrom("rss", "cpu", "fds", "threads", "loopMs", "heap");
  const measures = fc.dictionary(vital, fc.double({ min: 0, max: 1e12, noNaN: true }));
  const instance = fc.string({ minLength: 1, maxLength: 64 });
  const at = fc.integer({ min: -HOUR, max: HOUR }).map((ms) => START + ms);
  const alert = fc.record({
    severity: fc.constantFrom("info", "warning", "error", "critical"),
    tally: fc.record({ first: at, last: at, count: fc.nat() }),
    title: fc.string(),
    type: fc.string({ unit: "binary", maxLength: 300 }),
  });
  const anyHistory: fc.Arbitrary<History> = fc.record({
    step: fc.constantFrom(5 * SECOND, MINUTE, 15 * MINUTE),
    traces: fc.array(
      fc.record({ instance, samples: fc.array(fc.record({ at, mean: measures, high: measures }), { maxLength: 20 }) }),
      { maxLength: 10 },
    ),
    errors: fc.array(fc.record({ at, mean: fc.nat(), high: fc.nat() })),
    alerts: fc.array(
      alert.map(({ severity, tally, title, type }) => {
        const event = { kind: "error", severity, at: tally.last, title, error: { type, message: "" } } as const;
        return { severity, tally, alert: { service: "shop", fingerprint: "", event, origin: { instance: "" } } };
      }),
    ),
  });
  const word = fc.oneof(
    fc.constantFrom(
      "all",
      "cpu",
      "mem",
      "errors",
      "events",
      "text",
      "1h",
      "2",
      "days",
      "999999999d",
      "__proto__",
      "for",
    ),
    fc.string({ unit: "binary", minLength: 1 }),
  );
  const asking = fc.record({
    words: fc.array(word, { maxLength: 6 }),
    service: fc.constantFrom(undefined, "shop"),
    services: fc.constantFrom([], ["shop"], ["s".repeat(63), "shop"]),
  });

  test("answers whatever is asked, of whatever is known, with what Telegram takes", async () => {
    vi.stubGlobal("CompressionStream", undefined); // pictures are proved beside what draws them
    const ask = { name: command.name, chatId: -1, threadId: undefined, userId: 1, isPrivate: false, now: START };
    await fc.assert(
      fc.asyncProperty(asking, anyHistory, async (asked, history) => {
        const store = { history: async () => history, told: async () => history.alerts } as unknown as Store;
        const reply = await command.run({ ...ask, ...asked }, { store, isGiven: true });
        if (reply.kind === "usage" || reply.kind === "unknown") return;
        const message = reply.kind === "message" ? reply.message : reply.caption;
        expect(message.text.length).toBeGreaterThan(0);
        expect([...message.text].length).toBeLessThanOrEqual(reply.kind === "message" ? 4_096 : 1_024);
        for (const button of message.buttons.flat()) {
          expect("data" in button && new TextEncoder().encode(button.data).length).toBeLessThanOrEqual(64);
        }
      }),
      { numRuns: 100 },
    );
  });
});
