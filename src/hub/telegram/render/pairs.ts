/** Keys and values. */
import { clip } from "./text.ts";
import { type Block, code, type Line, line, type Span } from "./tree.ts";
import { grouped } from "./units.ts";

/** A key and what is known of it; nothing is told of what is not known. */
export type Pair = readonly [key: string, value: Value];
type Value = Span | readonly Span[] | undefined;

/** A phone shows about as many characters in a line. */
const WIDTH = 40;
const MOST_KEY = 60;
const MOST_VALUE = 300;
const MOST_PAIRS = 30;
/** From here on a value is long, and goes before the short ones. */
const LONG = 120;

/** What goes first when room is short, from the first to the last to go. */
export const KEEP = { code: 1, long: 2, cause: 3, frame: 4, extra: 5, context: 6, place: 7, detail: 8 } as const;

/** Lines of pairs, as many to a line as it has room for. */
export function pairLines(pairs: readonly Pair[], keep: number): Line[] {
  const lines: { spans: Span[]; width: number; weight: number }[] = [];
  for (const [key, value] of pairs) {
    if (value === undefined) continue;
    const spans = [`${key} `, ...(Array.isArray(value) ? (value as readonly Span[]) : [value as Span])];
    const width = spans.reduce((sum, span) => sum + (typeof span === "string" ? span : span.text).length, 0);
    const last = lines.at(-1);
    if (last && last.width + 2 + width <= WIDTH) {
      last.spans.push("  ", ...spans);
      last.width += 2 + width;
      last.weight++;
    } else lines.push({ spans, width, weight: 1 });
  }
  return lines.map(({ spans, width, weight }) => ({
    ...line(...spans),
    weight,
    keep: width > LONG ? KEEP.long : keep,
  }));
}

/** A record that a user gave, under its name. */
export function recordBlock(name: string, record: Readonly<Record<string, unknown>>, keep: number): Block {
  const keys = Object.keys(record);
  const pairs = keys.slice(0, MOST_PAIRS).map((key): Pair => [keyOf(key), valueSpan(record[key])]);
  const note = (hidden: number): string => (hidden > 0 ? `… ${grouped(hidden)} more` : "");
  return { kind: "block", name, nodes: pairLines(pairs, keep), hidden: Math.max(0, keys.length - MOST_PAIRS), note };
}

/** A value on one line, to be tapped and copied. */
export function valueSpan(value: unknown): Span {
  const text = typeof value === "string" ? value : jsonOf(value);
  return code(oneLine(text, MOST_VALUE) || '""');
}

/** The same of what may be unknown. */
export function known(value: string | number | undefined): Span | undefined {
  return value === undefined || value === "" ? undefined : valueSpan(value);
}

function keyOf(key: string): string {
  return oneLine(key, MOST_KEY) || '""';
}

/** A text without line breaks, cut where it gets long. */
export function oneLine(text: string, most: number): string {
  return clip(
    clip(text, most * 4)
      .replace(/\s+/g, " ")
      .trim(),
    most,
  );
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
