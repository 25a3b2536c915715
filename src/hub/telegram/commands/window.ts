/** A stretch of time up to now, as people name it. */
import { lasting } from "../render/units.ts";

/** How far back somebody wants to look. */
export interface Window {
  readonly ms: number;
  /** As a headline says it: `15m`, `1h`, `7d`. */
  readonly text: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
/** Nothing is kept for longer. */
const LONGEST = 30 * DAY;

/** A day in words is the last 24 hours: nobody but the reader knows when theirs began. */
const NAMED: ReadonlyMap<string, number> = new Map([
  ["minute", MINUTE],
  ["hour", HOUR],
  ["day", DAY],
  ["today", DAY],
  ["week", 7 * DAY],
]);
const PART =
  /(\d{1,6}(?:[.,]\d{1,3})?)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)(?![a-z])\s*/gy;

/**
 * The window that these words name, and nothing else: `15m`, `15 min`, `1.5 hours`, `1h 30m`, `last 7 days`, `hour`,
 * `today`. Longer than thirty days is thirty days. `undefined` for all else, a number without a unit too.
 */
export function parseWindow(words: readonly string[]): Window | undefined {
  const text = words
    .join(" ")
    .toLowerCase()
    .replace(/^\s*((the|last|past)\s+)*/, "")
    .trim();
  const ms = Math.min(LONGEST, NAMED.get(text) ?? sumOf(text));
  return ms >= 1_000 ? { ms, text: lasting(ms) } : undefined;
}

/** The longest run of words that names a window, the first of several, and the words without it. */
export function takeWindow(words: readonly string[]): { readonly window?: Window; readonly rest: readonly string[] } {
  for (let length = Math.min(words.length, 5); length > 0; length--) {
    for (let from = 0; from + length <= words.length; from++) {
      const window = parseWindow(words.slice(from, from + length));
      if (window) return { window, rest: [...words.slice(0, from), ...words.slice(from + length)] };
    }
  }
  return { rest: words };
}

/** The milliseconds of `1h 30m`; 0 when anything in it is something else. */
function sumOf(text: string): number {
  let sum = 0;
  let end = 0;
  for (const part of text.matchAll(PART)) {
    const [whole, count = "", unit = ""] = part;
    sum += Number(count.replace(",", ".")) * (UNITS[unit[0] ?? ""] ?? 0);
    end = part.index + whole.length;
  }
  return end === text.length ? Math.round(sum) : 0;
}
