/** Rejected promises on Bun, which tells of them only listeners that keep a process from failing. */
import process from "node:process";
import { attempt } from "../client/plain.ts";

const EVENT = "unhandledRejection";

/** Whoever chooses what becomes of rejections gets just that; the monitor hears of them where they are errors then. */
const CHOICE = "--unhandled-rejections";

/** A rejection of ours, heard of after all others of the same turn. */
const LAST = Symbol("last");

/**
 * Calls `tell` with the reason of each rejection that nobody looks at. Does nothing on other runtimes: their monitor
 * hears of them. What a listener kept from happening is done again: as soon as all of this turn are told, they are
 * rejected once more, with nobody listening. So Bun prints them in their order, and fails, as if nothing had been.
 *
 * Where the program listens itself, rejections are its business.
 */
export function watchRejections(tell: (reason: unknown) => void): void {
  if (!("Bun" in globalThis) || process.execArgv.some((argument) => argument.startsWith(CHOICE))) return;
  const told: unknown[] = [];

  const hear = (reason: unknown): void => {
    if (reason === LAST) repeat();
    else if (process.listenerCount(EVENT) === 1) {
      attempt(() => tell(reason));
      if (told.push(reason) === 1) Promise.reject(LAST);
    }
  };

  const repeat = (): void => {
    process.removeListener(EVENT, hear);
    for (const reason of told.splice(0)) Promise.reject(reason);
    queueMicrotask(() => process.on(EVENT, hear)); // after Bun is through with them
  };

  process.on(EVENT, hear);
}
