/** A panel whose samples were looked at: what its picture and its text have in common. */
import { type Axis, axisOf } from "./axis.ts";
import type { Chart, Metric, Panel } from "./chart.ts";
import { isMeasure, type Series, type Summary, seriesOf, summaryOf } from "./series.ts";

export interface Reading {
  readonly metric: Metric;
  /** Absent also when it is no measure. */
  readonly limit: number | undefined;
  /** Of the instances that have samples. */
  readonly series: readonly Series[];
  /** Absent where there are no samples. */
  readonly summary: Summary | undefined;
  /** Reaches to the highest sample, and to the limit. */
  readonly axis: Axis;
}

/** Reads what a chart shows of a panel; its axis has at most so many steps. */
export function read({ metric, lines, limit: given }: Panel, chart: Chart, steps: number): Reading {
  const series = lines.flatMap((line) => seriesOf(line, chart) ?? []);
  const summary = summaryOf(series, chart.to);
  const limit = given !== undefined && isMeasure(given) ? given : undefined;
  const axis = axisOf(metric, Math.max(summary?.max ?? 0, limit ?? 0), steps);
  return { metric, limit, series, summary, axis };
}
