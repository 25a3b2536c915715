/** The colours of a chart: a dark card, since people are woken at night, and since it stands out from either theme. */
import type { Severity } from "../../event.ts";
import type { Colour } from "./palette.ts";

const COLOURS = {
  card: 0x17212b,
  text: 0xf1f5f9,
  dim: 0xa3b3c2,
  shade: 0x1f3a4d,
  limit: 0xff9d9d,
  blue: 0x4cc2ff,
  yellow: 0xf6d860,
  pink: 0xff8fd0,
  green: 0x6ee7a0,
  peach: 0xffb38a,
  lavender: 0xc4b5fd,
  grey: 0x6b7c8d,
  info: 0x3b9eff,
  warning: 0xff9f2e,
  error: 0xff4d4f,
  critical: 0xb45cff,
} as const;

/** What a canvas for charts is made with; the first is its ground. */
export const INKS: readonly number[] = Object.values(COLOURS);

/** The place of each ink. Alerts have the colours of the chat's ℹ️ 🟠 🔴 🟣. */
export const INK: Readonly<Record<keyof typeof COLOURS | Severity, Colour>> = Object.fromEntries(
  Object.keys(COLOURS).map((name, place) => [name, place]),
) as Record<keyof typeof COLOURS, Colour>;

/** Of instances, told apart also by those who do not see all colours: they differ in brightness, too. */
const LINES: readonly Colour[] = [INK.blue, INK.yellow, INK.pink, INK.green, INK.peach, INK.lavender];

/** How many instances have a colour, and a name in the legend. */
export const NAMED: number = LINES.length;

/** The colour of the instance at this place; all that have no name share one. */
export function lineInk(place: number): Colour {
  return LINES[place] ?? INK.grey;
}
