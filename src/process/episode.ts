/** Something that goes on is told once. */
import type { Severity } from "../event.ts";

/** So long nothing must be found, in milliseconds, before the next finding is a new episode. */
export const CALM = 900_000;

const RANKS: readonly Severity[] = ["info", "warning", "error", "critical"];

/**
 * Says whether a finding is news: the first of an episode is, and one that is worse than all before. `undefined` is a
 * look that found nothing; after a quarter of an hour of those the episode is over.
 */
export function createEpisode(): (found: Severity | undefined, at: number) => boolean {
  let worst = -1;
  let last = -Infinity;
  return (found, at) => {
    if (at - last >= CALM) worst = -1;
    if (found === undefined) return false;
    last = at;
    const rank = RANKS.indexOf(found);
    if (rank <= worst) return false;
    worst = rank;
    return true;
  };
}
