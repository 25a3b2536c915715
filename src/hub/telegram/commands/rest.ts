/** Words that are left when a command has found those that it knows. */
import type { Reply } from "./command.ts";

const SKIP = /^\+\d{1,6}$/;
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/i;

/** How many are left out of a list, as the buttons below it ask, `+20`; and the other words. */
export function skipIn(words: readonly string[]): { readonly skip: number; readonly rest: readonly string[] } {
  const skip = Number(words.find((word) => SKIP.test(word)) ?? 0);
  return { skip, rest: words.filter((word) => !SKIP.test(word)) };
}

/** A word that is nothing that the command knows: most likely a service, misspelt. */
export function notUnderstood(word: string, instead: string): Reply {
  if (NAME.test(word) && !/^\d+$/.test(word)) return { kind: "unknown", word };
  return { kind: "usage", why: `"${word.slice(0, 63)}" is neither a service nor ${instead}` };
}
