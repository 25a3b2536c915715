import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnomalyOptions } from "../../src/client/resident.ts";
import type { Event, Vitals } from "../../src/event.ts";
import { readBatch } from "../../src/hub/schema.ts";
import { anomalyTitle } from "../../src/hub/telegram/render/anomaly.ts";
import { createDetector } from "../../src/process/anomaly.ts";
import { CALM } from "../../src/process/episode.ts";
import { append, meanOf, type Slot, takeUntil } from "../../src/process/series.ts";

const AT = 1_795_000_000_000;
const MB = 2 ** 20;
const MINUTE = 60_000;

/** What a process says of itself, by the minute of its life. */
type Life = (minute: number) => Omit<Vitals, "at">;

/** Lives for some minutes, a sample every 5 s. */
function live(life: Life, minutes: number, options?: AnomalyOptions): readonly Event[] {
  const detector = createDetector(options);
  const samples = Array.from({ length: minutes * 12 }, (_, i) => ({ at: AT + i * 5_000, ...life(i / 12) }));
  return samples.flatMap((sample) => detector(sample));
}

/** When it was told, by the minute; how bad it is; what the chat says. */
function told(events: readonly Event[]): readonly (readonly [minute: number, severity: string, title: string])[] {
  return events.map(({ at, severity, anomaly }) => [
    Math.round((at - AT) / MINUTE),
    severity,
    anomaly ? anomalyTitle(anomaly) : "",
  ]);
}

/** One value until a minute, another from then on. */
const step = (minute: number, before: number, after: number): ((now: number) => number) => {
  return (now) => (now < minute ? before : after);
};

/** The same noise in every run, between 0 and 1. */
const noise = (i: number): number => (((Math.sin(i * 12.9898) * 43_758.5453) % 1) + 1) % 1;

/** Files are counted every third time. */
const rarely = (minute: number, fds: number): { fds?: number } => (Math.round(minute * 12) % 3 ? {} : { fds });

describe("the chat hears of", () => {
  it("memory that more than doubled", () => {
    const rss = step(30, 70.2 * MB, 183 * MB);
    const events = live((now) => ({ rss: rss(now) }), 40);
    expect(told(events)).toEqual([[30, "warning", "RSS spike: 183 MB (baseline 70 MB, +160%)"]]);
    expect(events[0]).toEqual({
      kind: "anomaly",
      at: expect.any(Number),
      severity: "warning",
      title: "RSS spike: 183 MB (baseline 70 MB)",
      anomaly: {
        metric: "rss",
        mode: "spike",
        current: 183 * MB,
        baseline: expect.closeTo(70.2 * MB, 0),
        window: "1m",
      },
    });
  });

  it("a busy processor, first as a spike, then as an error", () => {
    const cpu = step(20, 18, 94);
    const events = live((now) => ({ cpu: cpu(now) }), 40);
    expect(told(events)).toEqual([
      [21, "warning", "CPU spike: 94% (baseline 18%, +76 points)"],
      [22, "error", "CPU ceiling: 94% (limit 90%)"],
    ]);
    expect(events[1]?.anomaly).toEqual({
      metric: "cpu",
      mode: "ceiling",
      current: 94,
      baseline: 18,
      limit: 90,
      window: "2m",
    });
  });

  it("files that are never closed", () => {
    const fds = step(60, 40, 820);
    const events = live((now) => rarely(now, fds(now)), 90);
    expect(told(events)).toEqual([[60, "error", "FD leak: 40 → 820 (+780)"]]);
  });

  it("files that leak slowly, long before they run out", () => {
    const fds = (now: number): number => 40 + Math.round(5 * Math.max(0, now - 60));
    expect(told(live((now) => rarely(now, fds(now)), 120))).toEqual([[73, "error", "FD leak: 43 → 104 (+61)"]]);
  });

  it("too many threads", () => {
    const threads = step(15, 8, 45);
    const events = live((now) => ({ threads: threads(now) }), 30);
    expect(told(events)).toEqual([[15, "warning", "Thread spike: 8 → 45 (+462%)"]]);
  });

  it("files and threads that went away", () => {
    const fds = step(60, 400, 40);
    const threads = step(60, 20, 4);
    const events = live((now) => ({ ...rarely(now, fds(now)), threads: threads(now) }), 70);
    expect(told(events)).toEqual([
      [61, "warning", "Thread drop: 20 → 4 (−80%)"],
      [63, "warning", "FD drop: 400 → 40 (−360)"],
    ]);
  });

  it("a process that begins beyond its ceiling, after half a window", () => {
    const [event, ...more] = live(() => ({ rss: 500 * MB }), 60);
    expect([event?.at, event?.title, more]).toEqual([AT + 30_000, "RSS ceiling: 500 MB (limit 450 MB)", []]);
    expect(event?.anomaly).not.toHaveProperty("baseline");
  });
});

describe("the chat hears nothing of", () => {
  it.each<[string, Life]>([
    ["a process that starts", (now) => ({ rss: (60 + 100 * Math.min(1, now / 2)) * MB, cpu: now < 0.8 ? 100 : 5 })],
    ["one sample out of range", (now) => ({ rss: now === 40 ? 4_000 * MB : 70 * MB, cpu: now === 40 ? 1_600 : 5 })],
    ["half a minute of work", (now) => ({ cpu: now % 10 < 0.5 ? 100 : 5 })],
    ["memory that is collected now and then", (now) => ({ rss: (200 + 20 * (now % 10)) * MB })],
    ["a dip that is half over", (now) => ({ threads: now < 15 ? 40 : now < 15.4 ? 0 : 21 })],
    ["tides", (now) => ({ rss: (250 + 100 * Math.sin(now / 57)) * MB, cpu: 40 + 20 * Math.sin(now / 57) })],
    ["small numbers that double", (now) => ({ rss: (now < 60 ? 20 : 45) * MB, threads: now < 60 ? 4 : 11 })],
    ["a metric that comes late", (now) => (now < 60 ? {} : { rss: 300 * MB, fds: 700, threads: 50 })],
    ["a metric that goes, which is no 0", (now) => (now < 60 ? { fds: 400, threads: 40 } : {})],
    ["a metric that comes and goes", (now) => (now % 20 < 3 ? { fds: 400, threads: 40, rss: 300 * MB } : {})],
  ])("%s", (_, life) => expect(live(life, 180)).toEqual([]));
});

describe("the forecast", () => {
  const leak = (start: number, perMinute: number, spread = 0): Life => {
    return (now) => ({ rss: (start + perMinute * now + spread * (noise(now) - 0.5)) * MB });
  };

  it("says when memory reaches its ceiling, and the ceiling is told when it does", () => {
    const events = live(leak(314, 2), 70);
    expect(events.map(({ title }) => title)).toEqual([
      "RSS reaches 450 MB in ~40 min: 370 MB now",
      "RSS ceiling: 451 MB (limit 450 MB)",
    ]);
    const [forecast] = events;
    expect(forecast).toMatchObject({ severity: "warning", extras: { reached_in: "~40 min" } });
    expect(forecast?.anomaly).toMatchObject({ metric: "rss", mode: "ceiling", limit: 450 * MB, window: "30m" });
  });

  it("is right to a quarter, in spite of noise", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.5, max: 4, noNaN: true }),
        fc.integer({ min: 0, max: 20 }),
        (perMinute, spread) => {
          const [forecast, ceiling] = live(leak(300, perMinute, spread), 120, { rss: { spike: null } });
          const said = Number(/~(\d+) min/.exec(String(forecast?.title))?.[1]);
          const passed = (Number(ceiling?.at) - Number(forecast?.at)) / MINUTE;
          expect(Math.abs(said - passed)).toBeLessThan(1 + 0.25 * passed);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("has a fingerprint of its own: whoever mutes it still hears of the ceiling", () => {
    const fingerprints = live(leak(314, 2), 70).map(({ fingerprint }) => fingerprint);
    expect(fingerprints).toEqual(["rss nears its ceiling", undefined]);
  });

  it.each<[string, Life]>([
    ["a climb that levels off", (now) => ({ rss: (100 + 250 * (1 - Math.exp(-now / 15))) * MB })],
    ["a climb that is over", (now) => ({ rss: Math.min(390, 190 + 10 * now) * MB })],
    ["a climb that was collected", (now) => ({ rss: (now < 27.5 ? 250 + 6 * now : 250) * MB })],
    ["a ceiling further away than an hour", leak(300, 0.9)],
    ["a descent", leak(440, -2)],
    ["noise below the ceiling", leak(430, 0, 20)],
  ])("is not made of %s", (_, life) => expect(live(life, 60, { rss: { spike: null } })).toEqual([]));

  it("looks as far ahead as it is told to, or not at all", () => {
    const first = (ahead: "10m" | null): string | undefined => live(leak(314, 2), 70, { rss: { ahead } })[0]?.title;
    expect(first("10m")).toBe("RSS reaches 450 MB in ~10 min: 430 MB now");
    expect(first(null)).toBe("RSS ceiling: 451 MB (limit 450 MB)");
  });
});

describe("an episode", () => {
  it("is told once, however long it lasts", () => {
    expect(live((now) => ({ cpu: now < 30 ? 20 : 95 }), 600)).toHaveLength(2); // the spike, then the ceiling
  });

  it("is told once while it flickers", () => {
    const cpu = (now: number): number => (now % 10 < 5 ? 100 : 80);
    expect(told(live((now) => ({ cpu: cpu(now) }), 600))).toEqual([[1, "error", "CPU ceiling: 100% (limit 90%)"]]);
  });

  it("is told again after 15 calm minutes", () => {
    const events = live((now) => ({ rss: (now % 30 < 5 ? 500 : 300) * MB }), 120, { rss: { spike: null } });
    expect(told(events).map(([minute]) => minute)).toEqual([1, 31, 61, 91]);
  });

  it("includes the way back", () => {
    const fds = (now: number): number => (now >= 60 && now < 90 ? 700 : 40);
    expect(told(live((now) => rarely(now, fds(now)), 180))).toEqual([[60, "error", "FD leak: 40 → 700 (+660)"]]);
  });

  it("of one metric does not hide another's", () => {
    const events = live((now) => ({ rss: (now < 30 ? 70 : 300) * MB, threads: now < 31 ? 8 : 45 }), 40);
    expect(events.map(({ anomaly }) => anomaly?.metric)).toEqual(["rss", "threads"]);
  });
});

describe("options", () => {
  const high: Life = (now) => ({
    rss: (now < 60 ? 70 : 900) * MB,
    cpu: now < 60 ? 5 : 99,
    threads: now < 60 ? 8 : 400,
  });
  const modes = (options: AnomalyOptions): readonly string[] =>
    live(high, 90, options)
      .map(({ anomaly }) => `${anomaly?.metric} ${anomaly?.mode}`)
      .sort();

  it("turn off a mode or a metric with null", () => {
    expect(modes({ rss: null, cpu: null })).toEqual(["threads ceiling", "threads spike"]);
    expect(modes({ rss: null, cpu: { ceiling: null }, threads: { spike: null } })).toEqual([
      "cpu spike",
      "threads ceiling",
    ]);
    expect(modes({ rss: null, cpu: { ceiling: null, spike: null }, threads: null })).toEqual([]);
  });

  it("take sizes as numbers and with units", () => {
    const limit = (ceiling: number | `${number}GB`): number | undefined =>
      live(() => ({ rss: 3 * 2 ** 30 }), 1, { rss: { ceiling } })[0]?.anomaly?.limit;
    expect([limit("1.5GB"), limit(1_000_000)]).toEqual([1.5 * 2 ** 30, 1_000_000]);
  });

  it("set the window, which the message repeats, and the baseline", () => {
    const rss = step(4, 100 * MB, 200 * MB);
    const events = live((now) => ({ rss: rss(now) }), 10, { rss: { window: "30s", baseline: "3m" } });
    expect(events).toMatchObject([{ at: AT + 4 * MINUTE + 15_000, anomaly: { window: "30s", baseline: 100 * MB } }]);
  });

  it("turn on what is off by default", () => {
    const events = live((now) => ({ rss: (now < 30 ? 300 : 100) * MB }), 40, {
      rss: { drop: { times: 0.5, by: "50MB" } },
    });
    expect(told(events)).toEqual([[31, "warning", "RSS drop: 100 MB (baseline 300 MB, −66%)"]]);
  });

  it("that cannot be read count as not given", () => {
    const broken = {
      rss: { ceiling: "a lot", window: "soon", baseline: "5 parsecs", spike: 3, drop: {}, ahead: false },
      cpu: { ceiling: Number.NaN, window: -60, spike: { times: 2 } },
      threads: { ceiling: undefined, window: "0s", spike: undefined },
      fds: undefined,
      disk: { ceiling: 3 },
    } as unknown as AnomalyOptions;
    expect(live(high, 90, broken)).toEqual(live(high, 90));
  });
});

describe("time", () => {
  const rss = (at: number, size: number): Vitals => ({ at, rss: size * MB });
  const feed = (detector: (sample: Vitals) => readonly Event[], from: number, count: number, size: number): Event[] =>
    Array.from({ length: count }, (_, i) => detector(rss(from + i * 5_000, size))).flat();

  it("without samples is forgotten: half a window of new ones is needed", () => {
    const detector = createDetector();
    feed(detector, AT, 360, 70);
    const later = AT + 8 * 60 * MINUTE; // a laptop was closed
    expect(feed(detector, later, 6, 500)).toEqual([]);
    expect(feed(detector, later + 30_000, 1, 500)).toHaveLength(1);
  });

  it("that runs backwards begins anew", () => {
    const detector = createDetector();
    feed(detector, AT, 360, 70);
    expect(feed(detector, AT - 60 * MINUTE, 60, 300)).toEqual([]);
    expect(feed(detector, AT - 55 * MINUTE, 60, 500)).toHaveLength(1);
  });
});

describe("whatever the samples", () => {
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 0, max: 2e9, noNaN: true }) },
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(0, -1, Number.NaN, Infinity, -Infinity, 1e308, Number.MAX_SAFE_INTEGER) },
  );
  const pause = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 * 60 * MINUTE }) },
  );
  const sample = fc.record({ pause, rss: value, cpu: value, fds: value, threads: value });
  const lives = fc.array(sample, { maxLength: 400, size: "max" }).map((list) => {
    let at = AT;
    return list.map(({ pause, ...vitals }) => {
      at += pause;
      return { at, ...vitals } as Vitals;
    });
  });
  const short: AnomalyOptions = {
    rss: { window: "30s", baseline: "5m", drop: { times: 0.5, by: "1MB" } },
    cpu: { window: "30s", baseline: "5m", drop: { times: 0.9, by: 0 } },
    fds: { window: "90s", baseline: "5m" },
  };
  const check = (property: (samples: readonly Vitals[], events: readonly Event[]) => void): void =>
    fc.assert(
      fc.property(lives, fc.constantFrom({}, short), (samples, options) =>
        property(samples, samples.flatMap(createDetector(options))),
      ),
      { numRuns: 150 },
    );

  it("the hub takes every event, and there is no NaN in it", () => {
    check((_, events) => {
      for (const event of events) {
        expect(Object.values(event.anomaly ?? {})).not.toContain(Number.NaN);
        expect(`${event.title} ${event.anomaly && anomalyTitle(event.anomaly)}`).not.toMatch(/NaN|Infinity|undefined/);
      }
      const batch = { v: 1, id: "a-batch-1", instance: "i-1", events: events.slice(0, 50) };
      expect(readBatch(batch)).toMatchObject({ refused: [] });
    });
  });

  it("no metric is told more than twice in a quarter of an hour, and no forecast more than once", () => {
    check((_, events) => {
      for (const { at, anomaly, fingerprint } of events) {
        const same = events.filter((it) => it.anomaly?.metric === anomaly?.metric && it.fingerprint === fingerprint);
        const near = same.filter((it) => it.at >= at && it.at < at + CALM);
        expect(near.length).toBeLessThanOrEqual(fingerprint ? 1 : 2);
      }
    });
  });

  it("what is told is what was seen: a value of this metric, and really out of range", () => {
    check((samples, events) => {
      for (const { anomaly } of events) {
        if (!anomaly) throw new Error("an event without its anomaly");
        const { metric, mode, current, baseline = Number.NaN, limit = Infinity, window } = anomaly;
        const seen = samples.map((it) => it[metric as "rss"]).filter((it) => it !== undefined);
        expect(seen.some((it) => Math.abs(it - current) <= 0.05 + Math.abs(it) * 1e-9)).toBe(true);
        if (mode === "spike") expect(current).toBeGreaterThanOrEqual(baseline);
        if (mode === "drop") expect(current).toBeLessThanOrEqual(baseline);
        if (mode === "ceiling" && window !== "30m") expect(current).toBeGreaterThanOrEqual(limit - 0.05);
      }
    });
  });

  it("missing metrics never alarm", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ loopMs: value, heap: value })), (list) => {
        const detector = createDetector();
        expect(list.flatMap((vitals, i) => detector({ at: AT + i * 5_000, ...vitals } as Vitals))).toEqual([]);
      }),
    );
  });
});

describe("what is kept", () => {
  it("is a bounded number of slots, however many samples come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 300, size: "max" }), (pauses) => {
        const series: Slot[] = [];
        let at = AT;
        for (const pause of pauses) {
          at += pause;
          append(series, { at, count: 1, sum: 3 }, 1_000);
          takeUntil(series, at - 12_000);
          expect(series.length).toBeLessThanOrEqual(12);
        }
        if (pauses.length > 0) expect(meanOf(series)).toBe(3);
      }),
    );
  });

  it("costs little to look at: less than a tenth of a millisecond for all metrics", () => {
    const detector = createDetector();
    const feed = (from: number): void => {
      for (let i = from; i < from + 2_000; i++)
        detector({ at: AT + i * 5_000, rss: 70 * MB + i, cpu: i % 50, fds: 40, threads: 11 });
    };
    feed(0);
    const started = performance.now();
    feed(2_000);
    expect((performance.now() - started) / 2_000).toBeLessThan(0.1);
  });
});

describe("whatever the level", () => {
  const levels = {
    rss: fc.double({ min: 0, max: 440 * MB, noNaN: true }),
    cpu: fc.double({ min: 0, max: 89, noNaN: true }),
    fds: fc.integer({ min: 0, max: 799 }),
    threads: fc.integer({ min: 0, max: 99 }),
  };

  it("a constant is no anomaly", () => {
    fc.assert(
      fc.property(fc.record(levels, { requiredKeys: [] }), (level) => {
        const eager = { times: 1.01, by: 0 };
        expect(live(() => level, 120, { fds: { spike: eager } })).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("noise of a fifth around it is none", () => {
    fc.assert(
      fc.property(
        fc.record(levels),
        fc.infiniteStream(fc.double({ min: 0.6, max: 1, noNaN: true })),
        (level, noise) => {
          const shaken = (value: number): number => value * (noise.next().value as number);
          const life = (): Omit<Vitals, "at"> => ({
            rss: shaken(level.rss),
            cpu: shaken(level.cpu),
            fds: shaken(level.fds),
            threads: shaken(level.threads),
          });
          expect(live(life, 120)).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("a step up is told within a window and a sample", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 20, max: 400, noNaN: true }),
        fc.double({ min: 1.01, max: 9, noNaN: true }),
        (low, more) => {
          const high = Math.max(low * 1.5, low + 50) * more;
          const [event] = live((now) => ({ rss: (now < 45 ? low : high) * MB }), 60);
          expect(event?.at).toBeGreaterThan(AT + 45 * MINUTE);
          expect(event?.at).toBeLessThanOrEqual(AT + 46 * MINUTE + 5_000);
        },
      ),
    );
  });
});
