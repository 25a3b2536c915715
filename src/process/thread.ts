/** Errors that end the threads which this one starts, whether these load snitchbot or not. */
import { subscribe } from "node:diagnostics_channel";
import { errorMonitor } from "node:events";
import { getEnvironmentData, isMainThread, setEnvironmentData, type Worker } from "node:worker_threads";

const WATCHED = "snitchbot.watched";

/** `isHandled`: somebody listens. If nobody does, the error is thrown at once in this thread, too. */
export type Fall = (error: unknown, thread: number, isHandled: boolean) => void;

/**
 * Whether the main thread hears of what ends this one. Node's does; Bun tells of no thread that starts, and Deno only
 * of the errors that somebody listens for.
 */
export function isWatched(): boolean {
  return !isMainThread && getEnvironmentData(WATCHED) === true;
}

/** Listens without being a listener: with one for `error`, the error would not be thrown any more. */
export function watchThreads(fall: Fall): void {
  if (!isMainThread || "Deno" in globalThis || "Bun" in globalThis) return;
  setEnvironmentData(WATCHED, true); // goes to the threads that start from now on, which are those heard of
  subscribe("worker_threads", (message) => {
    const { worker } = message as { readonly worker: Worker };
    const { threadId } = worker; // without a number once it has ended
    worker.on(errorMonitor, (error) => fall(error, threadId, worker.listenerCount("error") > 0));
  });
}
