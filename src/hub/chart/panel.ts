/** One metric in a picture, below its head: lines, the limit, and what lies behind them. */
import type { Tick } from "./axis.ts";
import { disc } from "./canvas.ts";
import { SMALL } from "./font.ts";
import { drawLevels, drawMoments } from "./grid.ts";
import { INK, lineInk } from "./inks.ts";
import { type Band, lineOf, paint, paintBelow, strokeOf } from "./line.ts";
import { drawMarks, type Pin } from "./marks.ts";
import { chosen } from "./metric.ts";
import type { Colour } from "./palette.ts";
import { drawPlate, GAP } from "./plate.ts";
import { columnOf, type Plot, rowOf } from "./plot.ts";
import type { Reading } from "./reading.ts";
import type { Sample, Series } from "./series.ts";

/** Width of a line. */
const PEN = 3;
/** How much is covered between a rolled-up sample and its maximum. */
const SPREAD = 6;
/** Of a limit. */
const DASH = 10;
const PAUSE = 7;

/** What all panels of a chart have in common. */
export interface Common {
  readonly ticks: readonly Tick[];
  readonly pins: readonly Pin[];
  /** In the order of their colours. */
  readonly instances: readonly string[];
}

/** A series on its way to the canvas. */
interface Drawn {
  readonly series: Series;
  readonly line: Band;
  readonly ink: Colour;
}

/** Draws all that a plot shows, from what lies behind to what is on top. */
export function drawPanel(plot: Plot, reading: Reading, { ticks, pins, instances }: Common): void {
  const lines = drawnOf(plot, reading.series, instances);
  if (instances.length === 1) for (const { line } of lines) paintBelow(plot, line, INK.shade);
  drawLevels(plot, reading.axis);
  drawMoments(plot, ticks);
  drawMarks(plot, pins);
  for (const line of lines) drawLine(plot, line);
  drawLimit(plot, reading);
  if (lines.length === 0) drawNothing(plot);
}

/** Lines in the order of their drawing: the first instances come last, on top of the others. */
function drawnOf(plot: Plot, all: readonly Series[], instances: readonly string[]): readonly Drawn[] {
  const placed = all.map((series) => ({ series, place: instances.indexOf(series.instance) }));
  return placed
    .sort((a, b) => b.place - a.place)
    .map(({ series, place }) => ({ series, line: lineOf(plot, series.runs, meanOf), ink: lineInk(place) }));
}

const meanOf = ({ value }: Sample): number => value;
const highOf = ({ high }: Sample): number => high;

function drawLine(plot: Plot, { series: { runs, last }, line, ink }: Drawn): void {
  if (runs.some((run) => run.some(({ value, high }) => high > value))) {
    paint(plot, { upper: lineOf(plot, runs, highOf).upper, lower: line.upper }, ink, SPREAD);
  }
  paint(plot, strokeOf(line, PEN), ink);
  const alone = runs.flatMap((run) => (run.length === 1 ? run : []));
  for (const sample of new Set([...alone, last])) drawDot(plot, sample, ink);
}

/** A sample without neighbours, or the last of all. */
function drawDot(plot: Plot, { at, value }: Sample, ink: Colour): void {
  disc(plot.canvas, columnOf(plot, at), rowOf(plot, value), PEN + 1, ink);
}

/** A threshold: dashed, with its value at the left, where the line is oldest. */
function drawLimit(plot: Plot, { limit, axis }: Reading): void {
  if (limit === undefined) return;
  const { canvas, box } = plot;
  const y = Math.round(rowOf(plot, limit));
  for (let x = 0; x < box.width; x += DASH + PAUSE) {
    canvas.fill({ x: box.x + x, y: y - 1, width: Math.min(DASH, box.width - x), height: 2 }, INK.limit);
  }
  const words = `limit ${chosen(limit, axis.unit)}`;
  const room = SMALL.height + 3 * GAP;
  drawPlate(canvas, words, box.x + 2 * GAP, y - box.y < room ? y + room - GAP : y - 2 * GAP, INK.limit);
}

function drawNothing({ canvas, box }: Plot): void {
  const words = "no samples";
  const x = box.x + Math.round((box.width - SMALL.widthOf(words)) / 2);
  drawPlate(canvas, words, x, box.y + (box.height + SMALL.height) / 2, INK.dim);
}
