/** From what a store gives to what can be drawn: measures in order, where they pause, and what sums them up. */
import type { Chart, Line, Point } from "./chart.ts";

/** One measure. `high` is at least `value`. */
export interface Sample {
  readonly at: number;
  readonly value: number;
  readonly high: number;
}

/** Samples without a gap between them. Never empty. */
export type Run = readonly Sample[];

/** One instance's samples. */
export interface Series {
  readonly instance: string;
  /** One after the other. Never empty. */
  readonly runs: readonly Run[];
  /** A longer time without a sample is a gap. */
  readonly pause: number;
  readonly last: Sample;
}

/** What a panel's numbers say. */
export interface Summary {
  /** The highest of what the instances told last, of those that have not stopped telling. */
  readonly current: number;
  /** The instance that told it. */
  readonly instance: string;
  /** When the newest sample was taken. */
  readonly at: number;
  /** Whether nothing came any more by the end of the chart. */
  readonly isStale: boolean;
  readonly min: number;
  readonly average: number;
  readonly max: number;
}

/** How many usual intervals may pass from one sample to the next before some are missing. */
const GAP = 2.5;

/** Samples travel with beats and batches: they may be this late, in milliseconds, without anything being wrong. */
const PATIENCE = 120_000;

/** Of a line's samples those that a chart shows; `undefined` when there are none. */
export function seriesOf({ instance, points }: Line, { from, to }: Pick<Chart, "from" | "to">): Series | undefined {
  const samples = points
    .filter((point) => point[0] >= from && point[0] <= to && isMeasure(point[1]))
    .map(sampleOf)
    .sort((a, b) => a.at - b.at);
  const last = samples.at(-1);
  if (!last) return undefined;
  const pause = GAP * usualInterval(samples);
  return { instance, runs: split(samples, pause), pause, last };
}

function sampleOf([at, value, high]: Point): Sample {
  return { at, value, high: high !== undefined && isMeasure(high) ? Math.max(value, high) : value };
}

/** Whether a number can be of anything that a process has. */
export function isMeasure(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** The median, so that neither a long silence nor two samples at once change it. */
function usualInterval(samples: Run): number {
  const intervals = Float64Array.from(samples.slice(1), (sample, i) => sample.at - (samples[i]?.at ?? 0)).sort();
  return intervals[intervals.length >> 1] ?? 0;
}

function split(samples: Run, pause: number): readonly Run[] {
  const isStart = (sample: Sample, i: number): boolean => sample.at - (samples[i - 1]?.at ?? Number.NaN) > pause;
  const starts = samples.flatMap((sample, i) => (isStart(sample, i) ? [i] : []));
  return [0, ...starts].map((start, i) => samples.slice(start, starts[i]));
}

/** What the samples of a panel say together; `undefined` when there are none. */
export function summaryOf(all: readonly Series[], to: number): Summary | undefined {
  if (all.length === 0) return undefined;
  const newest = all.reduce((a, b) => (b.last.at > a.last.at ? b : a));
  const telling = all.filter(({ last, pause }) => newest.last.at - last.at <= pause);
  const highest = telling.reduce((a, b) => (b.last.value > a.last.value ? b : a), newest);
  let [min, max, sum, count] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  for (const { value, high } of all.flatMap(({ runs }) => runs.flat())) {
    min = Math.min(min, value);
    max = Math.max(max, high);
    sum += value;
    count++;
  }
  return {
    current: highest.last.value,
    instance: highest.instance,
    at: newest.last.at,
    isStale: to - newest.last.at > Math.max(2 * newest.pause, PATIENCE),
    min,
    average: sum / count,
    max,
  };
}
