/** A panel whose samples were looked at: what its picture and its text have in common. */
import { type Axis, axisOf } from "./axis.ts";
import type { Chart, Panel } from "./chart.ts";
import { type Series, type Summary, seriesOf, summaryOf } from "./series.ts";

export interface Reading {
  readonly panel: Panel;
  /** Of the instances that have samples. */
  readonly series: readonly Series[];
  /** Absent where there are no samples. */
  readonly summary: Summary | undefined;
  /** Reaches to the highest sample, and to the limit. */
  readonly axis: Axis;
}

/** Reads what a chart shows of a panel; its axis has at most so many steps. */
export function read(panel: Panel, chart: Chart, steps: number): Reading {
  const series = panel.lines.flatMap((line) => seriesOf(line, chart) ?? []);
  const summary = summaryOf(series, chart.to);
  const peak = Math.max(summary?.max ?? 0, panel.limit ?? 0);
  return { panel, series, summary, axis: axisOf(panel.metric, peak, steps) };
}
