import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Core } from "../../src/client/resident.ts";
import type { Vitals } from "../../src/event.ts";
import { startHeartbeat } from "../../src/process/heartbeat.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const sample = (at: number): Vitals => ({ at, rss: 70e6 });

const core: Core = {
  tell() {},
  address: () => "https://hub.test/s/shop.key",
  head: () => ({ instance: "i-1" }),
  remains: () => [],
  fetch,
};

interface Beat {
  readonly url: string;
  readonly body: { readonly instance: string; readonly vitals: readonly Vitals[] };
}

/** A hub that answers as told: with a control header, with a status, or not at all. */
function stage(from: Core = core) {
  const beats: Beat[] = [];
  const hub: { status: number | "away"; control?: string } = { status: 200 };
  const heartbeat = startHeartbeat(from, async (url, init) => {
    beats.push({ url, body: JSON.parse(String(init.body)) });
    if (hub.status === "away") throw new TypeError("fetch failed");
    const headers: Record<string, string> = hub.control ? { "snitchbot-control": hub.control } : {};
    return new Response("OK", { status: hub.status, headers });
  });
  return { beats, hub, heartbeat, wait: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a heart", () => {
  it("beats at once, and then each minute", async () => {
    const { beats, wait } = stage();
    expect(beats).toEqual([{ url: "https://hub.test/s/shop.key/beat", body: { instance: "i-1", vitals: [] } }]);
    await wait(3 * MINUTE);
    expect(beats).toHaveLength(4);
  });

  it.each([
    ['{"beatMs":30000}', 30 * SECOND],
    ['{"beatMs":1}', 10 * SECOND],
    ['{"beatMs":1e12}', 60 * MINUTE],
    ['{"beatMs":-1}', MINUTE],
    ['{"beatMs":"often"}', MINUTE],
    ["what?", MINUTE],
  ])("asked for %s, beats every %i ms", async (control, every) => {
    const { beats, hub, wait } = stage();
    hub.control = control;
    await wait(MINUTE); // the first answer was given without it, the second says it
    const before = beats.length;
    await wait(every - 1);
    expect(beats).toHaveLength(before);
    await wait(1);
    expect(beats).toHaveLength(before + 1);
  });

  it("goes on when the hub is away, or there is none", async () => {
    const away = stage();
    away.hub.status = "away";
    await away.wait(2 * MINUTE);
    expect(away.beats).toHaveLength(3);
    const nowhere = stage({ ...core, address: () => undefined });
    await nowhere.wait(2 * MINUTE);
    expect(nowhere.beats).toEqual([]);
  });

  it("calls back the beat under way when it stops", async () => {
    const signals: unknown[] = [];
    const heartbeat = startHeartbeat(core, (_, { signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    heartbeat.stop();
    expect(signals).toEqual([expect.objectContaining({ aborted: true })]);
  });

  it("does not wait for a hub that never answers", async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    startHeartbeat(core, (_, { signal }) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => signal?.addEventListener("abort", reject));
    });
    await vi.advanceTimersByTimeAsync(MINUTE + 5 * SECOND);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
  });

  it("stops", async () => {
    const { beats, heartbeat, wait } = stage();
    await wait(MINUTE);
    heartbeat.stop();
    await wait(5 * MINUTE);
    expect(beats).toHaveLength(2);
  });
});

describe("samples", () => {
  it("go with the next beat, once", async () => {
    const { beats, heartbeat, wait } = stage();
    await wait(0);
    heartbeat.add(sample(1));
    heartbeat.add(sample(2));
    await wait(2 * MINUTE);
    expect(beats.map(({ body }) => body.vitals.map(({ at }) => at))).toEqual([[], [1, 2], []]);
  });

  it.each([503, 429, "away"] as const)("are kept for the next beat when the hub is %s", async (status) => {
    const { beats, hub, heartbeat, wait } = stage();
    await wait(0);
    heartbeat.add(sample(1));
    hub.status = status;
    await wait(MINUTE);
    heartbeat.add(sample(2));
    hub.status = 200;
    await wait(2 * MINUTE);
    expect(beats.map(({ body }) => body.vitals.map(({ at }) => at))).toEqual([[], [1], [1, 2], []]);
  });

  it("are the latest 120 when the hub was away for long", async () => {
    const { beats, heartbeat, wait } = stage();
    await wait(0);
    for (let at = 1; at <= 200; at++) heartbeat.add(sample(at));
    await wait(MINUTE);
    const { vitals = [] } = beats[1]?.body ?? {};
    expect([vitals.length, vitals[0]?.at, vitals.at(-1)?.at]).toEqual([120, 81, 200]);
  });
});
