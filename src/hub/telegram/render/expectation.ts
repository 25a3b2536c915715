/** What is expected of a monitor, in words, and spans of time as people say them. */
import type { Expectation } from "../../monitor.ts";
import { counted } from "./frames.ts";
import { oneLine } from "./pairs.ts";
import { code, type Span } from "./tree.ts";
import { grouped, lasting, milliseconds, roughly } from "./units.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MOST_CRON = 100;

/** `every 60 s, 2 min grace`, or `at 0 3 * * * Europe/Berlin, no grace` */
export function scheduleSpans(expectation: Expectation): readonly Span[] {
  const { grace } = expectation;
  return [...timesOf(expectation), `, ${grace > 0 ? exactly(grace) : "no"} grace`];
}

/** The same with all that may be asked beyond it. */
export function expectationSpans(expectation: Expectation): readonly Span[] {
  const { max, failures, remind } = expectation;
  return [
    ...scheduleSpans(expectation),
    max ? `, a run may take ${exactly(max)}` : "",
    failures ? `, down after ${counted(failures, "failure")}` : "",
    remind ? `, a reminder every ${exactly(remind)}` : "",
  ];
}

function timesOf({ every, cron, tz = "UTC" }: Expectation): readonly Span[] {
  if (cron !== undefined) return ["at ", code(oneLine(cron, MOST_CRON)), ` ${oneLine(tz, MOST_CRON)}`];
  return [every === undefined ? "at any time" : `every ${exactly(every)}`];
}

const UNITS = [
  ["days", DAY],
  ["h", HOUR],
  ["min", MINUTE],
] as const;

/** A time that somebody chose, in the largest unit that has two or more of it and nothing left over: `60 s`, `90 min`. */
export function exactly(ms: number): string {
  const [unit, size] = UNITS.find(([, it]) => ms >= 2 * it && ms % it === 0) ?? ["s", SECOND];
  return `${grouped(ms / size)} ${unit}`;
}

/** How long something lasted, in one unit: `40 s`, `6 min`, `3 days`. */
export function about(ms: number): string {
  return ms < 1.5 * DAY ? roughly(ms) : `${grouped(Math.round(ms / DAY))} days`;
}

/** How long a run took: `450 ms`, `45s`, `4m 12s`. */
export function lasted(ms: number): string {
  return ms < SECOND ? milliseconds(ms) : lasting(ms);
}
