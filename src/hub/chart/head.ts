/** What stands above a plot: the name of a metric, how it is now, and how it was. */
import type { Box, Canvas } from "./canvas.ts";
import { LARGE, MEDIUM, SMALL } from "./font.ts";
import { INK } from "./inks.ts";
import { shortened } from "./legend.ts";
import { METRICS, measured, numberOf } from "./metric.ts";
import type { Reading } from "./reading.ts";
import type { Series, Summary } from "./series.ts";
import { clockOf } from "./time.ts";

/** In pixels, and how far down its baseline is. */
export const HEAD = 66;
const BASELINE = 44;
const GAP = 18;
/** From one line of small text to the next. */
const LINE = 26;
/** For the name of an instance, in pixels. */
const NAME = 160;

/** Draws it from here on, as wide as this. */
export function drawHead(canvas: Canvas, { x, y, width }: Omit<Box, "height">, reading: Reading): void {
  const { metric, series, summary, axis } = reading;
  const { title } = METRICS[metric];
  const [baseline, end] = [y + BASELINE, x + width];
  MEDIUM.draw(canvas, title, x, baseline, INK.dim);
  if (!summary) return;
  const now = measured(summary.current, axis.unit);
  LARGE.draw(canvas, now, x + MEDIUM.widthOf(title) + GAP, baseline, summary.isStale ? INK.dim : INK.text);
  const [min, average, max] = [summary.min, summary.average, summary.max].map((it) => numberOf(it, axis.unit));
  SMALL.drawUpTo(canvas, `min ${min}  avg ${average}  max ${max}`, end, baseline, INK.dim);
  SMALL.drawUpTo(canvas, noteOf(series, summary), end, baseline - LINE, INK.dim);
}

/** What the large number does not say of itself. */
function noteOf(series: readonly Series[], { at, instance, isStale }: Summary): string {
  if (isStale) return `silent since ${clockOf(at)}`;
  return series.length > 1 ? `highest of ${series.length}: ${shortened(instance, NAME)}` : "";
}
