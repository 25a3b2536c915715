/** What somebody may have meant who misspelt a name. */

/** Longest name that is compared; services and monitors have none that is longer. */
const LONGEST = 63;

/**
 * The names most like a word, the likeliest first: those that begin with it, those that contain it, and those that are
 * a few slips of the finger away, one for each three characters. Empty when nothing is like it.
 */
export function nearest(word: string, names: readonly string[], most = 3): readonly string[] {
  const meant = word.toLowerCase().slice(0, LONGEST);
  const likely = names.flatMap((name) => {
    const slips = slipsBetween(meant, name.toLowerCase());
    return slips === undefined ? [] : [{ name, slips }];
  });
  likely.sort((a, b) => a.slips - b.slips || (a.name < b.name ? -1 : 1));
  return likely.slice(0, most).map(({ name }) => name);
}

/** How far a name is from what was meant; `undefined` when it cannot have been. */
function slipsBetween(meant: string, name: string): number | undefined {
  if (meant === "") return undefined;
  if (meant === name) return 0;
  const slips = distance(meant, name);
  const mostSlips = Math.max(1, Math.floor(meant.length / 3));
  if (slips <= mostSlips) return slips;
  if (name.startsWith(meant)) return mostSlips + 1;
  return name.includes(meant) ? mostSlips + 2 : undefined;
}

/** How many characters have to be put in, left out, changed, or swapped with the next, to get from one to the other. */
export function distance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const changed = at(row, j - 1) + (isSame ? 0 : 1);
      next[j] = Math.min(at(row, j) + 1, at(next, j - 1) + 1, changed, isSwapped ? at(before, j - 2) + 1 : changed);
    }
    [before, row] = [row, next];
  }
  return at(row, to.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? 0;
