/** Lines with smooth edges, and the areas below them. */
import { type Colour, type Cover, OPAQUE } from "./palette.ts";
import { type Plot, rowOf } from "./plot.ts";
import type { Run, Sample } from "./series.ts";
import { traceOf } from "./trace.ts";

/** Edges of what is painted, in pixels from above, for each fine column; nothing is where upper is not above lower. */
export interface Band {
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/** Fine columns in a pixel: edges are smooth in so many steps from column to column. From row to row they are exact. */
const FINE = 3;

/** A line through samples that is as thin as can be. */
export function lineOf(plot: Plot, runs: readonly Run[], measure: (sample: Sample) => number): Band {
  const { low, high } = traceOf(runs, plot, plot.box.width * FINE, (sample) => rowOf(plot, measure(sample)));
  return { upper: low, lower: high };
}

/** All that lies no further than half a pen's width from a line: a stroke with round ends and joints. */
export function strokeOf(line: Band, pen: number): Band {
  const stroke = {
    upper: new Float64Array(line.upper.length).fill(Number.POSITIVE_INFINITY),
    lower: new Float64Array(line.lower.length),
  };
  const reach = Math.floor((pen / 2) * FINE);
  for (let offset = -reach; offset <= reach; offset++) {
    widen(stroke, line, offset, Math.sqrt((pen / 2) ** 2 - (offset / FINE) ** 2));
  }
  return stroke;
}

/** Lets a stroke reach this far above and below what its line is some columns further. */
function widen(stroke: Band, { upper, lower }: Band, offset: number, height: number): void {
  const end = Math.min(upper.length, upper.length - offset);
  for (let i = Math.max(0, -offset); i < end; i++) {
    const top = (upper[i + offset] ?? 0) - height;
    const bottom = (lower[i + offset] ?? 0) + height;
    if (top < (stroke.upper[i] ?? 0)) stroke.upper[i] = top;
    if (bottom > (stroke.lower[i] ?? 0)) stroke.lower[i] = bottom;
  }
}

/** Paints all between a line and the lower end of its plot, row by row. Its edges are hidden by the line's stroke. */
export function paintBelow({ canvas, box }: Plot, { upper }: Band, ink: Colour): void {
  const bottom = box.y + box.height;
  const begins = new Uint16Array(bottom);
  let before = bottom;
  for (let x = 0; x <= box.width; x++) {
    const edge = x < box.width ? (upper[x * FINE + 1] ?? bottom) : bottom;
    const row = Math.max(0, Math.min(Math.round(edge), bottom));
    if (row < before) begins.fill(x, row, before);
    for (let y = before; y < row; y++) {
      const begin = begins[y] ?? 0;
      canvas.fill({ x: box.x + begin, y, width: x - begin, height: 1 }, ink);
    }
    before = row;
  }
}

/** Paints a band into its plot. */
export function paint({ canvas, box }: Plot, { upper, lower }: Band, ink: Colour, cover: Cover = OPAQUE): void {
  const changes = new Float64Array(canvas.height + 2);
  const covers = new Uint8Array(canvas.height + 1);
  for (let x = 0; x < box.width; x++) {
    let first = canvas.height;
    let last = 0;
    for (let i = x * FINE; i < (x + 1) * FINE; i++) {
      const from = Math.max(upper[i] ?? 0, 0);
      const to = Math.min(lower[i] ?? 0, canvas.height);
      if (from >= to) continue;
      change(changes, from, cover / FINE);
      change(changes, to, -cover / FINE);
      first = Math.min(first, Math.floor(from));
      last = Math.max(last, Math.ceil(to));
    }
    sumUp(changes, covers, first, last);
    canvas.column(box.x + x, first, covers, last - first, ink);
  }
}

/** Writes the sums of all changes from above down to some row, and leaves no changes behind. */
function sumUp(changes: Float64Array, covers: Uint8Array, first: number, last: number): void {
  let sum = 0.5; // a byte cuts what is behind the point
  for (let row = first; row < last; row++) {
    sum += changes[row] ?? 0;
    covers[row - first] = sum;
    changes[row] = 0;
  }
  changes.fill(0, last, last + 2);
}

/** From this edge on there is more, or less. The row that it cuts has a part of that. */
function change(changes: Float64Array, edge: number, amount: number): void {
  const row = Math.floor(edge);
  const below = amount * (edge - row);
  changes[row] = (changes[row] ?? 0) + amount - below;
  changes[row + 1] = (changes[row + 1] ?? 0) + below;
}
