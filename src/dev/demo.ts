/** Visits the demo shop as its customers would, beats as its jobs would, and tells what its warehouse would. */
import { setTimeout as delay } from "node:timers/promises";
import { batchOf, DAY } from "./warehouse.ts";

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
/** After which what was told before no longer counts in the chat's budget. */
const CHAT = 75;

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
      await pause(after, signal);
      if (signal.aborted) return;
      await Promise.all(Array.from({ length: visits }, () => visit(`${shop}${path}`, signal)));
    }
    await pause(ROUND, signal);
  }
}

/** Beats at a service's address over and over until it is told to stop. */
export async function playBeats(service: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const [after, beat, body = ""] of BEATS) {
      await pause(after, signal);
      if (signal.aborted) return;
      await visit(`${service}/beat${beat}`, signal, { method: "POST", body });
    }
  }
}

/** Gives the warehouse its day over and over, when the shop has not used up what the chat takes in a minute. */
export async function playWarehouse(service: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(CHAT, signal);
    const instance = crypto.randomUUID();
    for (const scene of DAY) {
      await pause(scene.after, signal);
      if (signal.aborted) return;
      await visit(service, signal, { method: "POST", body: JSON.stringify(batchOf(scene, instance, Date.now())) });
    }
    await pause(ROUND, signal);
  }
}

/** Waits for so many seconds, or until it is all over. */
async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1_000, undefined, { signal }).catch(() => undefined);
}

async function visit(url: string, signal: AbortSignal, how: RequestInit = {}): Promise<void> {
  const answer = await fetch(url, { ...how, signal });
  await answer.text(); // read to its end: workerd complains of those who hang up
}
