/** The vitals of this process, sampled while it lives. */

import { attempt } from "../client/plain.ts";
import type { Vitals } from "../event.ts";
import { isMeasure, tenth } from "./measure.ts";
import { type Readings, readings } from "./readings.ts";

/** How often a sample is taken, and how often open files are counted for it: on older Linux that is dear. Milliseconds. */
const EVERY = 5_000;
const FDS_EVERY = 15_000;
/** A count of files is followed by a rest so many times as long. */
const REST = 10_000;
/** How often the event loop is asked how late it is. A delay as long as this is always seen. */
const TURN = 100;

/** Two clocks. */
export interface Clock {
  /** The time of day, ms since 1970; it can be set. */
  now(): number;
  /** Milliseconds since some moment; nobody can set it. */
  elapsed(): number;
}

/** The clocks of the machine. */
export const machine: Clock = { now: () => Date.now(), elapsed: () => performance.now() };

/** What a timer calls every 100 ms; when a sample is due, it returns one. */
export type Turn = () => Vitals | undefined;

/** Tells a sample every 5 s, until the returned function is called. The process does not stay alive for it. */
export function watchVitals(tell: (sample: Vitals) => void, turn: Turn = createSampler(readings, machine)): () => void {
  const timer: { unref?(): unknown } = setInterval(() => {
    const sample = attempt(turn);
    if (sample) attempt(() => tell(sample));
  }, TURN);
  timer.unref?.();
  return () => clearInterval(timer as ReturnType<typeof setInterval>);
}

/**
 * Nothing was sampled yet. Of a sample, `cpu` and `loopMs` are about the time since the one before: the percentage of
 * one core, and the longest delay of the timer.
 */
export function createSampler(from: Readings, clock: Clock): Turn {
  const began = clock.elapsed();
  let turned = began;
  let sampled = began;
  let fdsDue = began;
  let spent = attempt(from.cpu);
  let late = 0;

  /** Turns are some time apart: the one that is nearest to a time is the one to take. */
  const isDue = (due: number): boolean => turned > due - TURN / 2;

  const cpu = (): number => {
    const before = spent;
    spent = attempt(from.cpu);
    return (100 * (Number(spent) - Number(before))) / (turned - sampled); // NaN if either could not be told
  };

  const fds = (): number | undefined => {
    if (!isDue(fdsDue)) return undefined;
    const started = clock.elapsed();
    const count = attempt(from.fds);
    fdsDue = turned + Math.max(FDS_EVERY, REST * (clock.elapsed() - started));
    return count;
  };

  const sample = (): Vitals => {
    const memory = attempt(from.memory);
    return {
      at: clock.now(),
      ...known("rss", memory?.rss, 1),
      ...known("cpu", cpu()),
      ...known("fds", fds(), 1),
      ...known("threads", attempt(from.threads), 1),
      ...known("loopMs", late),
      ...known("heap", memory?.heapUsed, 1),
    };
  };

  return () => {
    const now = clock.elapsed();
    late = Math.max(late, now - turned - TURN);
    turned = now;
    if (!isDue(sampled + EVERY)) return undefined;
    const taken = sample();
    sampled = now;
    late = 0;
    return taken;
  };
}

/** A vital; none if it is less than it can be: a 0 where there is always something is a stub's answer. */
function known(name: Exclude<keyof Vitals, "at">, value: number | undefined, least = 0): Partial<Vitals> {
  return isMeasure(value, least) ? { [name]: tenth(value) } : {};
}
