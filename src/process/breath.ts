/** The last moments of a process, in which nothing asynchronous is done any more. */
import type { Core } from "../client/resident.ts";
import type { Observer } from "./observer.ts";
import { shared } from "./shared.ts";

/** How long a process waits for its last words in all, however many clients it has, in milliseconds. */
const BREATH = 1_500;

/**
 * Makes what sends all that the hub may not have, and waits for the answers: not for what was answered before, and not
 * at all when there is nothing.
 */
export function createLastWords(core: Core, observer: () => Observer | undefined): () => void {
  const breath = shared("breath", () => ({ left: BREATH }));
  const heard = new Set<string>();
  return () => {
    const address = core.address();
    const bodies = core.remains().filter((body) => !heard.has(body));
    if (!address || bodies.length === 0 || breath.left <= 0) return;
    const began = performance.now();
    const isHeard = observer()?.sendNow(address, bodies, breath.left);
    breath.left -= Math.ceil(performance.now() - began); // a timer takes whole numbers
    if (isHeard) for (const body of bodies) heard.add(body);
  };
}
