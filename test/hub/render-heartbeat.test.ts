import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageText } from "../../src/dev/telegram/text.ts";
import { serviceId } from "../../src/hub/fingerprint.ts";
import type { Expectation, Monitor, Notice } from "../../src/hub/monitor.ts";
import { monitorButtons, monitorId, parseCallback } from "../../src/hub/telegram/render/callback.ts";
import { exactly } from "../../src/hub/telegram/render/expectation.ts";
import {
  type Message,
  type Pending,
  renderBlind,
  renderFleet,
  renderMonitor,
  severityOf,
} from "../../src/hub/telegram/render/message.ts";
import { codePoints, type Entity } from "../../src/hub/telegram/render/text.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MB = 2 ** 20;
/** The last beat before all that happens here. */
const AT = Date.UTC(2026, 10, 21, 14, 18, 10);
/** Three minutes later it is down: it beats each minute, and may be late by two. */
const DOWN = AT + 3 * MINUTE;

const api: Monitor = {
  service: "orders-api",
  name: "",
  status: "down",
  since: DOWN,
  last: AT,
  expected: AT + MINUTE,
  expectation: { every: MINUTE, grace: 2 * MINUTE },
  instances: {},
  isRunning: false,
};
const nightly: Expectation = { cron: "0 3 * * *", tz: "Europe/Berlin", grace: 30 * MINUTE };
const etl: Monitor = { ...api, name: "nightly-etl", expectation: nightly };

const silent: Notice = { kind: "silent", at: DOWN };
const stuck: Notice = { kind: "stuck", at: DOWN, run: "etl-7", began: DOWN - 30 * MINUTE };
const failed: Notice = { kind: "failed", at: DOWN, exit: 3 };
const upAfter = (ms: number): Notice => ({ kind: "up", at: DOWN + ms, downSince: DOWN, after: "silent" });

/** What a person reads, its buttons below it. */
function seen({ text, buttons }: Message): string {
  return [text, ...buttons.map((row) => row.map((button) => `[${button.text}]`).join(" "))].join("\n");
}
const render = (monitor: Monitor, notices: readonly Notice[], now: number = DOWN + 20 * SECOND, missed?: number) =>
  seen(renderMonitor(monitor, notices, now, missed));

describe("a monitor that is down reads", () => {
  test("silent, with what it said last", () => {
    const lastSaid = {
      vitals: { at: AT - 20 * SECOND, rss: 483 * MB, cpu: 94.2, heap: 410 * MB, loopMs: 120 },
      alerts: [
        { title: "OutOfMemory: heap limit reached", count: 12, last: AT - 40 * SECOND, kind: "error" },
        { title: "orders-api crashed", count: 1, last: AT + 5 * SECOND, kind: "lifecycle" },
      ],
    };
    const instances = { "i-1": AT - 4 * HOUR, "i-2": AT };
    expect(render({ ...api, lastSaid, instances }, [silent])).toBe(`\
🔴 silent · orders-api · since 14:21:10 UTC
━━━━━━━━━━━━━━━━━━
last beat 3m ago
expected every 60 s, 2 min grace
Last said
  12 × OutOfMemory: heap limit reached, 40 s before it fell silent
  orders-api crashed, 5 s after its last beat
  rss 483 MB  cpu 94%  heap 410 MB
  loop 120 ms
  measured 20 s before it fell silent
Last beats
  i-2 3m ago  i-1 4h 3m ago
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("silent, a slot of its cron expression missed, and told late", () => {
    const slot = Date.UTC(2026, 10, 21, 2);
    const monitor = { ...etl, last: slot - 24 * HOUR + 6 * MINUTE, expected: slot };
    const late = { kind: "silent", at: slot + 30 * MINUTE } as const;
    expect(render(monitor, [late], late.at + 90 * SECOND)).toBe(`\
🔴 silent · orders-api/nightly-etl · since 02:30:00 UTC
━━━━━━━━━━━━━━━━━━
last beat 1d ago
expected 02:00:00 UTC, at 0 3 * * * Europe/Berlin, 30 min grace
[✅ ack] [💤 1h] [⏸ until next beat]`);
    expect(render(monitor, [late], late.at + 91 * SECOND)).toContain("\ndue by 02:30:00 UTC, told 02:31:31 UTC\n");
  });

  test("silent, while failures come that keep it down", () => {
    expect(render({ ...api, last: DOWN + 4 * MINUTE }, [silent], DOWN + 6 * MINUTE)).toBe(`\
🔴 silent · orders-api · since 14:21:10 UTC
━━━━━━━━━━━━━━━━━━
expected every 60 s, 2 min grace
only failures came since, the last one 2m ago
due by 14:21:10 UTC, told 14:27:10 UTC
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("stuck in a run", () => {
    expect(render(etl, [stuck])).toBe(`\
🔴 stuck · orders-api/nightly-etl · since 14:21:10 UTC
━━━━━━━━━━━━━━━━━━
run etl-7 began 13:51:10 UTC (30m ago), may take 30 min
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("stuck in a run without a name, that may take longer than it may be late", () => {
    const monitor = { ...etl, expectation: { ...nightly, max: 2 * HOUR } };
    expect(render(monitor, [{ ...stuck, run: "" }])).toContain("\na run began 13:51:10 UTC (30m ago), may take 2 h\n");
  });

  test("failed, with the end of what it printed", () => {
    const output = `${Array.from({ length: 40 }, (_, i) => `row ${i + 1} done`).join("\n")}\nError: disk full\n\n`;
    expect(render({ ...etl, last: DOWN, took: 4 * MINUTE + 12_300, output }, [failed])).toBe(`\
🔴 failed · orders-api/nightly-etl · 14:21:10 UTC
━━━━━━━━━━━━━━━━━━
exit status 3 after 4m 12s
Output
…
row 27 done
row 28 done
row 29 done
row 30 done
row 31 done
row 32 done
row 33 done
row 34 done
row 35 done
row 36 done
row 37 done
row 38 done
row 39 done
row 40 done
Error: disk full
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("failed without an exit status, in no time and without a word", () => {
    expect(render({ ...etl, last: DOWN, took: 450, output: " \n" }, [{ ...failed, exit: 0 }])).toBe(`\
🔴 failed · orders-api/nightly-etl · 14:21:10 UTC
━━━━━━━━━━━━━━━━━━
it reported a failure after 450 ms
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("failed, and again since: how long is only known of the last run", () => {
    const text = render({ ...etl, last: DOWN + MINUTE, took: 450 }, [failed], DOWN + 3 * MINUTE);
    expect(text).toContain("\nexit status 3\nonly failures came since, the last one 2m ago\n");
  });

  test("still down", () => {
    const reminder: Notice = { kind: "reminder", at: DOWN + HOUR, downSince: DOWN };
    expect(render(api, [reminder], DOWN + HOUR)).toBe(`\
🟠 still down · orders-api · since 14:21:10 UTC
━━━━━━━━━━━━━━━━━━
last beat 1h 3m ago
expected every 60 s, 2 min grace
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("silent, when the reminder is pending as well", () => {
    const reminder: Notice = { kind: "reminder", at: DOWN + HOUR, downSince: DOWN };
    expect(render(api, [silent, reminder], DOWN + HOUR)).toMatch(/^🔴 silent · orders-api · since 14:21:10 UTC\n/);
  });
});

describe("a monitor that is up again reads", () => {
  const up = upAfter(6 * MINUTE);

  test.each([
    ["down told before", [up], "was silent for 6 min, since 14:21:10 UTC, and beats again"],
    ["silent meanwhile", [silent, up], "was silent for 6 min, since 14:21:10 UTC, and beats again"],
    ["stuck meanwhile", [stuck, up], "was stuck for 6 min, since 14:21:10 UTC, and beats again"],
    ["failed meanwhile", [failed, up], "failed with exit status 3 at 14:21:10 UTC and succeeded 6 min later"],
    ["failed without a status", [{ ...failed, exit: 0 }, up], "failed at 14:21:10 UTC and succeeded 6 min later"],
    [
      "reminded meanwhile",
      [{ kind: "reminder", at: DOWN + MINUTE, downSince: DOWN }, up],
      "was silent for 6 min, since 14:21:10 UTC, and beats again",
    ],
  ] as const)("%s", (_, notices, words) => {
    const monitor: Monitor = { ...api, status: "up", last: DOWN + 6 * MINUTE };
    expect(render(monitor, notices, DOWN + 6 * MINUTE)).toBe(
      `✅ up again · orders-api · 14:27:10 UTC\n━━━━━━━━━━━━━━━━━━\n${words}`,
    );
  });

  test.each([
    [1, "and beats again; missed 1 beat"],
    [360, "and beats again; missed 360 beats"],
  ])("%i missed", (missed, words) => expect(render(api, [up], DOWN + HOUR, missed)).toContain(words));

  test("after days", () => {
    expect(render(api, [upAfter(9 * 24 * HOUR)], DOWN + 9 * 24 * HOUR)).toContain("was silent for 9 days, since 2026-");
  });
});

describe("several times up and down", () => {
  const again = (minutes: number): Notice => ({ ...silent, at: DOWN + minutes * MINUTE });
  const up = (since: number, minutes: number): Notice => ({
    kind: "up",
    at: DOWN + minutes * MINUTE,
    downSince: DOWN + since * MINUTE,
    after: "silent" as const,
  });

  test("are summed up, when it is up now", () => {
    const notices = [again(0), up(0, 6), again(20), up(20, 25), again(40), up(40, 43)];
    expect(render({ ...api, status: "up" }, notices, DOWN + HOUR, 9)).toBe(`\
✅ up again · orders-api · 15:04:10 UTC
━━━━━━━━━━━━━━━━━━
down 3 times since 14:21:10 UTC, 14 min in all; missed 9 beats`);
  });

  test("are summed up below how it is down now, in whatever order they come", () => {
    const monitor = { ...api, last: DOWN + 37 * MINUTE };
    expect(render(monitor, [again(40), up(0, 6), up(20, 25), again(0), again(20)], DOWN + 41 * MINUTE)).toBe(`\
🔴 silent · orders-api · since 15:01:10 UTC
━━━━━━━━━━━━━━━━━━
last beat 4m ago
expected every 60 s, 2 min grace
before that down 2 times since 14:21:10 UTC, 11 min in all
[✅ ack] [💤 1h] [⏸ until next beat]`);
  });

  test("are said to be one, when one was told before", () => {
    expect(render(etl, [up(0, 6), { ...failed, at: DOWN + 8 * MINUTE }], DOWN + 8 * MINUTE)).toContain(
      "\nexit status 3\nbefore that down once since 14:21:10 UTC, 6 min in all\n",
    );
  });
});

describe("a monitor that beats reads", () => {
  const lost = (instance: string, alive: number): Notice => ({ kind: "lost", at: DOWN, instance, alive });
  const instances = { "i-1": DOWN, "i-2": AT, "i-3": DOWN, "i-4": AT + MINUTE };

  test("an instance lost", () => {
    expect(render({ ...api, status: "up", last: DOWN, instances }, [lost("i-2", 3)])).toBe(`\
🟠 3 of 4 instances alive · orders-api · since 14:18:10 UTC
━━━━━━━━━━━━━━━━━━
i-2 last beat 3m ago`);
  });

  test("two lost, one of them forgotten", () => {
    const notices = [lost("i-4", 3), { ...lost("constructor", 2), at: DOWN + SECOND }];
    expect(render({ ...api, status: "up", last: DOWN, instances }, notices, DOWN + MINUTE)).toBe(`\
🟠 2 of 4 instances alive · orders-api · since 14:19:10 UTC
━━━━━━━━━━━━━━━━━━
constructor last beat just now
i-4 last beat 3m ago`);
  });

  test("many lost, the newest ten of them", () => {
    const notices = Array.from({ length: 14 }, (_, i) => ({ ...lost(`i-${i}`, 20 - i), at: DOWN + i * SECOND }));
    const { text } = renderMonitor({ ...api, status: "up" }, notices, DOWN + MINUTE);
    expect(text).toMatch(/^🟠 7 of 21 instances alive[\s\S]*\ni-13 last[\s\S]*\ni-4 last beat just now\n… 4 more$/);
  });

  test("no vitals", () => {
    const blind: Notice = { kind: "blind", at: DOWN, lastVitals: AT - 10 * MINUTE };
    expect(render({ ...api, status: "up", last: DOWN }, [blind])).toBe(`\
🟠 no vitals · orders-api · since 14:08:10 UTC
━━━━━━━━━━━━━━━━━━
its last beat came just now, its last vitals 13m ago`);
  });

  test("another schedule", () => {
    const expectation = { every: 90 * MINUTE, grace: 0, max: 5 * MINUTE, failures: 3, remind: 48 * HOUR };
    expect(render({ ...etl, status: "up" }, [{ kind: "offer", at: DOWN, id: "0ffe4000", expectation }])).toBe(`\
💡 another schedule · orders-api/nightly-etl
━━━━━━━━━━━━━━━━━━
its beats now ask for: every 90 min, no grace, a run may take 5 min, down after 3 failures, a reminder every 2 days
expected so far: at 0 3 * * * Europe/Berlin, 30 min grace
[✔️ accept] [✖️ keep]`);
  });

  test("up again first, then what else there is", () => {
    const offer: Notice = {
      kind: "offer",
      at: DOWN,
      id: "0ffe4000",
      expectation: { every: 5 * MINUTE, grace: MINUTE },
    };
    const notices = [lost("i-2", 3), silent, upAfter(MINUTE), offer];
    expect(render({ ...api, status: "up", last: DOWN + MINUTE, instances }, notices, DOWN + MINUTE)).toBe(`\
✅ up again · orders-api · 14:22:10 UTC
━━━━━━━━━━━━━━━━━━
was silent for 60 s, since 14:21:10 UTC, and beats again
🟠 3 of 4 instances alive · since 14:18:10 UTC
i-2 last beat 4m ago
💡 another schedule
its beats now ask for: every 5 min, 60 s grace
expected so far: every 60 s, 2 min grace
[✔️ accept] [✖️ keep]`);
  });

  test("only silent, when it fell silent after it had lost an instance and its vitals", () => {
    const blind: Notice = { kind: "blind", at: AT, lastVitals: AT };
    expect(render(api, [lost("i-2", 3), blind, silent])).toBe(render(api, [silent]));
  });
});

describe("what it printed", () => {
  const printed = (output: string): string =>
    /\nOutput\n([\s\S]*)$/.exec(renderMonitor({ ...etl, output }, [failed], DOWN).text)?.[1] ?? "";

  test("is a block of code", () => {
    const { text, entities } = renderMonitor({ ...etl, output: "a\n  b" }, [failed], DOWN);
    const pre = entities.filter(({ type }) => type === "pre");
    expect(pre.map(({ offset, length }) => text.substr(offset, length))).toEqual(["a\n  b"]);
  });

  test("is cut in front, between characters", () => {
    expect(printed(`${"x".repeat(5_000)}\nthe end`)).toMatch(/^…x{1191}\nthe end$/);
    expect(printed("🔴".repeat(5_000))).toBe(`…${"🔴".repeat(1_199)}`);
  });

  test("is whole when it is short", () => {
    const lines = Array.from({ length: 15 }, (_, i) => `${i}`).join("\n");
    expect(printed(lines)).toBe(lines);
    expect(printed(`first\n${lines}`)).toBe(`…\n${lines}`);
  });
});

test.each([
  [60 * SECOND, "60 s"],
  [90 * SECOND, "90 s"],
  [2 * MINUTE, "2 min"],
  [100 * MINUTE, "100 min"],
  [24 * HOUR, "24 h"],
  [7 * 24 * HOUR, "7 days"],
  [1_500, "1.5 s"],
])("%i ms that somebody chose are %s", (ms, words) => expect(exactly(ms)).toBe(words));

describe("many monitors at once read", () => {
  const named = (name: string, rest: Partial<Monitor> = {}): Monitor => ({ ...api, name, ...rest });

  test("silent, the one longest without a beat first", () => {
    const monitors = [1, 3, 2].map((n) => ({ monitor: named(`m${n}`, { last: AT - n * MINUTE }), notices: [silent] }));
    expect(seen(renderFleet("down", monitors, DOWN))).toBe(`\
🔴 3 monitors are silent since 14:21:10 UTC
━━━━━━━━━━━━━━━━━━
orders-api/m3 · last beat 14:15:10 UTC
orders-api/m2 · last beat 14:16:10 UTC
orders-api/m1 · last beat 14:17:10 UTC`);
  });

  test("down, each in its way", () => {
    const monitors: Pending[] = [
      { monitor: named("failed"), notices: [failed] },
      { monitor: named("stuck"), notices: [stuck] },
      { monitor: named("never", { last: 0 }), notices: [{ ...silent, at: DOWN - MINUTE }] },
      { monitor: named("down"), notices: [{ kind: "reminder", at: DOWN, downSince: DOWN - 2 * HOUR }] },
    ];
    expect(seen(renderFleet("down", monitors, DOWN))).toBe(`\
🔴 4 monitors are down since 12:21:10 UTC
━━━━━━━━━━━━━━━━━━
orders-api/down · still down since 12:21:10 UTC
orders-api/stuck · stuck in a run since 13:51:10 UTC
orders-api/never · no beat by 14:20:10 UTC
orders-api/failed · failed with exit status 3 at 14:21:10 UTC`);
  });

  test("a question, when it may be the way to us", () => {
    const monitors = [
      { monitor: api, notices: [silent] },
      { monitor: etl, notices: [silent] },
    ];
    expect(seen(renderFleet("down", monitors, DOWN, 3))).toBe(`\
🔴 ingest or network? 2 of 3 monitors fell silent together, since 14:21:10 UTC
━━━━━━━━━━━━━━━━━━
orders-api · last beat 14:18:10 UTC
orders-api/nightly-etl · last beat 14:18:10 UTC`);
  });

  test("up again, the longest down first", () => {
    const twice: readonly Notice[] = [
      upAfter(MINUTE),
      { kind: "up", at: DOWN + HOUR, downSince: DOWN + 50 * MINUTE, after: "silent" },
    ];
    const monitors = [
      { monitor: api, notices: [upAfter(6 * MINUTE)] },
      { monitor: etl, notices: twice },
      { monitor: named("other"), notices: [silent, upAfter(2 * HOUR)] },
    ];
    expect(seen(renderFleet("up", monitors, DOWN))).toBe(`\
✅ 3 monitors beat again
━━━━━━━━━━━━━━━━━━
orders-api/other · was down for 2 h
orders-api/nightly-etl · down 2 times, 11 min in all
orders-api · was down for 6 min`);
  });

  test("as many as a message has room for, the rest counted", () => {
    const monitors = Array.from({ length: 238 }, (_, i) => ({ monitor: named(`m${i}`), notices: [silent] }));
    const { text } = renderFleet("down", monitors, DOWN);
    expect(text).toMatch(/^🔴 238 monitors are silent since/);
    const shown = text.split("\n").filter((it) => it.includes("last beat")).length;
    expect(text).toMatch(new RegExp(`\\nand ${238 - shown} more$`));
    expect(shown).toBeGreaterThan(80);
  });
});

describe("when we were blind ourselves", () => {
  const from = Date.UTC(2026, 10, 21, 14, 0, 10);
  const to = from + 10 * MINUTE + 2 * SECOND;
  const blind =
    "👁 snitchbot itself was blind for 10 min (14:00:10 UTC – 14:10:12 UTC): no tick came, or its store did not answer.";

  test.each([
    [0, blind],
    [1, `${blind} 1 deadline fell into that time and was put off by as much.`],
    [4, `${blind} 4 deadlines fell into that time and were put off by as much.`],
  ])("%i deadlines are told", (deadlines, text) => expect(seen(renderBlind(from, to, deadlines, to))).toBe(text));
});

test("times are told in the reader's own zone", () => {
  const { text, entities } = renderMonitor(api, [silent], DOWN);
  const times = entities.filter((it) => it.type === "date_time");
  expect(times.map((it) => [it.unix_time, it.date_time_format, text.substr(it.offset, it.length)])).toEqual([
    [DOWN / 1000, "T", "14:21:10 UTC"],
    [AT / 1000, "r", "3m ago"],
  ]);
});

describe("notices matter", () => {
  const lost: Notice = { kind: "lost", at: DOWN, instance: "i-1", alive: 1 };
  test.each([
    ["not, when there is none", [], "info"],
    ["little, when it is up", [upAfter(1)], "info"],
    ["more, when an instance is lost", [upAfter(1), lost], "warning"],
    ["as much as the worst of them", [lost, silent, upAfter(1)], "error"],
  ] as const)("%s", (_, notices, severity) => expect(severityOf(notices)).toBe(severity));
});

describe("buttons", () => {
  const long: Monitor = { ...api, service: "s".repeat(63), name: "n".repeat(63) };
  const offer: Notice = { kind: "offer", at: DOWN, id: "0ffe4000", expectation: nightly };

  test("carry verb, monitor and service in 64 bytes", () => {
    const data = monitorButtons(long, [silent, offer]).map((row) => row.map((button) => button.data));
    const [service, monitor] = [serviceId(long.service), monitorId(long.service, long.name)];
    expect(data.map((row) => row.map(parseCallback))).toEqual([
      (["ack", "z1h", "rest"] as const).map((verb) => ({ verb, monitor, service })),
      (["take", "keep"] as const).map((verb) => ({ verb, monitor, service, offer: "0ffe4000" })),
    ]);
    expect(data[0]?.[1]).toBe(`v1:z1h:${monitor}:${service}`);
    expect(Math.max(...data.flat().map((it) => new TextEncoder().encode(it).length))).toBeLessThanOrEqual(64);
  });

  test("tell monitors of a service apart, and from the service", () => {
    const ids = [monitorId("a", ""), monitorId("a", "b"), monitorId("a", "c"), serviceId("a")];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}$/);
  });

  test.each(["v1:constructor:a1b2c3d4:a1b2c3d4", "v1:ack:a1b2c3d4", "v1:ack::a1b2c3d4", "v1:ack:a1b2c3d4:a1b2c3d4:"])(
    "%j is none of ours",
    (data) => expect(parseCallback(data)).toBeUndefined(),
  );

  test("are not below what is up", () => {
    expect(renderMonitor(api, [silent, upAfter(1)], DOWN).buttons).toEqual([]);
  });
});

/** Whatever a string can hold, and far too much of it. */
const anyText: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom("\ud83d", "\udd34x", "a\nb\n", " ", "\u202e\u030a", ""),
    ),
    fc.constantFrom(1, 1, 1, 100, 3_000),
  )
  .map(([text, times]) => text.repeat(times));
const anyNumber = fc.oneof(fc.integer(), fc.double(), fc.integer({ min: AT - 9 * 24 * HOUR, max: AT + 24 * HOUR }));
const anyExpectation = fc.record(
  {
    every: anyNumber,
    cron: anyText,
    tz: anyText,
    grace: anyNumber,
    max: anyNumber,
    failures: fc.nat(),
    remind: anyNumber,
  },
  { requiredKeys: ["grace"] },
) as fc.Arbitrary<Expectation>;
const at = anyNumber;
const kindOf = <const Kind extends string>(kind: Kind) => fc.constant(kind);
const anyNotice: fc.Arbitrary<Notice> = fc.oneof(
  fc.record({ kind: kindOf("silent"), at }),
  fc.record({ kind: kindOf("stuck"), at, run: anyText, began: at }),
  fc.record({ kind: kindOf("failed"), at, exit: fc.nat(255) }),
  fc.record({ kind: kindOf("up"), at, downSince: at, after: fc.constantFrom("silent", "stuck", "failed") }),
  fc.record({ kind: kindOf("reminder"), at, downSince: at }),
  fc.record({ kind: kindOf("lost"), at, instance: anyText, alive: fc.nat() }),
  fc.record({ kind: kindOf("blind"), at, lastVitals: at }),
  fc.record({ kind: kindOf("offer"), at, id: fc.constant("0ffe4000"), expectation: anyExpectation }),
);
const anyAlert = fc.record({ title: anyText, count: fc.nat(), last: at, kind: anyText });
const anyVitals = fc.record(
  { at, rss: anyNumber, cpu: anyNumber, fds: anyNumber, threads: anyNumber, loopMs: anyNumber, heap: anyNumber },
  { requiredKeys: ["at"] },
);
const anyMonitor = fc.record(
  {
    service: anyText,
    name: anyText,
    status: fc.constantFrom("new", "up", "down", "paused", "resting"),
    since: at,
    last: at,
    expected: at,
    expectation: anyExpectation,
    instances: fc.dictionary(anyText, at, { maxKeys: 30 }),
    isRunning: fc.boolean(),
    took: anyNumber,
    output: anyText,
    lastSaid: fc.record(
      { vitals: anyVitals, alerts: fc.array(anyAlert, { maxLength: 6 }) },
      { requiredKeys: ["alerts"] },
    ),
  },
  { requiredKeys: ["service", "name", "status", "since", "last", "expected", "expectation", "instances", "isRunning"] },
) as fc.Arbitrary<Monitor>;
const anyNotices = fc.array(anyNotice, { maxLength: 12 });

describe("whatever happens, the message is one that Telegram takes, and keeps as it is", () => {
  const expectSound = ({ text, entities, buttons }: Message): void => {
    expect(codePoints(text)).toBeLessThanOrEqual(4096);
    expect(entities.length).toBeLessThanOrEqual(100);
    for (const entity of entities) expect(isSound(entity, text)).toBe(true);
    expect(messageText({ text, entities: [...entities] })).toEqual({ text, entities });
    for (const button of buttons.flat()) expect("data" in button ? button.data.length : 0).toBeLessThanOrEqual(64);
  };

  test("about one monitor", () => {
    fc.assert(
      fc.property(anyMonitor, anyNotices, anyNumber, fc.nat(), (monitor, notices, now, missed) =>
        expectSound(renderMonitor(monitor, notices, now, missed)),
      ),
      { numRuns: 200 },
    );
  });

  test("about many", () => {
    const pending = fc.record({ monitor: anyMonitor, notices: anyNotices });
    const some = fc.array(pending, { maxLength: 8 });
    const fleet = fc.tuple(some, fc.constantFrom(1, 40)).map(([it, times]) => Array<Pending[]>(times).fill(it).flat());
    fc.assert(
      fc.property(
        fc.constantFrom("down", "up"),
        fleet,
        anyNumber,
        fc.option(fc.nat(), { nil: undefined }),
        (kind, monitors, now, expected) => expectSound(renderFleet(kind, monitors, now, expected)),
      ),
      { numRuns: 50 },
    );
  });

  test("about ourselves", () => {
    fc.assert(
      fc.property(at, at, fc.nat(), at, (from, to, deadlines, now) =>
        expectSound(renderBlind(from, to, deadlines, now)),
      ),
    );
  });
});

function isSound({ offset, length }: Entity, text: string): boolean {
  const isPairAt = (i: number): boolean => /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(i - 1, i + 1));
  const end = offset + length;
  return offset >= 0 && length > 0 && end <= text.length && !isPairAt(offset) && !isPairAt(end);
}
