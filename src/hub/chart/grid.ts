/** What lies behind the lines of a plot: levels, and moments. */
import type { Axis, Tick } from "./axis.ts";
import type { Canvas } from "./canvas.ts";
import { SMALL } from "./font.ts";
import { INK } from "./inks.ts";
import { columnOf, type Frame, type Plot, rowOf } from "./plot.ts";

/** Between an axis of values and its plot. */
export const GUTTER = 12;
/** Width of a line, and how much it covers: it is to be seen on areas, too, and not before anything else. */
const PEN = 2;
const FAINT = 2;

/** Levels of values, each with its number. */
export function drawLevels(plot: Plot, { ticks }: Axis): void {
  const { canvas, box } = plot;
  for (const { at, label } of ticks) {
    const y = Math.round(rowOf(plot, at));
    canvas.fill({ ...box, y: y - PEN / 2, height: PEN }, INK.dim, FAINT);
    SMALL.drawUpTo(canvas, label, box.x - GUTTER, y + SMALL.height / 2, INK.dim);
  }
}

/** Moments, without their times. */
export function drawMoments(plot: Plot, ticks: readonly Tick[]): void {
  for (const { at } of ticks) {
    const x = Math.round(columnOf(plot, at));
    plot.canvas.fill({ ...plot.box, x: x - PEN / 2, width: PEN }, INK.dim, FAINT);
  }
}

/** The times of moments, each below its own as far as the picture reaches. */
export function drawTimes(canvas: Canvas, frame: Frame, ticks: readonly Tick[], baseline: number): void {
  for (const { at, label } of ticks) {
    const width = SMALL.widthOf(label);
    const x = Math.min(columnOf(frame, at) - width / 2, canvas.width - GUTTER - width);
    SMALL.draw(canvas, label, x, baseline, INK.dim);
  }
}
