/** A picture in the making: a colour of a palette for each pixel. */
import { type Colour, type Cover, createPalette, OPAQUE } from "./palette.ts";

/** A part of a canvas, in pixels from its left and upper end. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A shape that can be painted anywhere: how much it covers of each of its pixels, row by row. */
export interface Stamp {
  readonly width: number;
  readonly height: number;
  readonly covers: Uint8Array;
}

/** Places and sizes are whole pixels; what lies outside of the canvas is not painted. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /**
   * The rows as a PNG has them: `width` colours after a byte that names the row's filter, 0 for none.
   *
   * @see https://www.w3.org/TR/png-3/#9Filters
   */
  readonly rows: Uint8Array;
  /** Red, green and blue of each colour used. */
  palette(): Uint8Array;
  /** Paints a box. */
  fill(box: Box, ink: Colour, cover?: Cover): void;
  /** Paints a stamp with its left and upper end here. */
  press(stamp: Stamp, x: number, y: number, ink: Colour): void;
  /** Paints so many pixels from here on downwards, each as far as it is covered. */
  column(x: number, y: number, covers: Uint8Array, count: number, ink: Colour): void;
}

/** A canvas of these inks (`0xRRGGBB`), all of it in the first. */
export function createCanvas(width: number, height: number, inks: readonly number[]): Canvas {
  const { mix, rgb } = createPalette(inks);
  const stride = width + 1;
  const rows = new Uint8Array(stride * height);

  /** Covers from one place to another, on pixels from `at` on, a step apart. This one loop is soon compiled. */
  function blend(at: number, step: number, covers: Uint8Array, from: number, to: number, ink: Colour): void {
    for (let i = from, pixel = at; i < to; i++, pixel += step) {
      const cover = covers[i] ?? 0;
      if (cover > 0) rows[pixel] = cover < OPAQUE ? mix(rows[pixel] ?? 0, ink, cover) : ink;
    }
  }

  const placeOf = (x: number, y: number): number => y * stride + x + 1;

  function press({ width: wide, height: high, covers }: Stamp, x: number, y: number, ink: Colour): void {
    const [left, right] = [Math.max(0, -x), Math.min(wide, width - x)];
    for (let row = Math.max(0, -y); row < Math.min(high, height - y); row++) {
      blend(placeOf(x + left, y + row), 1, covers, row * wide + left, row * wide + right, ink);
    }
  }

  function column(x: number, y: number, covers: Uint8Array, count: number, ink: Colour): void {
    const from = Math.max(0, -y);
    if (x >= 0 && x < width) blend(placeOf(x, y + from), stride, covers, from, Math.min(count, height - y), ink);
  }

  function fill(box: Box, ink: Colour, cover: Cover = OPAQUE): void {
    const [left, right] = [Math.max(0, box.x), Math.min(box.x + box.width, width)];
    const covers = cover < OPAQUE ? new Uint8Array(width).fill(cover) : undefined;
    for (let y = Math.max(0, box.y); y < Math.min(box.y + box.height, height); y++) {
      if (covers) blend(placeOf(left, y), 1, covers, left, right, ink);
      else if (left < right) rows.fill(ink, placeOf(left, y), placeOf(right, y));
    }
  }

  return { width, height, rows, palette: rgb, fill, press, column };
}

/** Paints a disc with a smooth edge around a point. */
export function disc(canvas: Canvas, x: number, y: number, radius: number, ink: Colour): void {
  const [left, top] = [Math.floor(x - radius - 1), Math.floor(y - radius - 1)];
  const size = 2 * Math.ceil(radius + 2);
  const covers = Uint8Array.from({ length: size * size }, (_, i) => {
    const [row, column] = [Math.floor(i / size), i % size];
    return coverOf(radius - Math.hypot(left + column + 0.5 - x, top + row + 0.5 - y));
  });
  canvas.press({ width: size, height: size, covers }, left, top, ink);
}

/** How much of a pixel is covered whose middle lies this deep inside an edge. */
export function coverOf(depth: number): Cover {
  if (depth >= 0.5) return OPAQUE;
  return depth <= -0.5 ? 0 : Math.round(OPAQUE * (depth + 0.5));
}
