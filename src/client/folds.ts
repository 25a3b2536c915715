/** Equal events are folded into one, and there is an end to how many different ones are kept. */

import { KINDS, MINUTE, WINDOW } from "./limits.ts";
import { attempt } from "./plain.ts";

/** Events that are the same. */
export interface Fold {
  readonly since: number;
  /** When it happened last, ms. */
  at: number;
  /** How often it happened. */
  times: number;
  /** How often it happened since it was last told. */
  untold: number;
  /** How much the worst one counts for: that is told. */
  weight: number;
  /** Until when its repeats are kept back: somebody muted it. */
  quiet: number;
  /** What to tell, as JSON without `at` and `count`, empty if it cannot be written; in its first turn, what makes that. */
  event: string | (() => string);
}

/** A fold that is ready to be told. */
export type Written = Fold & { readonly event: string };

/** What is known of the last five minutes. */
export interface Folds {
  /**
   * Counts one more. `open` is asked what to tell if it is the first of its kind, or outweighs those before. There is no
   * room for it when there are more than `perMinute` kinds, or a thousand.
   */
  add(key: string, weight: number, perMinute: number, open: () => () => string): Fold | undefined;
  /** Those with something to tell, oldest first, written down: what was thrown is let go. */
  untold(): readonly Written[];
}

/** Nothing is known yet. */
export function createFolds(): Folds {
  const folds = new Map<string, Fold>();
  let minute = 0;
  let opened = 0;

  const forget = (now: number): void => {
    for (const [key, fold] of folds) {
      if (now - fold.since < WINDOW) return;
      if (!fold.untold) folds.delete(key);
    }
  };

  const hasRoom = (now: number, perMinute: number): boolean => {
    if (now - minute >= MINUTE) {
      minute = now;
      opened = 0;
    }
    return folds.size < KINDS && opened++ < perMinute;
  };

  return {
    add(key, weight, perMinute, open) {
      const now = Date.now();
      forget(now);
      let fold = folds.get(key);
      if (!fold && hasRoom(now, perMinute)) {
        fold = { since: now, at: now, times: 0, untold: 0, quiet: 0, weight: -1, event: "" };
        folds.set(key, fold);
      }
      if (!fold) return undefined;
      if (weight > fold.weight) {
        fold.weight = weight;
        fold.event = open();
      }
      fold.at = now;
      fold.times++;
      fold.untold++;
      return fold;
    },
    untold() {
      const untold = [...folds.values()].filter((fold) => fold.untold);
      for (const fold of untold) if (typeof fold.event !== "string") fold.event = attempt(fold.event) ?? "";
      return untold as Written[];
    },
  };
}
