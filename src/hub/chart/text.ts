/** A chart as text, for a monospaced block that a phone shows without breaking its lines. */
import { lasting } from "../telegram/render/units.ts";
import type { Axis } from "./axis.ts";
import { type Chart, checked } from "./chart.ts";
import { METRICS, measured, numberOf } from "./metric.ts";
import { type Reading, read } from "./reading.ts";
import type { Series } from "./series.ts";
import { rangeOf } from "./time.ts";
import { traceOf } from "./trace.ts";

/** Characters in a line. */
const WIDTH = 35;
/** Steps of an axis, a row each. */
const STEPS = 6;
const ALERTS = "alerts";

/**
 * Each panel as a line of numbers and a chart, then the alerts as `!` below their times, then the times. All instances
 * are one line, the highest of them at each time; limits are left to the picture. Throws when it is no chart.
 */
export function chartText(chart: Chart): string {
  const readings = checked(chart).panels.map(({ metric, lines }) => read({ metric, lines }, chart, STEPS));
  const widest = Math.max(...readings.flatMap(({ axis }) => axis.ticks.map(({ label }) => label.length)));
  const gutter = Math.max(widest + 2, chart.marks.length > 0 ? ALERTS.length : 0);
  const blocks = readings.map((reading) => blockOf(reading, chart, gutter));
  return [...blocks, ...alerts(chart, gutter), rangeOf(chart.from, chart.to)].join("\n");
}

function blockOf({ metric, series, summary, axis }: Reading, chart: Chart, gutter: number): string {
  const head = `${METRICS[metric].title} (${lasting(chart.to - chart.from)})`;
  if (!summary) return `${head} no samples`;
  const { current, min, max } = summary;
  const numbers = `cur=${measured(current, axis.unit)} min=${numberOf(min, axis.unit)} max=${numberOf(max, axis.unit)}`;
  const rows = rowsOf(heightsOf(series, chart, WIDTH - gutter, axis), axis.ticks.length);
  const lines = axis.ticks.map(({ label }, i) => `${label.padStart(gutter - 2)} ${i === 0 ? "┼" : "┤"}${rows[i]}`);
  return [`${head} ${numbers}`, ...lines.reverse().map((line) => line.trimEnd())].join("\n");
}

/** In which row the highest instance is in each column; `undefined` in a gap. */
function heightsOf(all: readonly Series[], chart: Chart, columns: number, axis: Axis): readonly (number | undefined)[] {
  const traces = all.map(({ runs }) => traceOf(runs, chart, columns, ({ high }) => high).high);
  const step = axis.top / (axis.ticks.length - 1);
  return Array.from({ length: columns }, (_, column) => {
    const highest = Math.max(...traces.map((high) => high[column] ?? 0));
    return highest >= 0 ? Math.round(highest / step) : undefined;
  });
}

/** The line itself, the lowest row first. */
function rowsOf(heights: readonly (number | undefined)[], count: number): readonly string[] {
  return Array.from({ length: count }, (_, row) =>
    heights.map((height, column) => signOf(row, heights[column - 1] ?? height, height)).join(""),
  );
}

/** What a row shows of a line on its way from the height it had one column before. */
function signOf(row: number, before: number | undefined, height: number | undefined): string {
  if (before === undefined || height === undefined) return " ";
  if (row === height) return before === height ? "─" : before < height ? "╭" : "╰";
  if (row === before) return before < height ? "╯" : "╮";
  return row > Math.min(before, height) && row < Math.max(before, height) ? "│" : " ";
}

/** A row for the alerts, when there were any. */
function alerts({ marks, from, to }: Chart, gutter: number): readonly string[] {
  const columns = WIDTH - gutter;
  const shown = marks.filter(({ at }) => at >= from && at <= to);
  const places = new Set(
    shown.map(({ at }) => Math.min(Math.floor((columns * (at - from)) / (to - from)), columns - 1)),
  );
  const signs = Array.from({ length: columns }, (_, column) => (places.has(column) ? "!" : " "));
  return places.size > 0 ? [`${ALERTS.padStart(gutter)}${signs.join("").trimEnd()}`] : [];
}
