/** Words where lines may run: on a piece of card, so that they can be read. */
import type { Canvas } from "./canvas.ts";
import { SMALL } from "./font.ts";
import { INK } from "./inks.ts";
import type { Colour } from "./palette.ts";

/** Around the words. */
export const GAP = 6;
/** How much of what is below is covered. */
const COVER = 13;

/** The words begin at `x`, their plate a bit further left. */
export function drawPlate(canvas: Canvas, words: string, x: number, baseline: number, ink: Colour): void {
  const { height } = SMALL;
  const [top, width] = [baseline - height - GAP, SMALL.widthOf(words) + 2 * GAP];
  canvas.fill({ x: x - GAP, y: top, width, height: height + 2 * GAP }, INK.card, COVER);
  SMALL.draw(canvas, words, x, baseline, ink);
}
