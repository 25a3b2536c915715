/** What people write after a command, read forgivingly. */
import { parseDuration } from "../../../duration.ts";

/** A span of time that was found among words, and the words without it. */
export interface Span {
  /** Milliseconds; `undefined` when no word says one. */
  readonly ms: number | undefined;
  readonly rest: readonly string[];
}

/** Units as people write them out; a bare number is none, since nobody knows of what. */
const UNIT = /^(\d{1,9})?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)$/i;

/**
 * The first span of time among words: `5m`, `1h30m`, `90min`, `2 hours`, `an hour`, `1 h 30 m`. Words between its parts end it.
 */
export function spanIn(words: readonly string[]): Span {
  for (const [i] of words.entries()) {
    for (let end = Math.min(words.length, i + 4); end > i; end--) {
      const ms = spanOf(words.slice(i, end));
      if (ms !== undefined) return { ms, rest: [...words.slice(0, i), ...words.slice(end)] };
    }
  }
  return { ms: undefined, rest: words };
}

function spanOf(words: readonly string[]): number | undefined {
  const short = words.map((word) => {
    const [, count = "", unit = ""] = UNIT.exec(word) ?? [];
    if (unit !== "") return `${count}${unit[0]}`;
    return /^(an?|one)$/i.test(word) ? "1" : word;
  });
  // What begins as a unit, or is a number alone, is no span: "5" of nothing, "s".
  return /^\d/.test(short[0] ?? "") && !/^[\d\s]*$/.test(short.join(" ")) ? parseDuration(short.join(" ")) : undefined;
}

/** The names that `word` may have meant, the likeliest first: at most `most` of them, none that is nothing like it. */
export function nearest(word: string, names: readonly string[], most = 4): readonly string[] {
  const meant = word.toLowerCase();
  const near = names.map((name) => ({ name, distance: name.includes(meant) ? 0 : distance(meant, name) }));
  const bearable = near.filter(
    ({ name, distance: far }) => far <= Math.max(2, Math.max(meant.length, name.length) / 2),
  );
  return bearable
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/** How many letters have to be put in, taken out, changed or swapped with their neighbour to get from one word to the other. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : changed;
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, changed, swapped);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
