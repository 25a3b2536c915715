/** Rejected promises on Bun, which tells of them only listeners that keep the process from failing. */
import process from "node:process";
import { attempt } from "../client/plain.ts";

const EVENT = "unhandledRejection";

/** Bun was told that rejections do not make a process fail: then they are nobody's business. */
const LENIENT = /^--unhandled-rejections=(none|warn)$/;

/**
 * Calls `tell` with the reason of each rejection that nobody looks at; does nothing on other runtimes, whose monitor
 * hears of them. What a listener kept from happening is done again: as soon as all of this turn are told, they are
 * rejected once more, with nobody listening. So Bun prints them in their order, and fails, as if nothing had been.
 *
 * Where the program listens itself, rejections are its business.
 */
export function watchRejections(tell: (reason: unknown) => void): void {
  if (!("Bun" in globalThis) || process.execArgv.some((argument) => LENIENT.test(argument))) return;
  const told: unknown[] = [];
  let last: Promise<never> | undefined; // rejected after those of this turn, so it is heard of after them

  const hear = (reason: unknown, promise: Promise<unknown>): void => {
    if (promise === last) repeat();
    else if (process.listenerCount(EVENT) === 1) {
      attempt(() => tell(reason));
      told.push(reason);
      last ??= Promise.reject();
    }
  };

  const repeat = (): void => {
    last = undefined;
    process.removeListener(EVENT, hear);
    for (const reason of told.splice(0)) Promise.reject(reason);
    queueMicrotask(() => process.on(EVENT, hear)); // after Bun is through with them
  };

  process.on(EVENT, hear);
}
