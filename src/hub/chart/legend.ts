/** Which colour is which instance. */
import { type Box, type Canvas, disc } from "./canvas.ts";
import type { Chart } from "./chart.ts";
import { SMALL } from "./font.ts";
import { INK, lineInk, NAMED } from "./inks.ts";

/** Places side by side at most, and the height of a row of them. */
const COLUMNS = 4;
const ROW = 32;
const RADIUS = 7;
/** Left and right of a name. */
const GAP = 12;

interface Entry {
  readonly name: string;
  readonly place: number;
}

/** The instances of a chart, in the order in which they first appear. */
export function instancesOf({ panels }: Chart): readonly string[] {
  return [...new Set(panels.flatMap(({ lines }) => lines.map(({ instance }) => instance)))];
}

/** In pixels; an instance without others needs no legend. */
export function legendHeight(instances: readonly string[]): number {
  return Math.ceil(entriesOf(instances).length / COLUMNS) * ROW;
}

/** Draws it from here on, as wide as this. */
export function drawLegend(canvas: Canvas, { x, y, width }: Omit<Box, "height">, instances: readonly string[]): void {
  const entries = entriesOf(instances);
  const slot = width / Math.min(COLUMNS, entries.length);
  entries.forEach(({ name, place }, i) => {
    const left = x + (i % COLUMNS) * slot;
    const middle = y + Math.floor(i / COLUMNS) * ROW + ROW / 2;
    disc(canvas, left + RADIUS, middle, RADIUS, lineInk(place));
    const words = shortened(name, slot - 2 * RADIUS - 2 * GAP);
    SMALL.draw(canvas, words, left + 2 * RADIUS + GAP, middle + SMALL.height / 2, INK.text);
  });
}

/** Those with a colour of their own, and how many there are beside them. */
function entriesOf(instances: readonly string[]): readonly Entry[] {
  if (instances.length < 2) return [];
  const named = instances.slice(0, NAMED).map((name, place) => ({ name, place }));
  const others = instances.length - named.length;
  return others > 0 ? [...named, { name: `+${others} more`, place: NAMED }] : named;
}

/** A name no wider than so many pixels. Instances differ at the end of their names or at the beginning: the middle goes. */
export function shortened(name: string, width: number): string {
  const characters = [...name];
  let words = name;
  for (let kept = characters.length - 1; kept > 1 && SMALL.widthOf(words) > width; kept--) {
    const [head, tail] = [characters.slice(0, Math.ceil(kept / 2)), characters.slice(-Math.floor(kept / 2))];
    words = `${head.join("")}…${tail.join("")}`;
  }
  return words;
}
