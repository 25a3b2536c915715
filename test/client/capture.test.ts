import { afterEach, describe, expect, it, vi } from "vitest";
import { createSnitch } from "../../src/mod.ts";
import { VERSION } from "../../src/version.ts";
import { ADDRESS, listen } from "./hub.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Errors that differ in where they were thrown. */
const errorAt = (line: number, message = "failed"): Error =>
  Object.assign(new Error(message), { stack: `Error: ${message}\n    at run (/srv/app.ts:${line}:1)` });

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("a captured error", () => {
  it("is sent in the next turn, as text/plain to the service's address", async () => {
    const { snitch, requests } = listen({ release: "1.2.3", env: "production" });
    snitch.capture(new TypeError("no such order"));
    expect(requests).toHaveLength(0);
    await turn();
    expect(requests).toHaveLength(1);
    const [{ url, init, batch }] = requests as [(typeof requests)[0]];
    expect(url).toBe(ADDRESS);
    expect(new Request(url, init).headers.get("content-type")).toBe("text/plain;charset=UTF-8");
    expect(init.keepalive).toBe(false);
    expect(batch).toMatchObject({ v: 1, release: "1.2.3", env: "production", sdk: `snitchbot/${VERSION}` });
    expect(batch.id).toMatch(/^[A-Za-z0-9_-]{8,40}$/);
    expect(batch.runtime).toBe(`Node.js/${process.version}`);
    expect(batch.events).toEqual([
      {
        kind: "error",
        severity: "error",
        at: expect.any(Number),
        title: "TypeError: no such order",
        error: { type: "TypeError", message: "no such order", stack: expect.stringContaining("capture.test.ts") },
      },
    ]);
  });

  it("carries what it is given", async () => {
    const hub = listen();
    hub.snitch.capture(new Error("x"), {
      severity: "critical",
      extras: { cart: 3 },
      context: { traceId: "t-1" },
      fingerprint: "checkout",
    });
    expect(await hub.first()).toMatchObject({
      severity: "critical",
      extras: { cart: 3 },
      context: { traceId: "t-1" },
      fingerprint: "checkout",
    });
  });

  it("has the severity of the options when it says none", async () => {
    const hub = listen({ severity: "warning" });
    hub.snitch.capture(new Error("x"));
    expect((await hub.first()).severity).toBe("warning");
  });

  it("leaves without its secrets, wherever they stand", async () => {
    const hub = listen();
    const error = Object.assign(new Error("connect redis://u:hunter2@db failed"), { cause: "token=hunter2" });
    hub.snitch.capture(error, { extras: { apiKey: "hunter2" }, context: { url: `${ADDRESS}/beat` } });
    await hub.first();
    expect(hub.requests[0]?.body).toContain("redis://u:[REDACTED]@db");
    expect(hub.requests[0]?.body).not.toMatch(/hunter2|kJ3x/);
  });

  it("costs the caller less than a tenth of a millisecond", async () => {
    const { snitch } = listen({ maxKinds: 1000 });
    const errors = Array.from({ length: 500 }, (_, i) => errorAt(i));
    const started = performance.now();
    for (const error of errors) snitch.capture(error);
    expect((performance.now() - started) / errors.length).toBeLessThan(0.1);
    await snitch.flush();
  });
});

describe("a notification", () => {
  it("is an info with a title", async () => {
    const hub = listen();
    hub.snitch.notify("Large checkout", { extras: { total: 900 } });
    expect(await hub.first()).toEqual({
      kind: "notify",
      severity: "info",
      at: expect.any(Number),
      title: "Large checkout",
      extras: { total: 900 },
    });
  });

  it("may carry an error", async () => {
    const hub = listen();
    hub.snitch.notify("Payment failed", { error: new RangeError("amount"), severity: "error" });
    expect(await hub.first()).toMatchObject({ title: "Payment failed", error: { type: "RangeError" } });
  });
});

describe("repeats", () => {
  it("of the same turn are one event with a count", async () => {
    const { snitch, requests } = listen();
    for (let i = 0; i < 10_000; i++) snitch.capture(new Error(`order ${i} failed`));
    await turn();
    expect(requests).toHaveLength(1);
    expect(requests[0]?.batch.events).toMatchObject([{ count: 10_000, title: "Error: order 0 failed" }]);
  });

  it("are told after flushAfter, as what came since", async () => {
    vi.useFakeTimers();
    const { snitch, requests } = listen({ flushAfter: 3_000 });
    for (let i = 0; i < 5; i++) {
      snitch.capture(errorAt(1));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(requests.map(({ batch }) => batch.events[0]?.count)).toEqual([undefined, 4]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests).toHaveLength(2);
  });

  it("may wait for longer than a timer can", async () => {
    const { snitch } = listen({ flushAfter: 1e12 });
    snitch.notify("x");
    await turn();
    await turn();
    const timer = vi.spyOn(globalThis, "setTimeout");
    snitch.notify("x");
    await turn();
    await turn();
    expect(timer.mock.calls.map(([, ms]) => ms)).toEqual([expect.toSatisfy((ms: number) => ms < 2 ** 31)]);
  });

  it("ride along with whatever is sent next", async () => {
    const { snitch, requests } = listen();
    snitch.capture(errorAt(1));
    await turn();
    snitch.capture(errorAt(1));
    snitch.capture(errorAt(2));
    await turn();
    expect(requests[1]?.batch.events).toHaveLength(2);
  });

  it("of one error object are one event", async () => {
    const hub = listen();
    const error = new Error("x");
    hub.snitch.capture(error);
    hub.snitch.capture(error);
    expect((await hub.first()).count).toBe(2);
  });

  it("in turn are two events", async () => {
    const hub = listen();
    for (let i = 0; i < 10_000; i++) hub.snitch.capture(errorAt(i % 2));
    await hub.snitch.flush();
    expect(hub.events().map(({ count }) => count)).toEqual([5_000, 5_000]);
  });

  it("are told apart by severity, and by your own fingerprint only", async () => {
    const hub = listen();
    hub.snitch.capture(errorAt(1));
    hub.snitch.capture(errorAt(1), { severity: "critical" });
    hub.snitch.capture(errorAt(2), { fingerprint: "mine" });
    hub.snitch.capture(errorAt(3), { fingerprint: "mine" });
    await hub.snitch.flush();
    expect(hub.events().map(({ severity, count = 1 }) => [severity, count])).toEqual([
      ["error", 1],
      ["critical", 1],
      ["error", 2],
    ]);
  });

  it("are told anew, with what they carry then, after five minutes", async () => {
    vi.useFakeTimers();
    const { snitch, requests } = listen();
    snitch.capture(errorAt(1), { extras: { attempt: 1 } });
    await vi.advanceTimersByTimeAsync(301_000);
    snitch.capture(errorAt(1), { extras: { attempt: 2 } });
    await vi.advanceTimersByTimeAsync(1);
    expect(requests.map(({ batch }) => batch.events[0]?.extras)).toEqual([{ attempt: 1 }, { attempt: 2 }]);
  });
});

describe("a storm", () => {
  it("tells a hundred kinds a minute, and of the rest how many", async () => {
    const hub = listen();
    for (let i = 0; i < 10_000; i++) hub.snitch.capture(errorAt(i));
    await hub.snitch.flush();
    expect(hub.requests.map(({ batch }) => batch.events.length)).toEqual([50, 50]);
    expect(hub.told() + hub.dropped()).toBe(10_000);
    expect(hub.snitch.stats()).toMatchObject({ captured: 10_000, sent: 100, dropped: 9_900, pending: 0 });
  });

  it("does not hold the caller for long, and leaves little behind", async () => {
    const hub = listen();
    const errors = Array.from({ length: 10_000 }, (_, i) => errorAt(i, "m".repeat(500)));
    const memory = process.memoryUsage().rss;
    const before = process.cpuUsage();
    for (const error of errors) hub.snitch.capture(error);
    await hub.snitch.flush();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(1_000); // some 60 ms; computed, for others may be busy meanwhile
    expect(process.memoryUsage().rss - memory).toBeLessThan(60e6);
    expect(hub.told() + hub.dropped()).toBe(10_000);
  });

  it("has more room in the next minute", async () => {
    vi.useFakeTimers();
    const hub = listen({ maxKinds: 2 });
    for (let i = 0; i < 3; i++) hub.snitch.capture(errorAt(i));
    await vi.advanceTimersByTimeAsync(61_000);
    hub.snitch.capture(errorAt(9));
    await vi.advanceTimersByTimeAsync(1);
    expect(hub.told()).toBe(3);
    expect(hub.dropped()).toBe(1);
  });

  it("of long events is cut into batches of less than 256 KiB", async () => {
    const hub = listen();
    for (let i = 0; i < 60; i++) {
      hub.snitch.capture(errorAt(i), {
        extras: Object.fromEntries(Array.from({ length: 9 }, (_, k) => [k, "語".repeat(1000)])),
      });
    }
    await hub.snitch.flush();
    expect(hub.told()).toBe(60);
    for (const { body } of hub.requests) expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
  });
});

describe("beforeSend", () => {
  it("changes what is told", async () => {
    const hub = listen({ beforeSend: (event) => ({ ...event, title: "changed" }) });
    hub.snitch.capture(new Error("x"));
    expect((await hub.first()).title).toBe("changed");
  });

  it("keeps an event back, which is counted and not told", async () => {
    const hub = listen({ beforeSend: () => null });
    hub.snitch.capture(new Error("x"));
    expect(await hub.snitch.flush()).toBe(true);
    expect(hub.requests).toHaveLength(0);
    expect(hub.snitch.stats()).toMatchObject({ captured: 1, dropped: 1 });
  });

  it("is not asked twice when it throws", async () => {
    const hub = listen({
      beforeSend() {
        throw new Error("no");
      },
    });
    hub.snitch.capture(new Error("x"));
    expect((await hub.first()).title).toBe("Error: x");
  });
});

describe("the address", () => {
  it("comes from SNITCHBOT_URL", async () => {
    vi.stubEnv("SNITCHBOT_URL", ADDRESS);
    const { snitch, requests } = listen({ url: undefined });
    snitch.init("orders-api");
    snitch.notify("x");
    await snitch.flush();
    expect(requests[0]?.url).toBe(ADDRESS);
  });

  it("that is missing is said once, with how to mend it, and nothing else happens", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { snitch, requests } = listen({ url: undefined });
    snitch.capture(new Error("x"));
    await turn();
    snitch.capture(new Error("y"));
    expect(await snitch.flush()).toBe(true);
    expect(requests).toHaveLength(0);
    expect(warn.mock.calls).toEqual([[expect.stringContaining("SNITCHBOT_URL")]]);
  });

  it("may come later, with init", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    const hub = listen({ url: undefined });
    hub.snitch.notify("too early");
    await turn();
    hub.snitch.init({ url: ADDRESS });
    hub.snitch.notify("in time");
    expect((await hub.first()).title).toBe("in time");
  });

  it("does not matter when SNITCHBOT_DISABLED is 1", async () => {
    vi.stubEnv("SNITCHBOT_DISABLED", "1");
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { snitch, requests } = listen();
    snitch.init({ url: undefined });
    snitch.capture(new Error("x"));
    expect(snitch.context({ a: 1 }, () => 7)).toBe(7);
    expect(await snitch.flush()).toBe(true);
    await turn();
    expect(requests).toHaveLength(0);
    expect(warn).not.toHaveBeenCalled();
    expect(snitch.stats().captured).toBe(0);
  });
});

describe("flush", () => {
  it("sends repeats at once and says that nothing is left", async () => {
    const hub = listen();
    hub.snitch.capture(errorAt(1));
    await turn();
    hub.snitch.capture(errorAt(1));
    expect(hub.snitch.stats()).toMatchObject({ captured: 2, repeats: 1, sent: 1, pending: 1 });
    expect(await hub.snitch.flush()).toBe(true);
    expect(hub.told()).toBe(2);
  });

  it("does not wait for a hub that wants to be left alone for longer", async () => {
    const hub = listen();
    hub.answer = () => new Response("{}", { status: 503, headers: { "retry-after": "30" } });
    hub.snitch.notify("x");
    const started = Date.now();
    expect(await hub.snitch.flush(2_000)).toBe(false);
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  it("gives up in time when the hub does not answer", async () => {
    vi.useFakeTimers();
    const hub = listen();
    hub.answer = () => new Promise(() => {});
    hub.snitch.notify("x");
    let flushed: boolean | undefined;
    hub.snitch.flush(500).then((done) => {
      flushed = done;
    });
    await vi.advanceTimersByTimeAsync(520);
    expect(flushed).toBe(false);
  });
});

it("sends that nothing protects are counted", async () => {
  const { snitch } = listen();
  snitch.notify("x");
  await snitch.flush();
  expect(snitch.stats()).toEqual({
    captured: 1,
    repeats: 0,
    sent: 1,
    dropped: 0,
    failed: 0,
    unprotected: 1,
    pending: 0,
  });
});

it("two clients have nothing in common", async () => {
  const a = listen();
  const b = listen();
  a.snitch.notify("x");
  b.snitch.notify("x");
  await Promise.all([a.snitch.flush(), b.snitch.flush()]);
  expect([a.told(), b.told()]).toEqual([1, 1]);
  expect(a.requests[0]?.batch.instance).not.toBe(b.requests[0]?.batch.instance);
  expect(createSnitch().stats().captured).toBe(0);
});
