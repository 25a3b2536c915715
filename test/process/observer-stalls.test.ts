import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJudge, type Sighting } from "../../src/process/stalls.ts";

/** A span of time, in milliseconds. */
type Span = readonly [from: number, ms: number];

interface Life {
  /** When the main thread is blocked. */
  readonly stalls: readonly Span[];
  /** When nothing runs at all. */
  readonly sleeps?: readonly Span[];
  readonly until?: number;
}

const isWithin = (now: number, spans: readonly Span[]): boolean => spans.some(([at, ms]) => now >= at && now < at + ms);

/** Looks every 20 ms at an event loop that turns as often, and collects what is told, and how many stalls it tells. */
function live({ stalls, sleeps = [], until = 120_000 }: Life) {
  const judge = createJudge([500, 2_000, 5_000]);
  const told: (Sighting & { readonly count: number; readonly now: number })[] = [];
  for (let now = 0, turns = 0; now < until; now += 20) {
    if (isWithin(now, sleeps)) continue;
    if (!isWithin(now, stalls)) turns++;
    const sighting = judge.look(turns, now);
    if (sighting) told.push({ ...sighting, count: sighting.kind === "blocked" ? judge.takeCount() : 0, now });
  }
  return { told, left: judge.takeCount() };
}

/** In words, to a tenth of a second. */
function story(life: Life): readonly string[] {
  return live(life).told.map(({ now, kind, severity, ms, thresholdMs, count }) => {
    const times = count > 1 ? ` ×${count}` : "";
    return `${(now / 1_000).toFixed(1)} ${kind} ${severity}${times}: ${(ms / 1_000).toFixed(1)} of ${thresholdMs / 1_000}`;
  });
}

describe("a stall", () => {
  it("is told at each tier, and when it is over", () => {
    expect(story({ stalls: [[1_000, 6_000]] })).toEqual([
      "1.5 blocked warning: 0.5 of 0.5",
      "3.0 blocked error: 2.0 of 2",
      "6.0 blocked critical: 5.0 of 5",
      "7.0 over critical: 6.0 of 5",
    ]);
  });

  it("that never ends is told no more than that", () => {
    expect(story({ stalls: [[1_000, 1e9]] })).toHaveLength(3);
  });

  it("is told at start-up, too", () => {
    expect(story({ stalls: [[0, 700]] })).toEqual(["0.5 blocked warning: 0.5 of 0.5", "0.7 over warning: 0.7 of 0.5"]);
  });

  it("below the first tier is none", () => {
    expect(
      story({
        stalls: [
          [1_000, 480],
          [2_000, 480],
          [3_000, 480],
        ],
      }),
    ).toEqual([]);
  });
});

describe("after one that was told, for 10 s", () => {
  it("others are only counted, and told with the next", () => {
    const stalls = [
      [1_000, 600],
      [4_000, 600],
      [100_000, 600],
    ] as const;
    expect(story({ stalls })).toEqual([
      "1.5 blocked warning: 0.5 of 0.5",
      "1.6 over warning: 0.6 of 0.5",
      "100.5 blocked warning ×2: 0.5 of 0.5",
      "100.6 over warning: 0.6 of 0.5",
    ]);
  });

  it("worse ones are told", () => {
    const stalls = [
      [1_000, 600],
      [4_000, 2_600],
    ] as const;
    expect(story({ stalls }).slice(2)).toEqual(["6.0 blocked error: 2.0 of 2", "6.6 over error: 2.6 of 2"]);
  });

  it("one that begins later is told, even if others were counted meanwhile", () => {
    const stalls = [
      [1_000, 600],
      [11_000, 600],
      [12_000, 600],
    ] as const;
    expect(story({ stalls }).slice(2)).toEqual(["12.5 blocked error ×2: 0.5 of 0.5", "12.6 over error: 0.6 of 0.5"]);
  });
});

describe("the third within a minute", () => {
  const every = (ms: number): Life => ({ stalls: Array.from({ length: 4 }, (_, i) => [1_000 + i * ms, 600]) });
  const severities = (life: Life): readonly string[] => {
    return live(life)
      .told.filter(({ kind }) => kind === "blocked")
      .map(({ severity }) => severity);
  };

  it("and those after it are one severity worse", () => {
    expect(severities(every(15_000))).toEqual(["warning", "warning", "error", "error"]);
  });

  it("is as bad as the first when it is in the next minute", () => {
    expect(severities(every(30_000))).toEqual(["warning", "warning", "warning", "warning"]);
  });

  it("is told although others were counted before", () => {
    expect(story(every(3_000))).toEqual([
      "1.5 blocked warning: 0.5 of 0.5",
      "1.6 over warning: 0.6 of 0.5",
      "7.5 blocked error ×2: 0.5 of 0.5",
      "7.6 over error: 0.6 of 0.5",
    ]);
  });

  it("is critical at most", () => {
    const stalls = [
      [1_000, 600],
      [20_000, 600],
      [40_000, 5_600],
    ] as const;
    expect(severities({ stalls })).toEqual(["warning", "warning", "error", "critical", "critical"]);
  });
});

describe("is no stall:", () => {
  it("a machine that slept", () => {
    expect(story({ stalls: [], sleeps: [[1_000, 60_000]] })).toEqual([]);
  });

  it("a machine that slept often, while the main thread was busy for moments", () => {
    const sleeps = Array.from({ length: 20 }, (_, i): Span => [1_000 * i, 800]);
    const stalls = Array.from({ length: 20 }, (_, i): Span => [1_000 * i - 100, 950]);
    expect(story({ stalls, sleeps })).toEqual([]);
  });
});

it("no stall is lost: the counts told, and what is left, are all there were", () => {
  const stall = fc.record({ rest: fc.integer({ min: 100, max: 30_000 }), ms: fc.integer({ min: 600, max: 6_000 }) });
  fc.assert(
    fc.property(fc.array(stall, { minLength: 1, maxLength: 12 }), (pieces) => {
      let now = 0;
      const stalls = pieces.map(({ rest, ms }): Span => {
        now += rest + ms;
        return [now - ms, ms];
      });
      const { told, left } = live({ stalls, until: now + 1_000 });
      const firsts = told.filter(({ kind }, i) => kind === "blocked" && told[i - 1]?.kind !== "blocked");
      const counted = firsts.reduce((sum, { count }) => sum + count, 0);
      expect(left).toBe(Math.max(1, stalls.length - counted)); // the next one tells itself, at least
    }),
    { numRuns: 30 },
  );
});
