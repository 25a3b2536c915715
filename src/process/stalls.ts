/** Which stalls of the event loop are told, when, and how severe they are. */
import type { Severity } from "../event.ts";

/** From how long a blocked event loop is what, in milliseconds. */
export type Tiers = readonly [warning: number, error: number, critical: number];

/** Something worth telling about a stall. */
export interface Sighting {
  readonly kind: "blocked" | "over";
  readonly severity: Severity;
  /** How long it has been, or was, blocked. */
  readonly ms: number;
  readonly thresholdMs: number;
}

/** See {@link createJudge}. */
export interface Judge {
  /** Looks at how often the event loop has turned so far, at a time `now` that nobody can set. */
  look(turns: number, now: number): Sighting | undefined;
  /** How many stalls the next event tells: the one it is about, and those that were only counted. */
  takeCount(): number;
}

/**
 * Judges what a regular look at the main thread shows. Each tier of a stall is told once, and its end.
 *
 * - Stalls that begin within 10 s of the end of one that was told are only counted, unless they are worse than that.
 * - From the third stall within a minute on, each is one severity worse.
 * - Time counts only while the lookout itself is awake: a machine that slept, a process that was stopped and a thread
 *   that got no processor are no stall.
 *
 * Shipped as its own source: it knows nothing but its parameters.
 */
export function createJudge(tiers: Tiers): Judge {
  const SEVERITIES = ["warning", "error", "critical"] as const;
  const LONGEST_LOOK = 120;
  const COOLDOWN = 10_000;
  const OFTEN = 3;
  const MINUTE = 60_000;

  let seen: number | undefined; // turns
  let looked = 0;
  let blocked = 0; // ms
  let tier = -1; // that this stall has reached
  let level = -1; // of this stall, if it was told
  let isRepeated = false;
  let isCooling = false;
  let coolUntil = 0;
  let coolLevel = -1; // of the stall that was told before
  let begun: readonly number[] = []; // the stalls of the last minute
  let untold = 0;

  const begin = (now: number): void => {
    const since = now - blocked;
    begun = [...begun.filter((it) => it > since - MINUTE), since];
    isRepeated = begun.length >= OFTEN;
    isCooling = since < coolUntil;
    untold++;
  };

  const sighting = (kind: Sighting["kind"]): Sighting => ({
    kind,
    severity: SEVERITIES[level] ?? "critical",
    ms: Math.round(blocked),
    thresholdMs: tiers[tier] ?? 0,
  });

  const goOn = (now: number): Sighting | undefined => {
    const reached = tiers.filter((least) => blocked >= least).length - 1;
    if (reached <= tier) return undefined;
    if (tier < 0) begin(now);
    tier = reached;
    const reachedLevel = Math.min(tier + (isRepeated ? 1 : 0), SEVERITIES.length - 1);
    if (isCooling && reachedLevel <= coolLevel) return undefined;
    level = reachedLevel;
    return sighting("blocked");
  };

  const end = (now: number): Sighting | undefined => {
    const last = level < 0 ? undefined : sighting("over");
    if (last) {
      coolUntil = now + COOLDOWN;
      coolLevel = level;
    }
    blocked = 0;
    tier = -1;
    level = -1;
    return last;
  };

  return {
    look(turns, now) {
      const hasTurned = turns !== seen;
      blocked += seen === undefined ? 0 : Math.min(now - looked, LONGEST_LOOK);
      seen = turns;
      looked = now;
      return hasTurned ? end(now) : goOn(now);
    },
    takeCount() {
      const count = Math.max(untold, 1);
      untold = 0;
      return count;
    },
  };
}
