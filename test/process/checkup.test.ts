import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Core, Tale } from "../../src/client/resident.ts";
import { createCheckup } from "../../src/process/checkup.ts";

const MINUTE = 60_000;

function stage() {
  const beats: unknown[][] = [];
  const tales: Tale[] = [];
  const core: Core = {
    tell: (tale) => tales.push(tale),
    address: () => "https://hub.test/s/shop.key",
    head: () => ({ instance: "i-1" }),
    remains: () => [],
    fetch,
  };
  const checkup = createCheckup(core, async (_, init) => {
    beats.push(JSON.parse(String(init.body)).vitals);
    return new Response("OK");
  });
  return { beats, tales, checkup, wait: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("each beat carries the samples since the last one", async () => {
  const { beats, checkup, wait } = stage();
  checkup.set({ anomalies: false });
  await wait(2 * MINUTE + 1);
  expect(beats.map((vitals) => vitals.length)).toEqual([0, 12, 12]);
});

it("what is unusual is told without a heartbeat, too", async () => {
  const { beats, tales, checkup, wait } = stage();
  checkup.set({ heartbeat: false, anomalies: { rss: { ceiling: "1MB" }, cpu: null, fds: null, threads: null } });
  await wait(MINUTE);
  expect(beats).toEqual([]);
  expect(tales).toMatchObject([{ kind: "anomaly", severity: "error", anomaly: { metric: "rss", mode: "ceiling" } }]);
});

it("nothing is sampled that nobody wants", async () => {
  const { checkup } = stage();
  checkup.set({ heartbeat: false, anomalies: false });
  expect(vi.getTimerCount()).toBe(0);
});

it("the same options again disturb nothing, others end it", async () => {
  const { beats, checkup, wait } = stage();
  checkup.set({});
  await wait(MINUTE + 1);
  checkup.set({});
  expect(beats).toHaveLength(2);
  checkup.set({ heartbeat: false, anomalies: false });
  await wait(2 * MINUTE);
  expect([beats.length, vi.getTimerCount()]).toEqual([2, 0]);
});

it("without a way to send there is no heartbeat, and no end of a process waits for one", async () => {
  const core: Core = { tell() {}, address: () => undefined, head: () => ({}), remains: () => [], fetch };
  createCheckup(core, undefined).set({ anomalies: false });
  expect(vi.getTimerCount()).toBe(0);
});
