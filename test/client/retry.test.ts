import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accepted, listen } from "./hub.ts";

const status = (code: number, headers: HeadersInit = {}) => new Response("{}", { status: code, headers });
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
  vi.spyOn(console, "warn").mockReturnValue(); // why the hub refuses
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a batch", () => {
  it.each([400, 401, 404, 413])("refused with %i is tried twice, then counted as dropped", async (code) => {
    const hub = listen();
    hub.answer = () => status(code);
    hub.snitch.notify("x");
    await wait(HOUR);
    expect(hub.requests).toHaveLength(2);
    expect(hub.snitch.stats()).toMatchObject({ sent: 0, dropped: 1, failed: 2, pending: 0 });
    expect(console.warn).toHaveBeenCalledWith("snitchbot: the hub says", code, undefined);
  });

  it.each([429, 500, 503])("postponed with %i is sent again as it was", async (code) => {
    const hub = listen();
    hub.answer = () => status(code);
    hub.snitch.notify("x");
    await wait(1);
    hub.answer = accepted;
    await wait(2_000);
    expect(hub.requests).toHaveLength(2);
    expect(hub.requests[1]?.body).toBe(hub.requests[0]?.body);
    expect(hub.snitch.stats()).toMatchObject({ sent: 1, failed: 1, pending: 0 });
  });

  it("is sent again no sooner than Retry-After, and nothing else before it", async () => {
    const hub = listen();
    hub.answer = () => status(429, { "retry-after": "30" });
    hub.snitch.notify("x");
    await wait(1);
    hub.snitch.notify("y");
    await wait(29_990);
    expect(hub.requests).toHaveLength(1);
    hub.answer = accepted;
    await wait(20);
    expect(hub.requests.map(({ batch }) => batch.events[0]?.title)).toEqual(["x", "x", "y"]);
  });

  it("that fails for another reason does not cut Retry-After short", async () => {
    const hub = listen();
    hub.answer = async () => {
      await later(10);
      return status(429, { "retry-after": "60" });
    };
    hub.snitch.notify("x");
    await wait(1);
    hub.answer = async () => {
      await later(50);
      throw new TypeError("fetch failed");
    };
    hub.snitch.notify("y");
    await wait(30_000);
    expect(hub.requests).toHaveLength(2);
  });

  it("that somebody else takes, at a wrong address, counts as dropped", async () => {
    const hub = listen();
    hub.answer = () => new Response("<h1>Welcome</h1>");
    hub.snitch.notify("x");
    await wait(HOUR);
    expect(hub.snitch.stats()).toMatchObject({ sent: 0, dropped: 1, pending: 0 });
  });

  it("whose answer never comes, its invocation being cut off, is sent again and counts once", async () => {
    const hub = listen();
    let answerLate = (_: Response): void => {};
    hub.answer = () =>
      new Promise((resolve) => {
        answerLate = resolve;
      });
    hub.snitch.notify("x");
    await wait(1);
    hub.answer = accepted;
    hub.snitch.notify("y");
    await wait(9_000);
    expect(hub.snitch.stats()).toMatchObject({ sent: 1, pending: 1 });
    await wait(2_000);
    hub.snitch.wrap(() => 7)();
    await wait(1);
    expect(hub.requests.map(({ batch }) => batch.events[0]?.title)).toEqual(["x", "y", "x"]);
    expect(hub.requests[2]?.batch.id).toBe(hub.requests[0]?.batch.id);
    answerLate(accepted());
    await wait(1);
    expect(hub.snitch.stats()).toMatchObject({ sent: 2, dropped: 0, pending: 0 });
  });

  it("that waits is counted as dropped when SNITCHBOT_DISABLED comes", async () => {
    const hub = listen();
    hub.answer = () => status(503);
    hub.snitch.notify("x");
    await wait(1);
    vi.stubEnv("SNITCHBOT_DISABLED", "1");
    await wait(HOUR);
    vi.unstubAllEnvs();
    expect(hub.requests).toHaveLength(1);
    expect(hub.snitch.stats()).toMatchObject({ captured: 1, dropped: 1, pending: 0 });
  });

  it("that the network swallowed is sent again ever more rarely, eight times", async () => {
    const hub = listen();
    const times: number[] = [];
    hub.answer = () => {
      times.push(Date.now());
      throw new TypeError("fetch failed");
    };
    hub.snitch.notify("x");
    await wait(HOUR);
    const gaps = times.slice(1).map((time, i) => Math.round((time - (times[i] ?? 0)) / 1000));
    expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 60]);
    expect(hub.snitch.stats()).toMatchObject({ dropped: 1, failed: 8, pending: 0 });
  });

  it("is given five seconds", async () => {
    const hub = listen();
    const timeout = vi.spyOn(AbortSignal, "timeout");
    hub.snitch.notify("x");
    await wait(1);
    expect(timeout).toHaveBeenCalledWith(5_000);
    expect(hub.requests[0]?.init.signal).toBe(timeout.mock.results[0]?.value);
  });

  it("tells what was lost before it", async () => {
    const hub = listen();
    hub.answer = () => status(401);
    hub.snitch.notify("x");
    hub.snitch.notify("x");
    await wait(HOUR);
    hub.answer = accepted;
    hub.snitch.notify("y");
    await wait(1);
    expect(hub.requests.at(-1)?.batch).toMatchObject({ dropped: 2, events: [{ title: "y" }] });
  });

  it("is never empty only to tell that another was refused", async () => {
    const hub = listen();
    hub.answer = () => status(401);
    hub.snitch.notify("x");
    await wait(24 * HOUR);
    expect(hub.requests).toHaveLength(2);
  });
});

it("a hub that refuses everything is asked ever more rarely", async () => {
  const hub = listen();
  hub.answer = () => status(401);
  for (let i = 0; i < 600; i++) {
    hub.snitch.notify(`event ${i}`);
    await wait(1_000);
  }
  expect(hub.requests.length).toBeLessThan(20);
});

it("failures of what was under way together count as one", async () => {
  const hub = listen();
  hub.answer = async () => {
    await later(50);
    return status(503);
  };
  for (let i = 0; i < 8; i++) {
    hub.snitch.notify(`event ${i}`);
    await wait(1);
  }
  await wait(100);
  hub.answer = accepted;
  await wait(1_000);
  expect(hub.snitch.stats()).toMatchObject({ sent: 8, failed: 8, pending: 0 });
});

it("an invocation is not held for longer than fifteen seconds", async () => {
  const hub = listen();
  hub.answer = () => status(429, { "retry-after": "9" });
  let isHeld = true;
  hub.snitch.notify("x", {
    async waitUntil(work) {
      await work;
      isHeld = false;
    },
  });
  await wait(15_000);
  expect(isHeld).toBe(false);
});

it("what was thrown is let go, though the hub is away", async () => {
  const hub = listen();
  hub.answer = () => status(503, { "retry-after": "3600" });
  hub.snitch.notify("x");
  await wait(1);
  const thrown = (() => {
    const error = new Error("with a large response");
    hub.snitch.capture(error);
    return new WeakRef(error);
  })();
  await wait(1);
  vi.useRealTimers();
  await new Promise((resolve) => setTimeout(resolve)); // a WeakRef holds on until the end of the turn
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  expect(thrown.deref()).toBeUndefined();
  expect(hub.snitch.stats().pending).toBe(2);
});

it("a single event that the hub refuses is counted as dropped", async () => {
  const hub = listen();
  hub.answer = () => accepted({ refused: [{ index: 1, code: "bad_event", message: "events[1].title: too long" }] });
  hub.snitch.notify("x");
  hub.snitch.notify("y");
  await wait(1);
  expect(hub.snitch.stats()).toMatchObject({ sent: 1, dropped: 1, pending: 0 });
});

it.each(["", "OK", "[]", "null", '{"refused":7}', '{"refused":[null]}'])("the answer %j does no harm", async (body) => {
  const hub = listen();
  hub.answer = () => new Response(body, { status: 202 });
  hub.snitch.notify("x");
  await wait(1);
  expect(hub.snitch.stats()).toMatchObject({ sent: 1, pending: 0 });
});

it("what waits while the hub is away is bounded, and told or counted when it is back", async () => {
  const hub = listen();
  hub.answer = () => status(503);
  for (let i = 0; i < 3_000; i++) {
    hub.snitch.notify(`event ${i}`);
    await wait(1_000);
  }
  const seen = hub.requests.length;
  hub.answer = accepted;
  await wait(HOUR);
  const after = hub.requests.slice(seen);
  const told = after.flatMap(({ batch }) => batch.events).reduce((sum, { count = 1 }) => sum + count, 0);
  const dropped = after.reduce((sum, { batch }) => sum + (batch.dropped ?? 0), 0);
  expect(told + dropped).toBe(3_000);
  expect(hub.snitch.stats()).toMatchObject({ captured: 3_000, pending: 0, sent: told });
});
