/** What the main thread notes in the memory that it shares with its lookout: that it turns, and what it is doing. */
import { builtin } from "../client/ambient.ts";
import { attempt } from "../client/plain.ts";
import { PLACES } from "./lookout.ts";

/** How often the main thread says that it turns, ms. */
const EVERY = 100;
const MOST_LABELS = 1_000;

/** See {@link createPulse}. */
export interface Pulse {
  /** Begins or ends it. */
  beat(isWanted: boolean): void;
  /** Does what blocks, with permission. */
  excuse(work: () => unknown): void;
  /** From now on it may stand still. */
  excuseForGood(): void;
}

/**
 * Makes what lets the lookout see that the main thread turns, or has a reason not to: a debugger that listens, or what
 * we do ourselves. The process does not stay alive for it.
 */
export function createPulse(shared: Int32Array): Pulse {
  const inspector = builtin("node:inspector") as { url?(): string | undefined } | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let isForGood = false;

  const note = (isExcused: boolean): void => void Atomics.store(shared, PLACES.excused, isExcused ? 1 : 0);
  /** Somebody may have it stand at a breakpoint. */
  const isDebugged = (): boolean => attempt(() => inspector?.url?.()) !== undefined;
  const turn = (): void => {
    Atomics.add(shared, PLACES.turns, 1);
    note(isForGood || isDebugged());
  };

  return {
    beat(isWanted) {
      clearInterval(timer);
      if (!isWanted) return;
      turn();
      timer = setInterval(turn, EVERY);
      (timer as { unref?(): unknown }).unref?.();
    },
    excuse(work) {
      note(true);
      work();
      turn();
    },
    excuseForGood() {
      isForGood = true;
      turn();
    },
  };
}

/**
 * Makes `Observer.enter`. Labels become numbers, which the lookout can read while the main thread is blocked; `name`
 * tells it of a new one.
 */
export function createLabels(shared: Int32Array, name: (label: string) => void): (label: string) => string {
  const numbers = new Map([["", 0]]);
  let current = "";

  const add = (label: string): number => {
    if (numbers.size > MOST_LABELS) return 0;
    const number = numbers.size;
    numbers.set(label, number);
    name(label);
    return number;
  };

  return (label) => {
    const before = current;
    current = label;
    shared[PLACES.label] = numbers.get(label) ?? add(label);
    return before;
  };
}
