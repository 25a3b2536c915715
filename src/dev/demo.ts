/** Visits the demo shop as its customers would, and beats as its jobs would, so that its chat has something to tell. */
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

/** A job that beats, falls silent, and beats again; and one whose run fails. Seconds after the one before. */
const BEATS: readonly (readonly [after: number, beat: string, output?: string])[] = [
  [0, "/stock-sync?every=20s&grace=10s"],
  [15, "/stock-sync"],
  [2, "/monthly-report/start?every=30d&max=5m&rid=november"],
  [9, "/monthly-report/1?rid=november", "reading 1,042 orders\nError: no price for unicorn"],
  [150, "/stock-sync"],
  [15, "/stock-sync"],
];

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

/** Beats at a service's address over and over until it is told to stop. */
export async function playBeats(service: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const [after, beat, body = ""] of BEATS) {
      await delay(after * 1_000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await visit(`${service}/beat${beat}`, signal, { method: "POST", body });
    }
  }
}

async function visit(url: string, signal: AbortSignal, how: RequestInit = {}): Promise<void> {
  const answer = await fetch(url, { ...how, signal });
  await answer.text(); // read to its end: workerd complains of those who hang up
}
