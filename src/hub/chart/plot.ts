/** Where lines are drawn. */
import type { Box, Canvas } from "./canvas.ts";

/** A place with an axis of times. */
export interface Frame {
  readonly box: Box;
  /** The times at its left and at its right end. */
  readonly from: number;
  readonly to: number;
}

/** A place on a canvas that has an axis of values, too. */
export interface Plot extends Frame {
  readonly canvas: Canvas;
  /** The value at its upper end; 0 is at the lower. */
  readonly top: number;
}

/** Where a time is, in pixels from the canvas' left. */
export function columnOf({ box, from, to }: Frame, at: number): number {
  return box.x + (box.width * (at - from)) / (to - from);
}

/** Where a value is, in pixels from above. */
export function rowOf({ box, top }: Plot, value: number): number {
  return box.y + box.height * (1 - value / top);
}
