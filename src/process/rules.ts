/** What is watched of each metric, and how the user may change it. */
import type { AnomalyOptions, Duration, Leap, MemoryWatch, Size } from "../client/resident.ts";
import { parseDuration } from "../duration.ts";

/** The vitals that can be watched. */
export type Metric = keyof AnomalyOptions;

/** {@link MemoryWatch}, read: every field is there, in milliseconds and in the metric's own unit. */
export interface Rule {
  readonly metric: Metric;
  readonly window: Span;
  readonly baseline: Span;
  readonly ceiling: number | null;
  readonly spike: Leap<number> | null;
  readonly drop: Leap<number> | null;
  readonly ahead: number | null;
}

/** A length of time, and how it was written. */
export interface Span {
  readonly text: string;
  readonly ms: number;
}

const MB = 2 ** 20;

const DEFAULTS: readonly Rule[] = [
  {
    metric: "rss",
    window: { text: "1m", ms: 60_000 },
    baseline: { text: "30m", ms: 1_800_000 },
    ceiling: 450 * MB,
    spike: { times: 1.5, by: 50 * MB },
    drop: null,
    ahead: 3_600_000,
  },
  {
    metric: "cpu",
    window: { text: "2m", ms: 120_000 },
    baseline: { text: "20m", ms: 1_200_000 },
    ceiling: 90,
    spike: { times: 2.5, by: 30 },
    drop: null,
    ahead: null,
  },
  {
    metric: "fds",
    window: { text: "5m", ms: 300_000 },
    baseline: { text: "1h", ms: 3_600_000 },
    ceiling: 800,
    spike: { times: 1.5, by: 50 },
    drop: { times: 0.5, by: 50 },
    ahead: null,
  },
  {
    metric: "threads",
    window: { text: "1m", ms: 60_000 },
    baseline: { text: "15m", ms: 900_000 },
    ceiling: 100,
    spike: { times: 1.5, by: 10 },
    drop: { times: 0.5, by: 5 },
    ahead: null,
  },
];

/** A rule for each metric that is to be watched. */
export function rulesOf(options: AnomalyOptions): readonly Rule[] {
  return DEFAULTS.flatMap((usual) => {
    const watch: MemoryWatch | null | undefined = options[usual.metric];
    return watch === null ? [] : [ruleOf(watch ?? {}, usual)];
  });
}

function ruleOf(watch: MemoryWatch, usual: Rule): Rule {
  return {
    metric: usual.metric,
    window: spanOf(watch.window) ?? usual.window,
    baseline: spanOf(watch.baseline) ?? usual.baseline,
    ceiling: unlessOff(watch.ceiling, amountOf, usual.ceiling),
    spike: unlessOff(watch.spike, leapOf, usual.spike),
    drop: unlessOff(watch.drop, leapOf, usual.drop),
    ahead: unlessOff(watch.ahead, (text) => spanOf(text)?.ms, usual.ahead),
  };
}

function unlessOff<Given, Read>(
  given: Given | null | undefined,
  read: (given: Given) => Read | undefined,
  usual: Read | null,
): Read | null {
  if (given === null) return null;
  return (given === undefined ? undefined : read(given)) ?? usual;
}

function spanOf(text: Duration | undefined): Span | undefined {
  const ms = parseDuration(String(text));
  return ms ? { text: String(text), ms } : undefined;
}

function leapOf({ times, by }: Leap<Size>): Leap<number> | undefined {
  const amount = amountOf(by);
  return times >= 0 && amount !== undefined ? { times, by: amount } : undefined;
}

const UNITS = { KB: 2 ** 10, MB, GB: 2 ** 30 };

function amountOf(size: Size): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(KB|MB|GB)$/i.exec(String(size)) ?? [];
  const amount = digits && unit ? Number(digits) * UNITS[unit.toUpperCase() as keyof typeof UNITS] : size;
  return typeof amount === "number" && Number.isFinite(amount) ? amount : undefined;
}
