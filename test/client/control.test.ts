import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSnitch } from "../../src/mod.ts";
import { ADDRESS, accepted, listen } from "./hub.ts";

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what somebody muted", () => {
  const muted =
    (...verdicts: string[]) =>
    () =>
      accepted({ verdicts, control: { mutedMs: 60_000 } });

  it("is not sent again before the hub wants its count, and then as one number", async () => {
    const hub = listen();
    hub.answer = muted("muted");
    hub.snitch.notify("known");
    await wait(10);
    for (let i = 0; i < 27; i++) {
      hub.snitch.notify("known");
      await wait(2_000);
    }
    expect(hub.requests).toHaveLength(1);
    await wait(10_000);
    expect(hub.events().map(({ count = 1 }) => count)).toEqual([1, 27]);
  });

  it("does not hold back what is not", async () => {
    const hub = listen();
    hub.answer = muted("muted", "admitted");
    hub.snitch.notify("known");
    hub.snitch.notify("new");
    await wait(10);
    for (const title of ["known", "new"]) hub.snitch.notify(title);
    await wait(1_500);
    expect(hub.events().map(({ title }) => title)).toEqual(["known", "new", "new"]);
  });

  it("is known beside what was refused, which has no verdict", async () => {
    const hub = listen();
    hub.answer = () => accepted({ verdicts: ["muted"], refused: [{ index: 0 }], control: { mutedMs: 60_000 } });
    for (const title of ["refused", "known"]) hub.snitch.notify(title);
    await wait(10);
    for (const title of ["refused", "known"]) hub.snitch.notify(title);
    await wait(1_500);
    expect(hub.events().map(({ title }) => title)).toEqual(["refused", "known", "refused"]);
  });

  it("is heard again when the hub says so no more", async () => {
    const hub = listen();
    hub.answer = muted("muted");
    hub.snitch.notify("known");
    await wait(10);
    hub.answer = () => accepted({ verdicts: ["repeat"], control: {} });
    hub.snitch.notify("known");
    await wait(61_000);
    hub.snitch.notify("known");
    await wait(1_100);
    expect(hub.requests).toHaveLength(3);
  });

  it("is told by flush, too", async () => {
    const hub = listen();
    hub.answer = muted("muted");
    hub.snitch.notify("known");
    await wait(10);
    hub.snitch.notify("known");
    const flushed = hub.snitch.flush();
    await wait(100);
    expect([await flushed, hub.told()]).toEqual([true, 2]);
  });
});

describe("a sample", () => {
  it("tells a part of a kind, and of the rest how much it was", async () => {
    vi.spyOn(Math, "random")
      .mockReturnValueOnce(0.2)
      .mockReturnValueOnce(0.1)
      .mockReturnValueOnce(0.9)
      .mockReturnValue(0);
    const hub = listen({ sample: { notify: 0.2 } });
    for (const title of ["a", "b", "c"]) hub.snitch.notify(title);
    await wait(10);
    expect(hub.events().map(({ title }) => title)).toEqual(["b"]);
    expect(hub.dropped()).toBe(2);
    expect(hub.snitch.stats()).toMatchObject({ captured: 3, sent: 1, dropped: 2, pending: 0 });
  });

  it("of 0 tells nothing, and leaves the other kinds alone", async () => {
    const hub = listen({ sample: { notify: 0 } });
    hub.snitch.notify("a");
    hub.snitch.capture(new Error("b"));
    await wait(10);
    expect(hub.events().map(({ title }) => title)).toEqual(["Error: b"]);
  });
});

describe("doctor", () => {
  const request = Symbol.for("@vercel/request-context");
  afterEach(() => Reflect.deleteProperty(globalThis, request));

  it("says what holds here", () => {
    expect(createSnitch({ url: ADDRESS }).doctor()).toEqual({
      runtime: expect.stringMatching(/^Node\.js\//),
      address: true,
      waitUntil: false,
      asyncContext: true,
      clock: true,
      process: false,
    });
  });

  it("sees a waitUntil where there is one, and that there is no address", () => {
    vi.spyOn(console, "warn").mockReturnValue();
    Object.assign(globalThis, { [request]: { get: () => ({ waitUntil() {} }) } });
    expect(createSnitch().doctor()).toMatchObject({ waitUntil: true, address: false });
  });
});
