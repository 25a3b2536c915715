/** Alerts: a pin for each above the panels, and a line of its colour down through all of them. */
import { RANK } from "../severity.ts";
import { type Canvas, disc } from "./canvas.ts";
import type { Mark } from "./chart.ts";
import { SMALL } from "./font.ts";
import { INK } from "./inks.ts";
import { drawPlate } from "./plate.ts";
import { columnOf, type Frame, type Plot } from "./plot.ts";

/** A mark with its place. */
export interface Pin extends Mark {
  readonly x: number;
  /** Where its head is, from above; absent where there is no room for one, and only its line is seen. */
  readonly row?: number;
  /** Where the label begins; absent where there is no room for it. */
  readonly left?: number;
}

/** Height of a row of pins. */
export const ROW = 30;
const MOST_ROWS = 2;
const RADIUS = 7;
/** Left and right of a label. */
const GAP = 7;
/** Marks that are closer than this many pixels are one, the worst of them. */
const APART = 4;
/** How much the line of a pin covers within a plot, and on the way there. */
const INSIDE = 12;
const OUTSIDE = 5;

/** The pins of the marks that a chart shows, from left to right. */
export function pinsOf(frame: Frame, marks: readonly Mark[]): readonly Pin[] {
  const ends = Array.from({ length: MOST_ROWS }, () => 0);
  return distinct(frame, marks).map((mark) => {
    const pin = placed(frame, mark, ends);
    if (pin.row !== undefined) ends[pin.row] = GAP + Math.max(mark.x + RADIUS, (pin.left ?? 0) + widthOf(mark));
    return pin;
  });
}

/** How many rows pins take. */
export function rowsOf(pins: readonly Pin[]): number {
  return Math.max(0, ...pins.map(({ row = 0 }) => row + 1));
}

type Placed = Mark & { readonly x: number };

function distinct(frame: Frame, marks: readonly Mark[]): readonly Placed[] {
  const found = new Map<number, Placed>();
  for (const mark of marks) {
    if (!(mark.at >= frame.from && mark.at <= frame.to)) continue;
    const x = Math.round(columnOf(frame, mark.at));
    const there = found.get(Math.floor(x / APART));
    if (!there || RANK[mark.severity] > RANK[there.severity]) found.set(Math.floor(x / APART), { ...mark, x });
  }
  return [...found.values()].sort((a, b) => a.x - b.x);
}

/** In the first row where it runs into nothing, with its label if that is possible; `ends` is how far rows are taken. */
function placed({ box }: Frame, mark: Placed, ends: readonly number[]): Pin {
  const [right, left] = [mark.x + RADIUS + GAP, mark.x - RADIUS - GAP - widthOf(mark)];
  const isFree = (end: number): boolean => mark.x - RADIUS >= end;
  for (const [row, end] of ends.entries()) {
    if (isFree(end) && right + widthOf(mark) <= box.x + box.width) return { ...mark, row, left: right };
    if (left >= end) return { ...mark, row, left };
  }
  const row = ends.findIndex(isFree);
  return row < 0 ? mark : { ...mark, row };
}

const widthOf = ({ label = "" }: Mark): number => SMALL.widthOf(label);

/** The line of each pin through one plot. */
export function drawMarks({ canvas, box }: Plot, pins: readonly Pin[]): void {
  for (const { x, severity } of pins) canvas.fill({ ...box, x: x - 1, width: 2 }, INK[severity], INSIDE);
}

/** The pins with their labels, and their lines down to the end of the plots. */
export function drawPins(canvas: Canvas, pins: readonly Pin[], top: number, bottom: number): void {
  const middleOf = (row: number): number => top + row * ROW + ROW / 2;
  for (const { x, row, severity } of pins) {
    const y = row === undefined ? top + rowsOf(pins) * ROW : middleOf(row);
    canvas.fill({ x: x - 1, y, width: 2, height: bottom - y }, INK[severity], OUTSIDE);
  }
  for (const { x, row, left, severity, label = "" } of pins) {
    if (row === undefined) continue;
    disc(canvas, x, middleOf(row), RADIUS, INK[severity]);
    if (left !== undefined) drawPlate(canvas, label, left, middleOf(row) + SMALL.height / 2, INK.text);
  }
}
