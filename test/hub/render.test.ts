import { describe, expect, test } from "vitest";
import type { Event } from "../../src/event.ts";
import type { Alert, Origin, Tally } from "../../src/hub/alert.ts";
import { serviceId } from "../../src/hub/fingerprint.ts";
import { parseCallback } from "../../src/hub/telegram/render/callback.ts";
import {
  type Message,
  renderAlert,
  renderDigest,
  renderPlain,
  renderTrace,
} from "../../src/hub/telegram/render/message.ts";

const AT = Date.UTC(2026, 10, 21, 14, 42, 10);
const MINUTE = 60_000;
const origin: Origin = { instance: "i-8f3ac2", runtime: "node 20.20.2", env: "production", pid: 101 };

function alertOf(event: Partial<Event>, rest: Partial<Alert> = {}): Alert {
  const whole: Event = { kind: "error", severity: "error", at: AT, title: "title", ...event };
  return { service: "orders-api", fingerprint: "a1b2c3d4", origin, ...rest, event: whole };
}
const once: Tally = { count: 1, first: AT, last: AT };

function render(
  event: Partial<Event>,
  rest: Partial<Alert> = {},
  tally: Tally = once,
  now: number = AT + 2_000,
): Message {
  return renderAlert(alertOf(event, rest), tally, now);
}

/** What a person reads, its buttons below it. */
function seen({ text, buttons }: Message): string {
  return [text, ...buttons.map((row) => row.map((button) => `[${button.text}]`).join(" "))].join("\n");
}

const stack = `DatabaseConnectionError: connection refused to 10.0.0.5:5432
    at Pool.acquire (file:///app/src/db/pool.ts:47:11)
    at Client.connect (/app/node_modules/pg/lib/client.js:12:3)
    at async fetchAll (file:///app/src/services/orders.ts:88:28)
    at async listOrders (file:///app/src/routes/orders.ts:12:7)
    at async file:///app/src/server.ts:30:7
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`;
const refused = { type: "DatabaseConnectionError", message: "connection refused to 10.0.0.5:5432", stack };

describe("an alert reads", () => {
  test("crash, twice", () => {
    const crash = {
      kind: "crash",
      error: {
        ...refused,
        cause: {
          type: "Error",
          message: "connect ECONNREFUSED 10.0.0.5:5432",
          stack: "Error: x\n    at TCPConnectWrap.afterConnect (node:net:1636:16)",
        },
      },
      context: { trace_id: "req-abc-123", user_id: 42, query: { q: "test" } },
      extras: { cart_size: 3, user: "Alice", gift: true, note: null },
    } as const;
    const tally = { count: 2, first: AT - 24 * MINUTE, last: AT };
    expect(
      seen(render(crash, { origin: { ...origin, release: "1.4.2", host: "web-1", role: "worker" } }, tally)),
    ).toBe(`\
🔴 crash · orders-api · a1b2c3d4 × 2
━━━━━━━━━━━━━━━━━━
DatabaseConnectionError: connection refused to 10.0.0.5:5432
Details
  first 14:18:10 UTC (24m ago)
  last 14:42:10 UTC (just now)
  release 1.4.2  env production
  host web-1  pid 101  role worker
  instance i-8f3ac2  runtime node 20.20.2
Context
  trace_id req-abc-123  user_id 42
  query {"q":"test"}
Extras
  cart_size 3  user Alice  gift true
  note null
Stack
  src/db/pool.ts:47 in Pool.acquire()
  src/services/orders.ts:88 in fetchAll()
  src/routes/orders.ts:12 in listOrders()
  … 1 more frame and 1 in libraries
Caused by
  Error: connect ECONNREFUSED 10.0.0.5:5432
    node:net:1636 in TCPConnectWrap.afterConnect()
[📋 full trace] [🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("error of a bundle, many times at once", () => {
    const error = {
      type: "TypeError",
      message: "x is null",
      stack: "TypeError: x is null\n    at a (index.js:1:48213)\n    at index.js:1:99",
    };
    expect(
      seen(render({ error }, { origin: { instance: "i-1", runtime: "workerd" } }, { ...once, count: 12_000 })),
    ).toBe(`\
🔴 error · orders-api · a1b2c3d4 × 12 000
━━━━━━━━━━━━━━━━━━
TypeError: x is null
Details
  time 14:42:10 UTC (just now)
  instance i-1  runtime workerd
Stack
  index.js:1:48213 in a()
  index.js:1
[📋 full trace] [🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("error with several inside", () => {
    const errors = ["eu", "us", "ap", "sa"].map((region) => ({
      type: "TimeoutError",
      message: `no answer from ${region}`,
      ...(region === "eu" && { stack: "TimeoutError: no answer from eu\n    at ask (/app/src/regions.ts:9:3)" }),
    }));
    expect(seen(render({ error: { type: "AggregateError", message: "All promises were rejected", errors } }))).toBe(`\
🔴 error · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
AggregateError: All promises were rejected
Details
  time 14:42:10 UTC  env production
  pid 101  instance i-8f3ac2
  runtime node 20.20.2
Errors
  TimeoutError: no answer from eu
    src/regions.ts:9 in ask()
  TimeoutError: no answer from us
  TimeoutError: no answer from ap
  … 1 more
[🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("error that quotes its source", () => {
    const error = {
      type: "SyntaxError",
      message: "Unexpected token ';'",
      stack:
        "/app/src/broken.js:3\n  const a = ;\n            ^\n\nSyntaxError: Unexpected token ';'\n    at wrapSafe (node:internal/modules/cjs/loader:1464:18)",
    };
    expect(seen(render({ error }, { origin: { instance: "i-1" } }))).toContain(`
Stack
  src/broken.js:3
    const a = ;
`);
  });

  test("error of libraries only: their frames are shown", () => {
    const error = {
      type: "Error",
      message: "x",
      stack:
        "Error: x\n    at a (/app/node_modules/pg/a.js:1:1)\n    at b (node:net:2:2)\n    at c (node:net:3:3)\n    at d (node:net:4:4)",
    };
    expect(seen(render({ error }))).toContain(`
Stack
  pg/a.js:1 in a()
  node:net:2 in b()
  node:net:3 in c()
  … 1 more frame
`);
  });

  test("slow call", () => {
    const slow = { name: "fetchUserProfile", ms: 250.4, thresholdMs: 100, location: "file:///app/src/users.ts:8" };
    expect(seen(render({ kind: "slow", severity: "warning", slow }))).toBe(`\
🟠 slow call · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
fetchUserProfile took 250 ms (threshold 100 ms)
Details
  time 14:42:10 UTC
  location src/users.ts:8  env production
  pid 101  instance i-8f3ac2
  runtime node 20.20.2
[🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("slow call that is not over", () => {
    const slow = { name: "fetchUserProfile", ms: 5_004, thresholdMs: 100 };
    const event = { kind: "slow", severity: "warning", title: "fetchUserProfile still running after 5 s" } as const;
    expect(seen(render({ ...event, slow, extras: { async: true } }, { origin: { instance: "i-1" } }))).toBe(`\
🟠 slow call · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
fetchUserProfile still running after 5 004 ms (threshold 100 ms)
Details
  time 14:42:10 UTC  instance i-1
Extras
  async true
[🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("watchdog with the stack of what blocked", () => {
    const watchdog = {
      ms: 5_699,
      thresholdMs: 500,
      stack: "at hash (/app/src/hash.ts:4:2)\nat login (/app/src/login.ts:9:1)",
    };
    expect(seen(render({ kind: "watchdog", severity: "critical", watchdog }))).toBe(`\
🟣 watchdog · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
Event loop blocked for 5 699 ms (threshold 500 ms)
Details
  time 14:42:10 UTC  env production
  pid 101  instance i-8f3ac2
  runtime node 20.20.2
Blocked in
  src/hash.ts:4 in hash()
  src/login.ts:9 in login()
[📋 full trace] [🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test.each(["GET /orders", "native call"])("watchdog where no stack can be had: %s", (label) => {
    const watchdog = { ms: 588, thresholdMs: 500, label };
    expect(seen(render({ kind: "watchdog", severity: "warning", watchdog }))).toBe(`\
🟠 watchdog · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
Event loop blocked for 588 ms (threshold 500 ms)
Details
  time 14:42:10 UTC  env production
  pid 101  instance i-8f3ac2
  runtime node 20.20.2
Blocked in
  ${label}
[🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("anomaly", () => {
    const anomaly = { metric: "cpu", mode: "ceiling", current: 94.2, baseline: 18, limit: 90, window: "2m" } as const;
    expect(seen(render({ kind: "anomaly", anomaly }))).toBe(`\
🔴 anomaly · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
CPU ceiling: 94% (limit 90%)
Details
  time 14:42:10 UTC  window 2m
  baseline 18%  env production  pid 101
  instance i-8f3ac2  runtime node 20.20.2
[🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("watchdog of which nothing is known but how long", () => {
    const watchdog = { ms: 612, thresholdMs: 500 };
    expect(seen(render({ kind: "watchdog", severity: "warning", watchdog }, { origin: { instance: "i-1" } }))).toBe(`\
🟠 watchdog · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
Event loop blocked for 612 ms (threshold 500 ms)
Details
  time 14:42:10 UTC  instance i-1
[🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("anomaly that is only near, in its client's words", () => {
    const MB = 2 ** 20;
    const figures = { current: 382 * MB, baseline: 310 * MB, limit: 450 * MB };
    const anomaly = { metric: "rss", mode: "ceiling", ...figures, window: "30m" } as const;
    const title = "RSS reaches 450 MB in ~40 min: 382 MB now";
    const event = { kind: "anomaly", severity: "warning", title, anomaly, extras: { reached_in: "~40 min" } } as const;
    expect(seen(render(event, { origin: { instance: "i-1" } }))).toBe(`\
🟠 anomaly · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
RSS reaches 450 MB in ~40 min: 382 MB now
Details
  time 14:42:10 UTC  window 30m
  baseline 310 MB  instance i-1
Extras
  reached_in ~40 min
[🔕 5m] [🔕 1h] [🔕 24h]`);
    expect(seen(render({ ...event, title: "" }))).toContain("RSS ceiling: 382 MB (limit 450 MB)");
  });

  test("notify", () => {
    const notify = {
      kind: "notify",
      severity: "info",
      title: "Starting checkout process",
      extras: { cart_size: 3, user: "Alice" },
    } as const;
    expect(seen(render({ ...notify, context: { caller: "checkout.ts:6 in main()" } }))).toBe(`\
ℹ️ notify · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
Starting checkout process
Details
  time 14:42:10 UTC
  caller checkout.ts:6 in main()
  env production  pid 101
  instance i-8f3ac2  runtime node 20.20.2
Extras
  cart_size 3  user Alice
[🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("notify with an error", () => {
    const error = {
      type: "RangeError",
      message: "Division by zero",
      stack: "RangeError: Division by zero\n    at divide (/app/src/payment.ts:3:9)",
    };
    expect(seen(render({ kind: "notify", title: "Division failed in payment calculator", error }))).toBe(`\
🔴 notify · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
Division failed in payment calculator
Details
  time 14:42:10 UTC  env production
  pid 101  instance i-8f3ac2
  runtime node 20.20.2
Error
  RangeError: Division by zero
Stack
  src/payment.ts:3 in divide()
[📋 full trace] [🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  test("log", () => {
    const log = {
      kind: "log",
      severity: "warning",
      title: "Cache miss rate too high",
      extras: { miss_pct: 42, logger: "myapp" },
    } as const;
    expect(seen(render(log, { origin: { instance: "i-1" } }))).toBe(`\
🟠 log.warning · orders-api · a1b2c3d4
━━━━━━━━━━━━━━━━━━
Cache miss rate too high
Details
  time 14:42:10 UTC  instance i-1
Extras
  miss_pct 42  logger myapp
[🔕 5m] [🔕 1h] [🔕 24h]`);
  });

  const lived = (given: Partial<Event>, place: Partial<Origin> = {}): string =>
    seen(
      render(
        { kind: "lifecycle", title: "", ...given },
        { fingerprint: "", origin: { instance: "i-1", pid: 101, ...place } },
      ),
    );

  test("start of one of several", () => {
    const lifecycle = { phase: "start", reason: "start" } as const;
    expect(lived({ lifecycle }, { role: "worker", release: "1.4.2", host: "web-1" })).toBe(`\
orders-api (worker) started
━━━━━━━━━━━━━━━━━━
pid 101  time 14:42:10 UTC
release 1.4.2  host web-1  instance i-1`);
  });

  test("stop, with how long it ran and what else its client knows", () => {
    const lifecycle = { phase: "stop", reason: "sigterm", exitCode: 143 } as const;
    expect(lived({ lifecycle, extras: { uptime: 11_520_000, jobs_left: 3 } })).toBe(`\
orders-api stopped
━━━━━━━━━━━━━━━━━━
pid 101  reason sigterm  exit_code 143
uptime 3h 12m  time 14:42:10 UTC
instance i-1
Extras
  jobs_left 3`);
  });

  test.each([
    [212, "212 ms"],
    [99_000, "1m 39s"],
    ["3 days", "3 days"],
    [undefined, ""],
  ])("stop after %j", (uptime, words) => {
    const lifecycle = { phase: "stop", reason: "clean_exit", exitCode: 0 } as const;
    expect(/ *uptime ([\w ]+?)(?: {2}|\n)/.exec(lived({ lifecycle, extras: { uptime } }))?.[1] ?? "").toBe(words);
  });

  test.each([
    ["clean_exit", 0, "orders-api stopped"],
    ["sigint", 130, "orders-api stopped"],
    ["sighup", undefined, "orders-api stopped"],
    ["exit", 0, "orders-api stopped"],
    ["exit", 7, "orders-api exited with code 7"],
    ["crash", 1, "orders-api crashed"],
    ["thread_crash", undefined, "orders-api crashed"],
  ] as const)("stop by %s, exit code %s", (reason, exitCode, title) => {
    const text = lived({ lifecycle: { phase: "stop", reason, ...(exitCode !== undefined && { exitCode }) } });
    expect(text.split("\n")[0]).toBe(title);
    expect(text).toContain(`reason ${reason}`);
  });
});

describe("an anomaly says", () => {
  const MB = 2 ** 20;
  test.each([
    [
      { metric: "rss", mode: "spike", current: 183 * MB, baseline: 70.2 * MB },
      "RSS spike: 183 MB (baseline 70 MB, +160%)",
    ],
    [{ metric: "rss", mode: "ceiling", current: 12_700 * MB, limit: 450 * MB }, "RSS ceiling: 12.4 GB (limit 450 MB)"],
    [{ metric: "rss", mode: "drop", current: 30 * MB, baseline: 70 * MB }, "RSS drop: 30 MB (baseline 70 MB, −57%)"],
    [{ metric: "heap", mode: "spike", current: 4.25 * MB }, "Heap spike: 4.3 MB"],
    [{ metric: "cpu", mode: "spike", current: 94, baseline: 18 }, "CPU spike: 94% (baseline 18%, +76 points)"],
    [{ metric: "fds", mode: "spike", current: 820, baseline: 40 }, "FD leak: 40 → 820 (+780)"],
    [{ metric: "fds", mode: "drop", current: 40, baseline: 1_820 }, "FD drop: 1 820 → 40 (−1 780)"],
    [{ metric: "fds", mode: "ceiling", current: 820, limit: 800 }, "FD ceiling: 820 (limit 800)"],
    [{ metric: "threads", mode: "spike", current: 45, baseline: 8 }, "Thread spike: 8 → 45 (+462%)"],
    [{ metric: "threads", mode: "spike", current: 45, baseline: 0 }, "Thread spike: 0 → 45"],
    [
      { metric: "loop", mode: "spike", current: 120, baseline: 9.5 },
      "Event-loop delay spike: 120 ms (baseline 9.5 ms, +1 163%)",
    ],
    [{ metric: "queue", mode: "spike", current: 12, baseline: 4 }, "queue spike: 12 (baseline 4, +200%)"],
    [{ metric: "constructor", mode: "ceiling", current: 2 }, "constructor ceiling: 2"],
  ] as const)("%j", (anomaly, title) => {
    const { text } = render({ kind: "anomaly", anomaly: { ...anomaly, window: "1m" } });
    expect(text.split("\n")[2]).toBe(title);
  });
});

describe("a time is told", () => {
  const details = (tally: Tally, now: number): string =>
    /Details\n {2}([\s\S]*?)\n? +(?:env|instance)/.exec(render({}, {}, tally, now).text)?.[1]?.trim() ?? "";

  test.each([
    ["once, just now", { count: 1, first: AT, last: AT }, AT + 59_000, "time 14:42:10 UTC"],
    ["once, and late", { count: 1, first: AT, last: AT }, AT + 65 * MINUTE, "time 14:42:10 UTC (1h 5m ago)"],
    ["several times in a second", { count: 5, first: AT, last: AT + 900 }, AT, "time 14:42:10 UTC (just now)"],
    [
      "from another day",
      { count: 1, first: AT, last: AT },
      AT + 3 * 24 * 60 * MINUTE,
      "time 2026-11-21 14:42:10 UTC (3d ago)",
    ],
    ["from the future, as clocks differ", { count: 1, first: AT, last: AT }, AT - 5_000, "time 14:42:10 UTC"],
  ])("%s", (_, tally, now, text) => expect(details(tally, now)).toBe(text));

  test("in the reader's own zone", () => {
    const { text, entities } = render({}, {}, { count: 2, first: AT - 24 * MINUTE, last: AT });
    const times = entities.filter(({ type }) => type === "date_time");
    expect(
      times.map((it) => ({ ...it, offset: undefined, length: undefined, text: text.substr(it.offset, it.length) })),
    ).toEqual([
      { type: "date_time", unix_time: AT / 1000 - 1440, date_time_format: "T", text: "14:18:10 UTC" },
      { type: "date_time", unix_time: AT / 1000 - 1440, date_time_format: "r", text: "24m ago" },
      { type: "date_time", unix_time: AT / 1000, date_time_format: "T", text: "14:42:10 UTC" },
      { type: "date_time", unix_time: AT / 1000, date_time_format: "r", text: "just now" },
    ]);
  });

  test.each([0, -5, 8.64e15, Number.NaN, Number.POSITIVE_INFINITY])("as plain text when it is %s", (at) => {
    const { text, entities } = render({}, {}, { count: 2, first: at, last: at });
    expect(text).toContain("time ");
    expect(entities.filter(({ type }) => type === "date_time")).toEqual([]);
  });
});

test("names of blocks are bold, what can be copied is monospaced", () => {
  const { text, entities } = render({
    error: { ...refused, stack: "Error\n    at f (/app/a.ts:1:2)" },
    extras: { user: "Alice" },
  });
  const marked = (type: string) =>
    entities.filter((it) => it.type === type).map((it) => text.substr(it.offset, it.length));
  expect(marked("bold")).toEqual(["DatabaseConnectionError", "Details", "Extras", "Stack"]);
  expect(marked("code")).toEqual(["a1b2c3d4", "production", "101", "i-8f3ac2", "node 20.20.2", "Alice", "a.ts:1"]);
});

test("a plain message says the same without entities", () => {
  const message = render({ error: refused });
  expect(renderPlain(message)).toEqual({ ...message, entities: [] });
});

test("a long message of many lines is cut, and says so", () => {
  const message = Array.from({ length: 30 }, (_, i) => `line ${i}`).join("\n");
  const { text } = render({ error: { type: "ZodError", message } });
  expect(text).toContain("ZodError: line 0\nline 1\n");
  expect(text).toContain("line 11\n…\nDetails");
});

test("values are told on one line, as JSON when they are no text", () => {
  const { text } = render(
    { extras: { list: [1, 2], text: "two\n  lines", empty: "", "": 1, "odd\nkey": false } },
    { origin: { instance: "i" } },
  );
  expect(text).toContain(`Extras\n  list [1,2]  text two lines  empty ""\n  "" 1  odd key false`);
});

test("more extras than a message has room for are counted", () => {
  const extras = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`key_${i}`, i]));
  expect(render({ extras }).text).toMatch(/key_0 0 {2}key_1 1[\s\S]*\n {2}… 2 970 more$/);
});

describe("when it is too long", () => {
  const long = (size: number) => "x".repeat(size);
  const extras = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`long_${i}`, long(300)]));

  test("long values go first, and are counted", () => {
    const { text } = render({
      error: refused,
      extras: { ...extras, short: "kept" },
      context: { ...extras, trace: "kept too" },
    });
    expect(text).toContain("short kept");
    expect(text).toContain("trace kept too");
    expect(text).toMatch(/… \d more/);
    expect(text).toContain("src/routes/orders.ts:12 in listOrders()");
  });
});

describe("buttons", () => {
  test("carry verb, fingerprint and service in 64 bytes", () => {
    const { buttons } = render({ error: refused }, { service: "s".repeat(63) });
    const data = buttons.flat().flatMap((button) => ("data" in button ? button.data : []));
    expect(data[0]).toBe(`v1:trace:a1b2c3d4:${serviceId("s".repeat(63))}`);
    expect(Math.max(...data.map((it) => new TextEncoder().encode(it).length))).toBeLessThanOrEqual(64);
    expect(data.map(parseCallback)).toEqual(
      (["trace", "m5m", "m1h", "m24h"] as const).map((verb) => ({
        verb,
        fingerprint: "a1b2c3d4",
        service: serviceId("s".repeat(63)),
      })),
    );
  });

  test.each([
    "",
    "v1",
    "v2:trace:a1b2c3d4:a1b2c3d4",
    "v1:drop:a1b2c3d4:a1b2c3d4",
    "v1:trace:a1b2c3d4",
    "v1:trace:A1B2C3D4:a1b2c3d4",
    "v1:trace:a1b2c3d4:a1b2c3d4:x",
    "v1:trace:a1b2c3d4:a1b2c3d4\n",
  ])("%j is none of ours", (data) => expect(parseCallback(data)).toBeUndefined());
});

describe("a full trace", () => {
  test("is the stack with its members and causes", () => {
    const cause = { type: "Error", message: "closed", stack: "close@https://shop.example/a.js:1:2" };
    const member = { type: "RangeError", message: "far", stack: "RangeError: far\n    at g (/app/b.js:1:2)" };
    const error = {
      type: "TypeError",
      message: "x",
      stack: "TypeError: x\n    at f (/app/a.js:1:2)",
      cause,
      errors: [member],
    };
    expect(renderTrace(alertOf({ error }))).toBe(`\
TypeError: x
    at f (/app/a.js:1:2)

Error 1: RangeError: far
    at g (/app/b.js:1:2)

Caused by: Error: closed
close@https://shop.example/a.js:1:2`);
  });

  test("of a stall is the stack of what blocked", () => {
    const watchdog = { ms: 588, thresholdMs: 500, stack: "at hash (/app/hash.ts:4:2)" };
    expect(renderTrace(alertOf({ kind: "watchdog", title: "Event loop blocked", watchdog }))).toBe(
      "Event loop blocked\nat hash (/app/hash.ts:4:2)",
    );
  });
});

describe("a digest reads", () => {
  const one = { service: "orders-api", count: 312, lost: 0, from: AT - 4 * MINUTE, kinds: [] };
  const kind = (n: number, title: string, rank = 2) => ({ id: `0000000${n}`, rank, count: n * 10, title });

  test.each([
    [one, "📦 312 more alerts of orders-api in 4 min"],
    [{ ...one, count: 1, from: AT - 400 }, "📦 1 more alert of orders-api in 1 s"],
    [{ ...one, count: 12_000, from: AT - 150 * MINUTE }, "📦 12 000 more alerts of orders-api in 3 h"],
    [
      { ...one, lost: 7 },
      "📦 312 more alerts of orders-api in 4 min\norders-api gave up 7 events that it could not send",
    ],
    [{ ...one, count: 0, lost: 1 }, "📦 orders-api gave up 1 event that it could not send"],
  ])("%j", (it, text) => expect(seen(renderDigest([it], AT))).toBe(text));

  test("the worst and most frequent first, the rest on shared lines", () => {
    const kinds = [
      kind(1, "Rare"),
      kind(2, "Rarer", 1),
      kind(3, "Worst", 3),
      ...[4, 5, 6, 7, 8].map((n) => kind(n, `Kind ${n}`)),
    ];
    expect(
      seen(
        renderDigest(
          [
            { ...one, count: 400, kinds },
            { ...one, service: "shop", count: 2 },
          ],
          AT,
        ),
      ),
    ).toBe(
      `📦 402 more alerts of 2 services in 4 min
orders-api × 400
🟣 00000003 × 30  Worst
🔴 00000008 × 80  Kind 8
🔴 00000007 × 70  Kind 7
🔴 00000006 × 60  Kind 6
🔴 00000005 × 50  Kind 5
00000004×40 00000001×10 00000002×20
and 40 events of other kinds
shop × 2`,
    );
  });
});
