/** Signals that end a process. */
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { attempt, read } from "../client/plain.ts";
import { type Hearer, hearOf } from "./shared.ts";

/** `SIGQUIT` is not among them: it asks for a picture of the process as it is in this moment. */
const ENDING: readonly NodeJS.Signals[] =
  process.platform === "win32" ? ["SIGINT", "SIGHUP", "SIGBREAK"] : ["SIGTERM", "SIGINT", "SIGHUP"];

/** How long the loop goes on for a signal that may be on its way, in milliseconds: Deno brings it from another thread. */
const ON_ITS_WAY = "Deno" in globalThis ? 50 : 1;

/** A signal that came. */
export interface Notice {
  readonly signal: NodeJS.Signals;
  /** Whether the process ends by it as soon as this was heard. If not, the program listens itself, and decides. */
  readonly isEnd: boolean;
}

/**
 * Has `hear` called for each signal. Where nobody else listens, the process then dies by that signal, so that its
 * parent sees what it would have seen; a second one meanwhile kills it at once. In threads there are no signals.
 */
export function onSignal(hear: Hearer<Notice>): void {
  if (isMainThread && canEnd()) hearOf("signal", hear, listen);
}

function listen(tell: Hearer<Notice>): void {
  const hear = (signal: NodeJS.Signals): void => {
    const isEnd = !isOthers(signal);
    if (isEnd) process.removeListener(signal, hear);
    tell({ signal, isEnd });
    if (isEnd) pass(signal, hear);
  };
  for (const signal of ENDING) attempt(() => process.prependListener(signal, hear));
  turnOnceMore();
}

/** Lets a signal do what it would have done. Listeners that are left will kill the process; or else, ours is back. */
function pass(signal: NodeJS.Signals, hear: (signal: NodeJS.Signals) => void): void {
  if (process.listenerCount(signal) > 0) setImmediate(() => process.prependListener(signal, hear)).unref();
  else {
    process.kill(process.pid, signal);
    setTimeout(() => {}, ON_ITS_WAY); // so that it does not end otherwise before
  }
}

/**
 * Whether the process lives on without us. Whatever a container runs first is spared by signals that it does not
 * listen for.
 */
function isOthers(signal: NodeJS.Signals): boolean {
  return process.pid === 1 || process.listenerCount(signal) > 1 + lateKillers();
}

/**
 * How many of the listeners are those of `signal-exit`, which kills the process if all listeners are its own: as soon
 * as ours is gone.
 *
 * @see https://github.com/tapjs/signal-exit/blob/v4.1.0/src/index.ts
 */
function lateKillers(): number {
  const emitters = [read(process, "__signal_exit_emitter__"), read(globalThis, Symbol.for("signal-exit emitter"))];
  return emitters.reduce<number>((sum, emitter) => sum + (Number(read(emitter, "count")) || 0), 0);
}

/**
 * A signal that comes while the loop is blocked for the last time would be lost: who looks for signals is the loop. So
 * it turns once more, unless the program would notice.
 */
function turnOnceMore(): void {
  let hasTurned = false;
  process.on("beforeExit", () => {
    if (hasTurned || process.listenerCount("beforeExit") > 1) return;
    hasTurned = true;
    setTimeout(() => {}, ON_ITS_WAY);
  });
}

/** Older versions of Deno need a permission for it. */
function canEnd(): boolean {
  return attempt(() => process.kill(process.pid, 0)) === true;
}
