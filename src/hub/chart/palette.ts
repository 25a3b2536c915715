/** The at most 255 colours of a picture: inks, and what comes of painting one over another. */

/** The place of a colour in a palette. */
export type Colour = number;

/** How much an ink covers what is below it, from 0 to {@link OPAQUE}. */
export type Cover = number;

/** An ink that hides what is below. */
export const OPAQUE = 16;

/** A place has to fit a byte, and so does a place that is counted from 1. */
const MOST = 255;
/** Inks may be this many, so that a look-up table stays small. */
const MOST_INKS = 32;
/** Colours that differ by less in each of red, green and blue look the same, and are one. */
const ALIKE = 5;

/** Colours that grow in number as they are mixed. */
export interface Palette {
  /** Red, green and blue of each colour, in the order of their places. */
  rgb(): Uint8Array;
  /** The colour of an ink that covers another colour in part. When no place is left, the nearest colour there is. */
  mix(below: Colour, ink: Colour, cover: Cover): Colour;
}

/** A palette that begins with these inks, `0xRRGGBB` each; the others it mixes when they are asked for. */
export function createPalette(inks: readonly number[]): Palette {
  const rgb = new Uint8Array(MOST * 3);
  /** What was mixed before, counted from 1. */
  const mixed = new Uint8Array(MOST * MOST_INKS * OPAQUE);
  let size = 0;

  function add(red: number, green: number, blue: number): Colour {
    rgb.set([red, green, blue], size * 3);
    return size++;
  }

  const off = (place: number, part: number): number => Math.abs((rgb[place] ?? 0) - part);

  function nearest(red: number, green: number, blue: number): Colour {
    let found = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < size; i++) {
      const distance = Math.max(off(i * 3, red), off(i * 3 + 1, green), off(i * 3 + 2, blue));
      if (distance >= least) continue;
      least = distance;
      found = i;
    }
    return least < ALIKE || size === MOST ? found : add(red, green, blue);
  }

  function partOf(below: number, ink: number, cover: Cover): number {
    const under = rgb[below] ?? 0;
    return Math.round(under + (((rgb[ink] ?? 0) - under) * cover) / OPAQUE);
  }

  for (const ink of inks) add(ink >> 16, (ink >> 8) & 255, ink & 255);
  return {
    rgb: () => rgb.slice(0, size * 3),
    mix(below, ink, cover) {
      const key = (cover * MOST_INKS + ink) * MOST + below;
      const known = mixed[key];
      if (known) return known - 1;
      const part = (i: number): number => partOf(below * 3 + i, ink * 3 + i, cover);
      const colour = nearest(part(0), part(1), part(2));
      mixed[key] = colour + 1;
      return colour;
    },
  };
}
