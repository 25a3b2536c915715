/** Visits the demo shop as its customers would, so that its chat has something to tell. */
import { setTimeout as delay } from "node:timers/promises";

/** Seconds after the start, and what is visited; the last ones go round for ever. */
const SCRIPT: readonly (readonly [after: number, path: string, visits: number])[] = [
  [0, "/cart?user=alice&items=3", 1],
  [2, "/checkout", 1],
  [3, "/checkout", 1],
  [3, "/checkout", 4],
  [4, "/search?q=socks", 1],
  [4, "/report", 1],
];
const ROUND = 240;

/** Plays the script over and over until it is told to stop. */
export async function playDemo(shop: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const [after, path, visits] of SCRIPT) {
      await delay(after * 1_000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await Promise.all(Array.from({ length: visits }, () => visit(`${shop}${path}`, signal)));
    }
    await delay(ROUND * 1_000, undefined, { signal }).catch(() => undefined);
  }
}

async function visit(url: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, { signal });
  await answer.text(); // read to its end: workerd complains of those who hang up
}
