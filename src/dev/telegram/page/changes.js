// @ts-check
/** What an edit changed, word by word, so that the eye finds a ×2 that became a ×5. */

/** @typedef {import("./entities.js").Change} Change */

/**
 * Compares two versions of a text line by line: in each line that differs, the words between its common beginning and
 * its common end.
 *
 * @param {string} before
 * @param {string} after
 * @returns {Change[]}
 */
export function changesOf(before, after) {
  const old = before.split("\n");
  /** @type {Change[]} */
  const changes = [];
  let offset = 0;
  for (const [index, line] of after.split("\n").entries()) {
    const change = changeOf(old[index], line);
    if (change) changes.push({ type: "changed", offset: offset + change.start, length: change.end - change.start });
    offset += line.length + 1;
  }
  return changes;
}

/**
 * @param {string | undefined} before
 * @param {string} after
 * @returns {{ start: number, end: number } | undefined}
 */
function changeOf(before, after) {
  if (before === after || before === undefined) return undefined;
  const room = Math.min(before.length, after.length);
  let start = 0;
  while (start < room && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < room - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  let end = after.length - tail;
  // Whole words: half of one says nothing, and half of a surrogate pair is no character.
  if (after[start] === " ") start++;
  while (start > 0 && after[start - 1] !== " ") start--;
  while (end < after.length && after[end] !== " ") end++;
  return end > start ? { start, end } : undefined;
}
