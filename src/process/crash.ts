/** Errors that nobody catches, and promises rejected that nobody looks at. */
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { watchRejections } from "./rejection.ts";
import { type Hearer, hearOf } from "./shared.ts";
import { watchThreads } from "./thread.ts";

/** An error that nobody caught. */
export interface Crash {
  readonly error: unknown;
  /** `uncaughtException`, `unhandledRejection` */
  readonly origin: string;
  /** The number of the thread it comes from, when that is another one. */
  readonly thread?: number | undefined;
  /**
   * What becomes of this process. `dies`: it ends as soon as this was heard. `lives`: somebody caught the error in the
   * end, or it was the end of another thread only. `doomed`: it goes on for now, and fails when it ends.
   */
  readonly fate: "dies" | "lives" | "doomed";
}

/**
 * Has `hear` called for each crash, before the runtime prints it and ends the process. Nothing about that changes:
 * where a listener would, none is added, or what it keeps from happening is done again.
 */
export function onCrash(hear: Hearer<Crash>): void {
  hearOf("crash", hear, (tell) => listen("Bun" in globalThis && isMainThread ? afterPrinting(tell) : tell));
}

function listen(tell: Hearer<Crash>): void {
  let fallen: number | undefined; // the thread whose error is about to be this one's, too
  process.on("uncaughtExceptionMonitor", (error, origin) => {
    tell({ error, origin, thread: fallen, fate: isHandled() ? "lives" : "dies" });
    fallen = undefined;
  });
  watchThreads((error, thread, isHandled) => {
    if (isHandled) tell({ error, origin: "uncaughtException", thread, fate: "lives" });
    else fallen = thread;
  });
  watchRejections((error) => tell({ error, origin: "unhandledRejection", fate: "doomed" }));
}

/**
 * Bun leaves frames out of what it prints of an error whose `stack` was read. So there it is told a moment later, or
 * when the process exits, as it does after printing.
 */
function afterPrinting(tell: Hearer<Crash>): Hearer<Crash> {
  const waiting: Crash[] = [];
  let isExiting = false;
  const tellAll = (): void => {
    for (const crash of waiting.splice(0)) tell(crash);
  };
  process.on("exit", () => {
    isExiting = true;
    tellAll();
  });
  return (crash) => {
    waiting.push(crash);
    if (isExiting) tellAll();
    else setImmediate(tellAll).unref();
  };
}

/** Whether the program itself looks after what nobody catches; it decides then whether it goes on. */
function isHandled(): boolean {
  return process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback?.() === true;
}
