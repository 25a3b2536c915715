/** Text on a canvas. */
import { type Canvas, coverOf, type Stamp } from "./canvas.ts";
import { GLYPHS, UNKNOWN } from "./glyphs.ts";
import type { Colour } from "./palette.ts";
import { outlineOf, type Piece } from "./pen.ts";

/** A size and a weight of the letters. */
export interface Font {
  /** Of capitals and digits, in pixels. */
  readonly height: number;
  /** How far a text reaches, in pixels. */
  widthOf(text: string): number;
  /** Draws a text whose baseline begins at a point. */
  draw(canvas: Canvas, text: string, x: number, baseline: number, ink: Colour): void;
  /** Draws a text whose baseline ends at a point. */
  drawUpTo(canvas: Canvas, text: string, end: number, baseline: number, ink: Colour): void;
  /** A text no wider than this many pixels; what does not fit becomes `…` at its end. */
  fit(text: string, width: number): string;
}

/** A glyph as it is printed. */
interface Letter {
  /** Nothing for a space. */
  readonly stamp: Stamp;
  /** The stamp's left and upper end, seen from the point on the baseline where the letter begins. */
  readonly left: number;
  readonly top: number;
  /** From where this letter begins to where the next does. */
  readonly advance: number;
}

/** Between two letters, and how high capitals are, in the units of the glyphs. */
const SPACING = 4.5;
const CAPITAL = 14;

/** `scale` is pixels for one unit of the glyphs, `pen` the pen's width in pixels. */
export function createFont(scale: number, pen: number): Font {
  const letters = new Map<string, Letter>();
  const radius = pen / 2;
  const fineness = 2 + Math.ceil(scale); // large letters show their corners

  function letterOf(character: string): Letter {
    const found = letters.get(character);
    if (found) return found;
    const { width, pieces } = outlineOf(GLYPHS[character] ?? UNKNOWN, fineness);
    const scaled = pieces.map(
      ([x0, y0, x1, y1]): Piece => [x0 * scale + radius, -y0 * scale, x1 * scale + radius, -y1 * scale],
    );
    const letter = { ...inked(scaled, radius), advance: Math.round((width + SPACING) * scale) };
    letters.set(character, letter);
    return letter;
  }

  /** The space after the last letter does not count, its pen does. */
  const widthOf = (text: string): number =>
    [...text].reduce((sum, character) => sum + letterOf(character).advance, Math.round(pen - SPACING * scale));

  function draw(canvas: Canvas, text: string, x: number, baseline: number, ink: Colour): void {
    let begin = Math.round(x);
    for (const character of text) {
      const { stamp, left, top, advance } = letterOf(character);
      canvas.press(stamp, begin + left, Math.round(baseline) + top, ink);
      begin += advance;
    }
  }

  return {
    height: CAPITAL * scale,
    widthOf,
    draw,
    drawUpTo: (canvas, text, end, baseline, ink) => draw(canvas, text, end - widthOf(text), baseline, ink),
    fit(text, width) {
      const characters = [...text];
      let shown = text;
      while (characters.length > 0 && widthOf(shown) > width) {
        characters.pop();
        shown = `${characters.join("")}…`;
      }
      return shown;
    },
  };
}

/** What a pen of this radius leaves on its way along the pieces. */
function inked(pieces: readonly Piece[], radius: number): Omit<Letter, "advance"> {
  if (pieces.length === 0) return { stamp: { width: 0, height: 0, covers: new Uint8Array() }, left: 0, top: 0 };
  const reach = radius + 0.5;
  const [xs, ys] = [pieces.flatMap(([a, , b]) => [a, b]), pieces.flatMap(([, a, , b]) => [a, b])];
  const [left, top] = [Math.floor(Math.min(...xs) - reach), Math.floor(Math.min(...ys) - reach)];
  const [right, bottom] = [Math.ceil(Math.max(...xs) + reach), Math.ceil(Math.max(...ys) + reach)];
  const [width, height] = [right - left, bottom - top];
  const stamp = { width, height, covers: new Uint8Array(width * height) };
  for (const [x0, y0, x1, y1] of pieces) push(stamp, x0 - left, y0 - top, x1 - left, y1 - top, radius);
  return { stamp, left, top };
}

/** Moves the pen along one piece: what is near enough to the nearest point of the piece is covered. */
function push({ width, covers }: Stamp, x0: number, y0: number, x1: number, y1: number, radius: number): void {
  const reach = radius + 0.5;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy || 1;
  const right = Math.ceil(Math.max(x0, x1) + reach);
  const bottom = Math.ceil(Math.max(y0, y1) + reach);
  for (let row = Math.floor(Math.min(y0, y1) - reach); row < bottom; row++) {
    for (let column = Math.floor(Math.min(x0, x1) - reach); column < right; column++) {
      const x = column + 0.5 - x0;
      const y = row + 0.5 - y0;
      const along = Math.min(Math.max((x * dx + y * dy) / length, 0), 1);
      const distance = (x - along * dx) ** 2 + (y - along * dy) ** 2;
      if (distance >= reach * reach) continue;
      const at = row * width + column;
      covers[at] = Math.max(covers[at] ?? 0, coverOf(radius - Math.sqrt(distance)));
    }
  }
}

/** Numbers of an axis, names of instances: letters of some 21 px. Every glyph is drawn once, and kept. */
export const SMALL: Font = createFont(1, 2);
/** Names of services and metrics. */
export const MEDIUM: Font = createFont(1.5, 3.2);
/** What somebody looks at first. */
export const LARGE: Font = createFont(2.5, 5.5);
