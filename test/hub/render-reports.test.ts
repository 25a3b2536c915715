import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageText } from "../../src/dev/telegram/text.ts";
import type { Event } from "../../src/event.ts";
import type { Expectation } from "../../src/hub/monitor.ts";
import type { Mute } from "../../src/hub/mute.ts";
import type { Said, Standing, Surveyed } from "../../src/hub/survey.ts";
import { parseCallback } from "../../src/hub/telegram/render/callback.ts";
import { type Asked, renderLast } from "../../src/hub/telegram/render/last.ts";
import type { Message } from "../../src/hub/telegram/render/message.ts";
import { renderMonitors } from "../../src/hub/telegram/render/monitors.ts";
import { renderServices } from "../../src/hub/telegram/render/services.ts";
import { renderStatus, renderStatuses } from "../../src/hub/telegram/render/status.ts";
import { codePoints } from "../../src/hub/telegram/render/text.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MB = 2 ** 20;
const NOW = Date.UTC(2026, 10, 21, 14, 18, 10);

const quiet: Surveyed = {
  ...{ service: "shop", seen: NOW - 2 * MINUTE, kinds: [], monitors: [], instances: [], digested: 0, lost: 0 },
  traffic: { errors: 0, warnings: 0, slow: 0, watchdog: 0 },
};
const own: Standing = {
  ...{ service: "orders-api", name: "", status: "up", since: NOW - 3 * HOUR, last: NOW - 20 * SECOND },
  ...{ expected: NOW + 40 * SECOND, expectation: { every: MINUTE, grace: 90 * SECOND }, isRunning: false },
  ...{ instances: {}, remindAt: 0, lacksVitals: false },
};
const nightly: Expectation = { cron: "0 3 * * *", tz: "Europe/Berlin", grace: 30 * MINUTE, remind: HOUR };
const etl: Standing = {
  ...{ ...own, name: "nightly-etl", status: "down", why: "silent", since: NOW - 2 * HOUR, instances: {} },
  ...{ last: NOW - DAY, expected: NOW - 3 * HOUR, expectation: nightly, remindAt: NOW + 20 * MINUTE },
};
const orders: Surveyed = {
  ...{ ...quiet, service: "orders-api", seen: NOW - 20 * SECOND, started: NOW - 3 * HOUR },
  ...{ release: "2.3.1", env: "production", runtime: "node 22.11", monitors: [own, etl], digested: 12, lost: 4 },
  traffic: { errors: 1_027, warnings: 3, slow: 0, watchdog: 12 },
  kinds: [{ fingerprint: "a1b2c3d4", last: NOW - MINUTE, rank: 2, isWaiting: true }],
  instances: [
    {
      name: "7f3a91c2-0000-4000-8000-000000000000",
      role: "worker",
      seen: NOW - MINUTE,
      vitals: { at: NOW, rss: 183 * MB, cpu: 42.2 },
    },
    { name: "i-2", seen: NOW - 3 * MINUTE },
  ],
};
const mute: Mute = {
  service: "shop",
  fingerprint: "0ff10000",
  until: NOW + HOUR,
  swallowed: 27,
  title: "Cart is empty",
};

/** What a person reads, its buttons below it. */
function seen({ text, buttons }: Message): string {
  return [text, ...buttons.map((row) => row.map((button) => `[${button.text}]`).join(" "))].join("\n");
}
const part = (total: number, first = 0, from = 0) => ({ total, first, from });
const statuses = (services: readonly Surveyed[], mutes: readonly Mute[] = []) =>
  seen(renderStatuses({ services, mutes }, part(services.length), "1h", NOW));

describe("all services read", () => {
  test("the most urgent first, each with why and what happened", () => {
    const late = { ...own, service: "billing", expected: NOW - 2 * MINUTE };
    const services = [
      { ...quiet, service: "billing", monitors: [late, { ...etl, status: "paused" as const }] },
      { ...quiet, service: "new-one", seen: 0 },
      orders,
      { ...quiet, traffic: { errors: 1, warnings: 1, slow: 2, watchdog: 0 } },
    ];
    expect(statuses(services, [mute, { ...mute, until: NOW }])).toBe(`\
🔴 1 of 4 services needs help · 1h
━━━━━━━━━━━━━━━━━━
🔴 orders-api
    nightly-etl down · errors in the last 15 min
    1 027 errors, 3 warnings, 12 watchdog hits
🟡 billing
    late · nightly-etl paused
🟡 shop
    muted events
    1 error, 1 warning, 2 slow calls
⚪ new-one  no sign of life
Muted
  🔕 shop · 0ff10000 until 15:18:10 UTC × 27  Cart is empty`);
  });

  test("in one line each, when all is well", () => {
    expect(statuses([quiet, { ...quiet, service: "api" }])).toBe(`\
🟢 2 services, all well · 1h
━━━━━━━━━━━━━━━━━━
🟢 shop  seen 2m ago
🟢 api  seen 2m ago`);
  });

  test.each([
    ["🟢 1 service, all well · 1h", [quiet]],
    ["🟡 1 of 1 service wants a look · 1h", [{ ...quiet, kinds: [{ ...orders.kinds[0], rank: 1 }] }]],
    ["🔴 2 of 3 services need help · 1h", [quiet, orders, orders]],
    [
      "⚪ 2 of 2 services have told nothing yet · 1h",
      [
        { ...quiet, seen: 0 },
        { ...quiet, seen: 0 },
      ],
    ],
  ] as [string, Surveyed[]][])("under the headline %s", (headline, services) => {
    expect(statuses(services).split("\n")[0]).toBe(headline);
  });

  test("how to begin, when there are none", () => {
    expect(statuses([])).toBe(
      "⚪ No service has told anything yet. On the machine that has the hub's settings, npx snitchbot key my-service prints " +
        "the address for one; its first event or beat shows here.",
    );
    expect(seen(renderServices({ services: [], mutes: [] }, part(0), NOW))).toBe(statuses([]));
  });

  test("twenty to a message, with buttons to those before and after", () => {
    const services = Array.from({ length: 50 }, (_, i) => ({ ...quiet, service: `s-${i}` }));
    const at = (first: number, from = 0, total = 50) =>
      renderStatuses({ services, mutes: [] }, part(total, first, from), "15m", NOW);
    const rows = (message: Message) => message.text.match(/s-\d+/g) ?? [];
    const buttons = (message: Message) => message.buttons.map((row) => row.map(({ text }) => text));
    expect([rows(at(0))[0], rows(at(0)).length, buttons(at(0))]).toEqual(["s-0", 20, [["30 more ▶️"]]]);
    expect([rows(at(20))[0], buttons(at(20))]).toEqual(["s-20", [["◀️ back", "10 more ▶️"]]]);
    expect([rows(at(40)).length, buttons(at(40))]).toEqual([10, [["◀️ back"]]]);
    // The survey began with the two hundredth service.
    expect([rows(at(220, 200, 250))[0], buttons(at(220, 200, 250))]).toEqual(["s-20", [["◀️ back", "10 more ▶️"]]]);
    const [[back, more] = []] = at(20).buttons;
    const asked = [back, more].map((it) => it && "data" in it && parseCallback(it.data));
    expect(asked).toMatchObject([{ words: ["*", "15m", "+0"] }, { words: ["*", "15m", "+40"] }]);
  });
});

describe("one service reads", () => {
  test("in full", () => {
    expect(
      seen(renderStatus(orders, [mute, { ...mute, service: "orders-api", fingerprint: "00000000" }], "1h", NOW)),
    ).toBe(`\
🔴 orders-api
━━━━━━━━━━━━━━━━━━
nightly-etl down · errors in the last 15 min · muted events
started 3h ago  seen just now
release 2.3.1  env production
runtime node 22.11
Last 1h
errors         1 027
warnings           3
slow calls         0
watchdog hits     12
Heartbeats
  🔴 nightly-etl · silent since 12:18:10 UTC
  🟢 next in 40s
2 instances
  7f3a91c2 · worker · 183 MB · 42% · 1m ago
  i-2 · 3m ago
Not told yet
  1 message in the queue
  12 alerts in the digest
  4 events dropped by the client
Muted
  🔕 orders-api · 00000000 until 15:18:10 UTC × 27  Cart is empty
[🔄] [📜 last] [💓 monitors]`);
  });

  test("short, when little is known", () => {
    expect(seen(renderStatus(quiet, [], "7d", NOW))).toBe(`\
🟢 shop
━━━━━━━━━━━━━━━━━━
seen 2m ago
Last 7d
errors         0
warnings       0
slow calls     0
watchdog hits  0
[🔄] [📜 last]`);
    expect(renderStatus({ ...quiet, seen: 0 }, [], "1h", NOW).text).toMatch(
      /^⚪ shop\n━+\nIt has told nothing yet: its first event or beat shows here\.\nLast 1h\n/,
    );
  });

  test("with all that its only process measured, or with the newest sample of any", () => {
    const vitals = { at: NOW - 20 * SECOND, rss: 183 * MB, cpu: 42.2, threads: 12 };
    const told = (given: Partial<Surveyed>) =>
      renderStatus({ ...quiet, ...given }, [], "1h", NOW).text.split("Vitals")[1];
    const measured = "\n  rss 183 MB  cpu 42%  threads 12\n  measured just now";
    expect(told({ instances: [{ name: "i-1", seen: NOW, vitals }] })).toBe(measured);
    expect(told({ vitals })).toBe(measured);
    expect(told({ instances: [{ name: "i-1", seen: NOW }] })).toBeUndefined();
  });

  test("with mutes of all services too", () => {
    const all: Mute = { until: NOW + HOUR, swallowed: 0, title: "" };
    expect(renderStatus(quiet, [all, { ...mute, service: "api" }], "1h", NOW).text).toMatch(
      /\nMuted\n {2}🔕 all services until 15:18:10 UTC$/,
    );
  });

  test("with times that each reader sees in their own zone, and numbers in 35 columns", () => {
    const { text, entities } = renderStatus(orders, [], "1h", NOW);
    const of = (type: string) =>
      entities.filter((it) => it.type === type).map((it) => text.substr(it.offset, it.length));
    expect(of("date_time")).toEqual(["3h ago", "just now", "12:18:10 UTC", "in 40s", "1m ago", "3m ago"]);
    expect(Math.max(...of("pre").flatMap((it) => it.split("\n").map((row) => row.length)))).toBeLessThanOrEqual(35);
  });
});

test("the list of services reads the most urgent first, with buttons to their status", () => {
  const services = [quiet, orders, { ...quiet, service: "new-one", seen: 0 }];
  expect(seen(renderServices({ services, mutes: [] }, part(3), NOW))).toBe(`\
🔴 1 of 3 services needs help
━━━━━━━━━━━━━━━━━━
🔴 orders-api · 2.3.1 · 2 monitors · just now
⚪ new-one · nothing yet
🟢 shop · 2m ago
[🔴 orders-api] [⚪ new-one]
[🟢 shop]`);
});

describe("monitors read", () => {
  const monitors = (all: readonly Standing[], given: Partial<Parameters<typeof renderMonitors>[1]> = {}) =>
    seen(renderMonitors(all, { service: undefined, skipped: 0, unseen: 0, ...given }, NOW));

  test("what is down first, then late, then silenced, then well", () => {
    const all = [
      own,
      { ...own, name: "new", status: "new" as const, last: 0 },
      { ...own, name: "resting", status: "resting" as const },
      { ...own, name: "paused", status: "paused" as const, since: NOW - DAY },
      { ...own, name: "blind", lacksVitals: true },
      { ...own, name: "late", expected: NOW - 5 * MINUTE },
      { ...own, name: "running", isRunning: true },
      { ...own, name: "any-time", expected: 0, expectation: { grace: 0 } },
      etl,
    ];
    expect(monitors(all)).toBe(`\
🔴 1 of 9 monitors is down
━━━━━━━━━━━━━━━━━━
🔴 orders-api/nightly-etl · silent since 12:18:10 UTC
    last beat 1d ago · at 0 3 * * * Europe/Berlin, 30 min grace
    reminder in 20m
🟡 orders-api/late · late, was expected 5m ago
    last beat just now · every 60 s, 90 s grace
🟡 orders-api/blind · next in 40s · no vitals
    last beat just now · every 60 s, 90 s grace
⏸ orders-api/paused · paused since 2026-11-20 14:18:10 UTC
    last beat just now · every 60 s, 90 s grace
💤 orders-api/resting · rests until its next beat
    last beat just now · every 60 s, 90 s grace
⚪ orders-api/new · no beat yet
    every 60 s, 90 s grace
🟢 orders-api · next in 40s
    last beat just now · every 60 s, 90 s grace
🟢 orders-api/running · running
    last beat just now · every 60 s, 90 s grace
🟢 orders-api/any-time · up since 3h ago
    last beat just now · at any time, no grace
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("that an ack ended the reminders, and why it is down", () => {
    expect(monitors([{ ...etl, remindAt: 0, why: "stuck" }])).toBe(`\
🔴 1 of 1 monitor is down
━━━━━━━━━━━━━━━━━━
🔴 orders-api/nightly-etl · stuck since 12:18:10 UTC
    last beat 1d ago · at 0 3 * * * Europe/Berlin, 30 min grace
    acked: no more reminders
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("without buttons where nobody would know whose they are", () => {
    expect(monitors([etl, { ...etl, name: "cleanup" }])).not.toContain("[✅ ack]");
    expect(monitors([own])).not.toContain("[");
  });

  test("fifteen to a message, and how many services were not looked at", () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ ...own, name: `m-${i}` }));
    const shown = (text: string) => [text.split("\n")[0], text.match(/m-\d+/g)?.length, text.split("\n").at(-1)];
    expect(shown(monitors(many))).toEqual(["🟢 40 monitors, none down", 15, "[25 more ▶️]"]);
    expect(shown(monitors(many, { skipped: 30 }))).toEqual(["🟢 40 monitors, none down", 10, "[◀️ back]"]);
    expect(monitors(many, { unseen: 3 })).toContain("\n3 more services not looked at: name one to see its monitors.\n");
  });

  test("how to begin, when there are none", () => {
    expect(monitors([])).toBe(
      '⚪ No service has a monitor yet. Whatever pings its address gets one: curl "$SNITCHBOT_URL/beat?every=60s"',
    );
    expect(monitors([], { service: "shop" })).toMatch(/^⚪ shop has no monitor yet\./);
  });
});

const saidOf = (
  event: Partial<Event>,
  given: { count?: number; age?: number; service?: string; id?: string } = {},
): Said => {
  const { count = 1, age = MINUTE, service = "shop", id = "a1b2c3d4" } = given;
  const whole: Event = { kind: "error", severity: "error", at: NOW, title: "it broke", ...event };
  const alert = { service, fingerprint: id, event: whole, origin: { instance: "i-1", role: "worker" } };
  return { alert, tally: { count, first: NOW - age, last: NOW - age } };
};

describe("what was told last reads", () => {
  const asked: Asked = { service: undefined, window: undefined, most: 5, what: "errors" };
  const last = (said: readonly Said[], given: Partial<Asked> = {}, mutes: readonly Mute[] = []) =>
    seen(renderLast(said, mutes, { ...asked, ...given }, NOW));
  const crash = saidOf(
    {
      ...{ kind: "crash", severity: "critical" },
      error: { type: "TypeError", message: "no\nconnection", stack: "TypeError: no\n    at a (src/a.ts:1:2)" },
    },
    { count: 2_500 },
  );
  const slow = { name: "fetchUser", ms: 250, thresholdMs: 100 };

  test("numbered, the newest first, with buttons for the first three", () => {
    const said = [
      crash,
      saidOf({ kind: "slow", severity: "warning", slow }, { id: "b0000000", age: 2 * MINUTE }),
      saidOf(
        { kind: "lifecycle", severity: "info", lifecycle: { phase: "start", reason: "start" } },
        { id: "", age: HOUR },
      ),
      saidOf({ kind: "log", title: "Cache <b>miss</b>\n\nrate" }, { id: "c0000000", service: "api", age: DAY }),
      saidOf({ title: "another" }, { id: "d0000000", age: 2 * DAY }),
    ];
    expect(last(said, { what: "all" })).toBe(`\
📜 Last 5 events
━━━━━━━━━━━━━━━━━━
1. 🟣 crash · shop · a1b2c3d4 × 2 500 · 1m ago
    TypeError: no connection
2. 🟠 slow call · shop · b0000000 · 2m ago
    fetchUser took 250 ms (threshold 100 ms)
3. ℹ️ lifecycle · shop · 1h ago
    shop (worker) started
4. 🔴 log.error · api · c0000000 · 1d ago
    Cache <b>miss</b> rate
5. 🔴 error · shop · d0000000 · 2d ago
    another
[1. 📋 full trace] [1. 🔕 1h]
[2. 🔕 1h]`);
  });

  test("of one service in a window, without its name in each line", () => {
    expect(last([crash], { service: "shop", window: "1d" })).toBe(`\
📜 Last error · shop · 1d
━━━━━━━━━━━━━━━━━━
1. 🟣 crash · a1b2c3d4 × 2 500 · 1m ago
    TypeError: no connection
[1. 📋 full trace] [1. 🔕 1h]`);
  });

  test("each kind once, with the sum of its windows", () => {
    const said = [saidOf({}, { count: 3 }), saidOf({}, { count: 4, age: HOUR }), saidOf({}, { service: "api" })];
    expect(last(said).match(/^\d+\. .*$/gm)).toEqual([
      "1. 🔴 error · shop · a1b2c3d4 × 7 · 1m ago",
      "2. 🔴 error · api · a1b2c3d4 · 1m ago",
    ]);
  });

  test("as many as were asked for", () => {
    const many = Array.from({ length: 9 }, (_, i) => saidOf({}, { id: `0000000${i}` }));
    expect(last(many, { most: 3 }).match(/^\d+\. /gm)).toEqual(["1. ", "2. ", "3. "]);
  });

  test("with a sign at what is muted; what is critical never is", () => {
    const signs = (said: Said) => last([said], {}, [{ ...mute, fingerprint: "a1b2c3d4" }]).split("\n")[2];
    expect(signs(saidOf({}))).toBe("1. 🔕🔴 error · shop · a1b2c3d4 · 1m ago");
    expect(signs(crash)).toMatch(/^1\. 🟣 crash/);
  });

  test("that there is nothing, and where to look", () => {
    expect(last([])).toBe("🟢 No errors yet. /last all shows warnings and notes too.");
    expect(last([], { service: "shop", window: "1h", what: "all" })).toBe("🟢 No events of shop in the last 1h.");
  });
});

describe("whatever is known, the message is one that Telegram takes, and keeps as it is", () => {
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 90 }), fc.constant("𝕏<b>&\n\u202e".repeat(60)));
  const name = fc.oneof(fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/), fc.constant("n".repeat(63)));
  const at = fc.oneof(fc.integer({ min: NOW - DAY, max: NOW + DAY }), fc.constant(0), fc.double());
  const count = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER));
  const expectation = fc.constantFrom<Expectation>(
    nightly,
    { every: MINUTE, grace: 0 },
    { cron: "*".repeat(200), grace: 1 },
  );
  const monitor: fc.Arbitrary<Standing> = fc.record({
    ...{ service: name, name: fc.oneof(name, fc.constant("")), since: at, last: at, expected: at, expectation },
    status: fc.constantFrom("new", "up", "down", "paused", "resting"),
    why: fc.constantFrom("silent", "stuck", "failed"),
    ...{ isRunning: fc.boolean(), lacksVitals: fc.boolean(), remindAt: at },
    instances: fc.constant({}),
  });
  const monitors = fc
    .array(monitor, { maxLength: 30 })
    .map((some) => [...some, ...some, ...some, ...some].slice(0, 100));
  const vitals = fc.record({ at, rss: count, cpu: count, fds: count, threads: count, loopMs: count, heap: count });
  const service: fc.Arbitrary<Surveyed> = fc.record({
    ...{ service: name, seen: at, started: at, runtime: text, release: text, env: text, digested: count, lost: count },
    vitals,
    instances: fc.array(fc.record({ name: text, role: text, seen: at, vitals }, { requiredKeys: ["name", "seen"] }), {
      maxLength: 60,
    }),
    traffic: fc.record({ errors: count, warnings: count, slow: count, watchdog: count }),
    kinds: fc.array(fc.record({ fingerprint: name, last: at, rank: fc.nat(3), isWaiting: fc.boolean() }), {
      maxLength: 5,
    }),
    monitors,
  });
  const mutes: fc.Arbitrary<Mute[]> = fc.array(
    fc.record(
      { service: name, fingerprint: name, until: at, swallowed: count, title: text },
      { requiredKeys: ["until", "swallowed", "title"] },
    ),
    { maxLength: 100 },
  );

  function expectSound({ text, entities, buttons }: Message): void {
    expect(codePoints(text)).toBeLessThanOrEqual(4096);
    expect(entities.length).toBeLessThanOrEqual(100);
    expect(messageText({ text, entities: [...entities] })).toEqual({ text, entities });
    for (const button of buttons.flat()) {
      const data = "data" in button ? button.data : "";
      expect(new TextEncoder().encode(data).length).toBeLessThanOrEqual(64);
      expect(parseCallback(data)).toBeDefined();
    }
  }

  test("about two hundred services", () => {
    const services = fc
      .array(service, { minLength: 1, maxLength: 5 })
      .map((some) => Array<Surveyed[]>(40).fill(some).flat());
    fc.assert(
      fc.property(services, mutes, (all, some) => {
        expectSound(renderStatuses({ services: all, mutes: some }, part(all.length, 20), "30d", NOW));
        expectSound(renderServices({ services: all, mutes: some }, part(all.length, 20), NOW));
      }),
      { numRuns: 60 },
    );
  });

  test("about one", () => {
    fc.assert(
      fc.property(service, mutes, (it, some) => expectSound(renderStatus(it, some, "30d", NOW))),
      { numRuns: 100 },
    );
  });

  test("about a hundred monitors", () => {
    const shown = { service: undefined, skipped: 0, unseen: 7 };
    fc.assert(
      fc.property(monitors, (all) => expectSound(renderMonitors(all, shown, NOW))),
      { numRuns: 100 },
    );
  });

  test("about what was told", () => {
    const event: fc.Arbitrary<Partial<Event>> = fc.record(
      {
        kind: fc.constantFrom("crash", "error", "notify", "log", "slow", "watchdog", "anomaly", "lifecycle"),
        severity: fc.constantFrom("info", "warning", "error", "critical"),
        title: text,
        error: fc.record({ type: text, message: text, stack: text }),
        slow: fc.record({ name: text, ms: count, thresholdMs: count }),
        lifecycle: fc.record({ phase: fc.constantFrom("start", "stop"), reason: text }),
      },
      { requiredKeys: ["kind", "severity", "title"] },
    );
    const fingerprint = fc.stringMatching(/^[\da-f]{8}$/);
    const said = fc
      .tuple(event, count, fingerprint, name)
      .map(([it, times, id, of]) => saidOf(it, { count: times, id, service: of }));
    const asked: Asked = { service: undefined, window: "30d", most: 20, what: "all" };
    fc.assert(
      fc.property(fc.array(said, { maxLength: 40 }), mutes, (all, some) =>
        expectSound(renderLast(all, some, asked, NOW)),
      ),
      { numRuns: 100 },
    );
  });
});
