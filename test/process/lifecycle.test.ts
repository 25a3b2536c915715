import { describe, expect, it } from "vitest";
import type { Tale } from "../../src/client/resident.ts";
import type { Crash } from "../../src/process/crash.ts";
import { createLifecycle } from "../../src/process/lifecycle.ts";

const MINUTE = 60_000;

/** A process whose age is set by hand. */
function process() {
  const state = { uptime: 0 };
  return { state, life: createLifecycle(() => state.uptime) };
}

const crash = (fate: Crash["fate"], thread?: number): Crash => ({
  error: 0,
  origin: "uncaughtException",
  fate,
  thread,
});
const stops = (tales: readonly Tale[]): unknown[] =>
  tales.map(({ lifecycle }) => [lifecycle?.reason, lifecycle?.exitCode]);

describe("a process ends because", () => {
  it.each([
    ["it is done", 0, "clean_exit"],
    ["it says so", 3, "exit"],
  ])("%s", (_, code, reason) => {
    expect(stops(process().life.exit(code))).toEqual([[reason, code]]);
  });

  it("nobody caught an error", () => {
    expect(stops(process().life.crash(crash("dies")))).toEqual([["crash", 1]]);
  });

  it("nobody caught the error of a thread", () => {
    expect(stops(process().life.crash(crash("dies", 2)))).toEqual([["thread_crash", 1]]);
  });

  it("it was doomed, whatever code it is told to end with", () => {
    const { life } = process();
    expect(life.crash(crash("doomed"))).toEqual([]);
    expect(stops(life.exit(0))).toEqual([["crash", 1]]);
  });

  it("a signal killed it, which leaves no code", () => {
    expect(stops(process().life.signal({ signal: "SIGTERM", isEnd: true }))).toEqual([["sigterm", undefined]]);
  });

  it.each([0, 1])("a signal asked it to, with code %i", (code) => {
    const { life } = process();
    expect(life.signal({ signal: "SIGINT", isEnd: false })).toEqual([]);
    expect(stops(life.exit(code))).toEqual([["sigint", code]]);
  });

  it("it looked after a crash by failing", () => {
    const { life } = process();
    life.crash(crash("lives"));
    expect(stops(life.exit(1))).toEqual([["crash", 1]]);
  });

  it("it is done, if it looked after a crash and went on", () => {
    const { life } = process();
    life.crash(crash("lives"));
    expect(stops(life.exit(0))).toEqual([["clean_exit", 0]]);
  });

  it("of its own, if a thread fell and it listened for that", () => {
    const { life } = process();
    life.crash(crash("lives", 2));
    expect(stops(life.exit(1))).toEqual([["exit", 1]]);
  });

  it("of its own, if what asked it to is more than a minute ago", () => {
    const { state, life } = process();
    life.signal({ signal: "SIGHUP", isEnd: false });
    state.uptime += MINUTE;
    expect(stops(life.exit(0))).toEqual([["clean_exit", 0]]);
  });
});

describe("an end", () => {
  it("is told once", () => {
    const { life } = process();
    expect(life.crash(crash("dies"))).toHaveLength(1);
    expect([life.crash(crash("dies")), life.exit(1)]).toEqual([[], []]);
  });

  it("is told again of a process that lived on", () => {
    const { life } = process();
    life.crash(crash("dies"));
    life.live();
    expect(stops(life.exit(0))).toEqual([["clean_exit", 0]]);
  });

  it.each([
    [400, "0s"],
    [59_999, "59s"],
    [5 * MINUTE + 2_000, "5m 2s"],
    [60 * MINUTE, "1h 0m"],
    [75 * 60 * MINUTE, "3d 3h"],
  ])("after %i ms is one after %s", (uptime, words) => {
    const { state, life } = process();
    state.uptime = uptime;
    expect(life.exit(0)[0]?.extras).toEqual({ uptime: words });
  });
});
