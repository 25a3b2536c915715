import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startProgram } from "../../src/dev/process.ts";
import type { Vitals } from "../../src/event.ts";
import type { Readings } from "../../src/process/readings.ts";
import { createSampler, watchVitals } from "../../src/process/vitals.ts";

const AT = 1_795_000_000_000;

/** A process whose readings and time are set by hand. */
function stage(changes: Partial<Readings> = {}) {
  const state = { elapsed: 0, cpu: 0, counted: 0 };
  const turn = createSampler(
    {
      memory: () => ({ rss: 70e6, heapUsed: 12e6 }),
      cpu: () => state.cpu,
      fds() {
        state.counted++;
        return 40;
      },
      threads: () => 11,
      ...changes,
    },
    { now: () => AT + state.elapsed, elapsed: () => state.elapsed },
  );
  /** Lets time go by, a tenth of a second at a time. */
  const live = (seconds: number, cpuShare = 0): Vitals[] =>
    Array.from({ length: seconds * 10 }, () => {
      state.elapsed += 100;
      state.cpu += cpuShare;
      return turn();
    }).filter((sample) => sample !== undefined);
  return { state, turn, live };
}

afterEach(() => void vi.useRealTimers());

describe("a sample", () => {
  it("says all that is known, to a tenth", () => {
    const { live } = stage();
    expect(live(5, 23.456)).toEqual([
      { at: AT + 5_000, rss: 70e6, cpu: 23.5, fds: 40, threads: 11, loopMs: 0, heap: 12e6 },
    ]);
  });

  it("is taken every 5 s", () => {
    const { live } = stage();
    expect(live(60).map(({ at }) => (at - AT) / 1_000)).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
  });

  it("is taken once after a pause, not once for each that was missed", () => {
    const { state, turn, live } = stage();
    state.elapsed = 60_000;
    expect(turn()).toMatchObject({ at: AT + 60_000 });
    expect(live(5)).toHaveLength(1);
  });

  it("counts files every 15 s", () => {
    const { live } = stage();
    expect(live(35).map(({ fds }) => fds)).toEqual([40, undefined, undefined, 40, undefined, undefined, 40]);
  });

  it("counts files more rarely where that takes long", () => {
    const { state, live } = stage({
      fds() {
        state.counted++;
        state.elapsed += 20; // milliseconds: some 20,000 files on an older Linux
        return 20_000;
      },
    });
    live(600);
    expect(state.counted).toBe(3); // 20 ms, then 200 s without
  });
});

describe("the processor's share", () => {
  it("is that of the time since the last sample", () => {
    const { live } = stage();
    expect([live(5, 90), live(5, 10), live(5, 0)].map(([sample]) => sample?.cpu)).toEqual([90, 10, 0]);
  });

  it("is more than one core where several are busy", () => {
    const { live } = stage();
    expect(live(5, 320)[0]?.cpu).toBe(320);
  });

  it("is absent from the first sample after it could be told no more", () => {
    const seen = [0, 100, Number.NaN, 300, 400];
    const { live } = stage({ cpu: () => seen.shift() });
    expect(live(20).map(({ cpu }) => cpu)).toEqual([2, undefined, undefined, 2]);
  });

  it("is absent when the counter runs backwards", () => {
    const seen = [1_000, 0];
    const { live } = stage({ cpu: () => seen.shift() });
    expect(live(5)[0]).not.toHaveProperty("cpu");
  });
});

describe("the event loop's delay", () => {
  it("is the longest since the last sample", () => {
    const { state, live } = stage();
    live(1);
    state.elapsed += 700; // blocked
    live(1);
    state.elapsed += 30;
    expect(live(3)[0]?.loopMs).toBe(700);
    expect(live(5)[0]?.loopMs).toBe(0);
  });

  it("is never less than nothing: timers may come early", () => {
    const { state, live } = stage();
    state.elapsed -= 3;
    expect(live(5)[0]?.loopMs).toBe(0);
  });
});

describe("what a runtime cannot tell is absent", () => {
  it.each([
    ["as it throws", { fds: () => fail(), threads: () => fail() }, ["at", "rss", "cpu", "loopMs", "heap"]],
    ["as it answers 0", { memory: () => ({ rss: 0, heapUsed: 0 }) }, ["at", "cpu", "fds", "threads", "loopMs"]],
    ["as it says nothing", { cpu: () => undefined }, ["at", "rss", "fds", "threads", "loopMs", "heap"]],
  ])("%s", (_, readings: Partial<Readings>, told) => {
    expect(Object.keys(stage(readings).live(5)[0] ?? {})).toEqual(told);
  });

  const answer = fc.oneof(fc.double(), fc.constantFrom(0, -1, undefined, Number.NaN, Infinity, "ENOENT"));
  const reading = answer.map((it) => () => (it === "ENOENT" ? fail() : (it as number)));

  it("whatever it answers: a sample has finite numbers or nothing", () => {
    fc.assert(
      fc.property(reading, reading, reading, reading, (cpu, fds, threads, bytes) => {
        const memory = () => ({ rss: bytes(), heapUsed: bytes() });
        for (const sample of stage({ memory, cpu, fds, threads }).live(20))
          for (const value of Object.values(sample)) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThan(Infinity);
          }
      }),
    );
  });
});

function fail(): never {
  throw new Error("ENOENT");
}

describe("vitals are watched", () => {
  it("until that is stopped", () => {
    vi.useFakeTimers();
    const samples: Vitals[] = [];
    const stop = watchVitals((sample) => samples.push(sample));
    vi.advanceTimersByTime(15_000);
    stop();
    vi.advanceTimersByTime(15_000);
    expect(samples).toHaveLength(3);
  });

  it("even if whoever is told throws", () => {
    vi.useFakeTimers();
    const tell = vi.fn(fail);
    const stop = watchVitals(tell);
    vi.advanceTimersByTime(15_000);
    stop();
    expect(tell).toHaveBeenCalledTimes(3);
  });
});

describe("for real", () => {
  const bin = (name: string): string => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
  const program = join(mkdtempSync(join(tmpdir(), "snitchbot-vitals-")), "program.mjs");
  beforeAll(() => {
    const entryPoints = [fileURLToPath(new URL("vitals-program.mjs", import.meta.url))];
    return build({ entryPoints, outfile: program, bundle: true, platform: "node", format: "esm" });
  });
  afterAll(() => rmSync(dirname(program), { recursive: true }));
  const everywhere = ["at", "rss", "cpu", "loopMs", "heap"];
  const hasProc = process.platform === "linux";
  const all = hasProc ? [...everywhere, "fds", "threads"] : everywhere;

  async function run(command: string, args: readonly string[]): Promise<{ sample: Vitals; cost: number }> {
    const { ended, output, stop } = await startProgram({ command, args: [...args, program] });
    try {
      expect([await ended, output()]).toEqual([0, expect.stringMatching(/^\{.*\}\s*$/)]);
      return JSON.parse(output());
    } finally {
      await stop();
    }
  }

  it.each([
    ["Node", process.execPath, [], all],
    ["Deno", bin("deno"), ["run", "--quiet", "--allow-all"], all],
    ["Deno that may only read", bin("deno"), ["run", "--quiet", "--allow-read"], everywhere],
    ["Deno that may do nothing", bin("deno"), ["run", "--quiet"], everywhere],
    ["Bun", bin("bun"), ["run"], all],
  ])("%s tells its vitals for little, and is not kept alive", async (_, command, args, told) => {
    const { sample, cost } = await run(command, args);
    expect(Object.keys(sample).sort()).toEqual([...told].sort());
    expect(sample.rss).toBeGreaterThan(10 * 2 ** 20);
    expect(sample.heap).toBeLessThan(sample.rss as number);
    expect(sample.cpu).toBeGreaterThan(0); // 100 ms of 15 s
    expect(sample.cpu).toBeLessThan(100);
    expect(cost).toBeLessThan(200);
  });

  it.runIf(hasProc)("as many threads as the system counts", async () => {
    const { readings } = await import("../../src/process/readings.ts");
    const [, threads] = /^Threads:\s*(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    expect(readings.threads()).toBe(Number(threads));
  });

  it.runIf(hasProc)("as many files as are open", async () => {
    const { readings } = await import("../../src/process/readings.ts");
    const { open } = await import("node:fs/promises");
    const before = readings.fds() as number;
    const files = await Promise.all(Array.from({ length: 50 }, () => open("/dev/null")));
    expect(readings.fds()).toBe(before + 50);
    await Promise.all(files.map((file) => file.close()));
  });

  it("as many files as are listed, where Linux is older than 6.2", async () => {
    vi.doMock("node:fs", () => ({ statSync: () => ({ size: 0 }), readdirSync: () => ["0", "1", "2", "3"] }));
    vi.resetModules();
    const { readings } = await import("../../src/process/readings.ts");
    vi.doUnmock("node:fs");
    expect(readings.fds()).toBe(3); // the fourth is the list itself
  });
});
