import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { type Listener, listen } from "./hub.ts";

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const ends = (ms: number) => new Promise<string>((resolve) => setTimeout(() => resolve("done"), ms));
/** Computes for so long. */
const block = (ms: number) => void vi.setSystemTime(Date.now() + ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(performance, "now").mockImplementation(() => Date.now());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const titles = async (hub: Listener): Promise<string[]> => {
  const flushed = hub.snitch.flush();
  await wait(100);
  await flushed;
  return hub.events().map(({ title }) => title);
};

describe("watchSlow", () => {
  it("tells a call that takes as long as the threshold, and none that is faster", async () => {
    const hub = listen();
    const load = hub.snitch.watchSlow(
      function loadUser(ms: number) {
        block(ms);
        return ms;
      },
      { thresholdMs: 100 },
    );
    expect([load(99), load(100)]).toEqual([99, 100]);
    expect(await titles(hub)).toEqual(["loadUser took 100 ms (threshold 100 ms)"]);
    expect(hub.events()[0]).toMatchObject({
      kind: "slow",
      severity: "warning",
      slow: { name: "loadUser", ms: 100, thresholdMs: 100, location: expect.stringMatching(/slow\.test\.ts:\d+$/) },
    });
  });

  it("counts what is slow again, and tells the slowest", async () => {
    const hub = listen();
    const load = hub.snitch.watchSlow(block, { name: "load", thresholdMs: 10 });
    for (const ms of [20, 40, 30]) load(ms);
    expect(await titles(hub)).toEqual(["load took 40 ms (threshold 10 ms)"]);
    expect(hub.told()).toBe(3);
  });

  it("waits for a promise, and passes on what becomes of it", async () => {
    const hub = listen();
    const load = hub.snitch.watchSlow(
      async (ms: number, error?: Error) => {
        await ends(ms);
        if (error) throw error;
        return ms;
      },
      { name: "load", thresholdMs: 100 },
    );
    const quick = load(50);
    const slow = load(150);
    const failed = load(250, new Error("gone")).catch((error: Error) => error.message);
    await wait(300);
    expect([await quick, await slow, await failed]).toEqual([50, 150, "gone"]);
    expect(await titles(hub)).toEqual(["load took 150 ms (threshold 100 ms)", "load took 250 ms (threshold 100 ms)"]);
    expect(hub.told()).toBe(2);
  });

  it("leaves a rejection that nobody handles unhandled", async () => {
    const hub = listen();
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    vi.useRealTimers();
    hub.snitch.watchSlow(async () => Promise.reject(new Error("nobody looks")))();
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).toHaveBeenCalledOnce();
  });

  it("says once of a call that it still runs, and how long it took in the end", async () => {
    const hub = listen();
    const load = hub.snitch.watchSlow(ends, { name: "load", thresholdMs: 100, stuckMs: 1_000 });
    const done = load(5_000);
    await wait(2_000);
    expect(await titles(hub)).toEqual(["load still running after 1000 ms (threshold 100 ms)"]);
    await wait(4_000);
    expect(await done).toBe("done");
    expect(await titles(hub)).toEqual([
      "load still running after 1000 ms (threshold 100 ms)",
      "load took 5000 ms (threshold 100 ms)",
    ]);
  });

  it("never says that it still runs if that is to be never", async () => {
    const hub = listen();
    const done = hub.snitch.watchSlow(ends, { name: "load", thresholdMs: 100, stuckMs: Number.POSITIVE_INFINITY })(
      60_000,
    );
    await wait(60_000);
    await done;
    expect(await titles(hub)).toEqual(["load took 60000 ms (threshold 100 ms)"]);
  });

  it("does not count for a generator what its consumer does", async () => {
    const hub = listen();
    const rows = hub.snitch.watchSlow(
      function* rows(ms: number) {
        for (const row of [1, 2]) {
          block(ms);
          yield row;
        }
      },
      { thresholdMs: 100 },
    );
    for (const ms of [40, 60]) for (const _ of rows(ms)) block(500);
    expect(await titles(hub)).toEqual(["rows took 120 ms (threshold 100 ms)"]);
  });

  it("times an async generator, also one that is left early", async () => {
    const hub = listen();
    const pages = hub.snitch.watchSlow(
      async function* pages() {
        for (const page of [1, 2, 3]) {
          await ends(70);
          yield page;
        }
      },
      { thresholdMs: 100 },
    );
    const read = async (most: number): Promise<void> => {
      for await (const page of pages()) if (page === most) break;
    };
    for (const most of [1, 2]) {
      const done = read(most);
      await wait(1_000);
      await done;
    }
    expect(await titles(hub)).toEqual(["pages took 140 ms (threshold 100 ms)"]);
  });

  it("keeps the signature, the name, the length, this and what is thrown", () => {
    const { snitch } = listen();
    class Cart {
      readonly sum = 7;
      readonly total = snitch.watchSlow(function total(this: Cart, tax: number, _rest?: string) {
        if (tax < 0) throw new RangeError("no tax");
        return this.sum + tax;
      });
    }
    const { total } = new Cart();
    expectTypeOf(total).parameters.toEqualTypeOf<[tax: number, _rest?: string | undefined]>();
    expect([total.name, total.length]).toEqual(["total", 2]);
    expect(new Cart().total(1)).toBe(8);
    expect(() => new Cart().total(-1)).toThrow(RangeError);
  });

  it("does not begin what only begins when it is awaited", () => {
    const { snitch } = listen();
    const begin = vi.fn();
    class Query {
      // biome-ignore lint/suspicious/noThenProperty: query builders have one
      readonly then = begin;
    }
    const query = new Query();
    expect(snitch.watchSlow(() => query)()).toBe(query);
    expect(begin).not.toHaveBeenCalled();
  });

  it("hands on a promise that can do more than others as it is", () => {
    const { snitch } = listen();
    const begin = vi.fn();
    class Query extends Promise<number> {
      // biome-ignore lint/suspicious/noThenProperty: as that of postgres.js, which runs the query
      override readonly then = begin;
    }
    const query = new Query(() => {});
    const request = Object.assign(Promise.resolve(1), { json: () => 2 }); // as ky and others have it
    expect(snitch.watchSlow(() => query)()).toBe(query);
    expect(begin).not.toHaveBeenCalled();
    expect(snitch.watchSlow(() => request)()).toBe(request);
  });
});
