/** A series as columns see it. However many samples fall into one column, none of its peaks is lost. */
import type { Chart } from "./chart.ts";
import type { Run, Sample } from "./series.ts";

/** The lowest and the highest place of a line in each column; where there is no line, low is Infinity, high -Infinity. */
export interface Trace {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The straight lines between the samples of each run, in so many columns from a chart's left end to its right. */
export function traceOf(
  runs: readonly Run[],
  { from, to }: Pick<Chart, "from" | "to">,
  columns: number,
  measure: (sample: Sample) => number,
): Trace {
  const low = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  const place = (at: number): number => ((at - from) / (to - from)) * columns;

  function touch(column: number, value: number): void {
    const within = Math.min(column, columns - 1); // a sample at the very end
    low[within] = Math.min(low[within] ?? value, value);
    high[within] = Math.max(high[within] ?? value, value);
  }

  function connect(a: Sample, b: Sample): void {
    const [x, y, value] = [place(a.at), place(b.at), measure(a)];
    const slope = (measure(b) - value) / (y - x || 1);
    for (let edge = Math.floor(x) + 1; edge <= y; edge++) {
      const crossing = value + slope * (edge - x);
      touch(edge - 1, crossing);
      touch(edge, crossing);
    }
  }

  for (const run of runs) {
    run.forEach((sample, i) => {
      touch(Math.floor(place(sample.at)), measure(sample));
      const next = run[i + 1];
      if (next) connect(sample, next);
    });
  }
  return { low, high };
}
