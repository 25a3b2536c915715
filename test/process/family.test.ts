import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { createFamilyReadings, type Relative } from "../../src/process/family.ts";
import { until } from "../until.ts";

const own = { memory: () => ({ rss: 70, heapUsed: 12 }), cpu: () => 1_000, fds: () => 40, threads: () => 11 };

/** A family whose relatives come, work and go by hand. */
function family(...before: Relative[]) {
  const state = { relatives: before as readonly Relative[] };
  return { state, readings: createFamilyReadings(own, () => state.relatives) };
}

describe("of a family", () => {
  it("memory is that of all, the heap and all else the process's own", () => {
    const { readings } = family({ pid: 2, rss: 20, cpu: 0 }, { pid: 3, rss: 10, cpu: 0 });
    expect([readings.memory(), readings.fds(), readings.threads()]).toEqual([{ rss: 100, heapUsed: 12 }, 40, 11]);
  });

  it("processor time is what all have used since it is looked at", () => {
    const { state, readings } = family({ pid: 2, rss: 0, cpu: 500 });
    state.relatives = [
      { pid: 2, rss: 0, cpu: 530 },
      { pid: 3, rss: 0, cpu: 70 },
    ];
    expect(readings.cpu()).toBe(1_100);
  });

  it("processor time does not run backwards when one ends, or its number is another's", () => {
    const { state, readings } = family({ pid: 2, rss: 0, cpu: 500 });
    state.relatives = [];
    expect(readings.cpu()).toBe(1_000);
    state.relatives = [{ pid: 2, rss: 0, cpu: 10 }];
    expect(readings.cpu()).toBe(1_010);
  });
});

it.runIf(process.platform === "linux")("children and theirs are counted as long as they are there", async () => {
  const child = spawn("sh", ["-c", "sh -c 'while :; do :; done' & wait"], { detached: true });
  try {
    const readings = createFamilyReadings({ ...own, cpu: () => 0 });
    await until(() => Number(readings.cpu()) >= 30, "the grandchild's processor time");
    expect(readings.memory().rss).toBeGreaterThan(2 * 100_000);
  } finally {
    process.kill(-Number(child.pid), "SIGKILL");
    await once(child, "close");
  }
});
