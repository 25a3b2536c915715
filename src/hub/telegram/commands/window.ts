/** How far back somebody wants to look, as people say it. */
import { lasting } from "../render/units.ts";
import { spanIn } from "./words.ts";

/** A stretch of time up to now. */
export interface Window {
  readonly ms: number;
  /** As a headline says it: `15m`, `1h`, `7d`. */
  readonly text: string;
}

const DAY = 86_400_000;
/** Nothing is kept for longer. */
const LONGEST = 30 * DAY;

const FILLERS: ReadonlySet<string> = new Set(["the", "last", "past", "in", "for"]);
/** A day in words is the last 24 hours: nobody but the reader knows when theirs began. */
const NAMED: Readonly<Record<string, string>> = { minute: "1m", hour: "1h", day: "24h", today: "24h", week: "7d" };

/** Before a unit: it is `2 hours` then, not an hour. */
const COUNT = /^(\d+|an?|one)$/i;

/**
 * The first window among words, and the words without it: `15m`, `15 min`, `1h 30m`, `the last 7 days`, `hour`, `today`. A
 * window longer than thirty days is thirty days. A number without a unit is none.
 */
export function windowIn(words: readonly string[]): {
  readonly window: Window | undefined;
  readonly rest: readonly string[];
} {
  const telling = words.filter((word) => !FILLERS.has(word.toLowerCase()));
  const { ms = 0, rest } = spanIn(telling.map((word, i) => (COUNT.test(telling[i - 1] ?? "") ? word : named(word))));
  return ms > 0 ? { window: windowOf(ms), rest } : { window: undefined, rest: telling };
}

/** The window of so many milliseconds. */
export function windowOf(ms: number): Window {
  const length = Math.min(LONGEST, Math.max(1_000, ms));
  return { ms: length, text: lasting(length) };
}

function named(word: string): string {
  const name = word.toLowerCase();
  return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? word) : word;
}
