/** What a person is told who has pressed a button: a line that shows for a moment, at most 200 characters. */
import { clockTime, grouped } from "./units.ts";

/** What is told without knowing more. */
export const TOAST = {
  atIt: "I am at it…",
  forbidden: "You may not decide this.",
  full: "Too much is muted already: see /mutes.",
  noCall: "Telegram lets me say no more right now. Press again in a moment.",
  noLonger: "This is no longer there.",
  notMuted: "It is no longer muted.",
  otherVersion: "This button is of another version.",
  /** Before it was taken in: Telegram brings it again. */
  storeAway: "The store does not answer. What you pressed is done as soon as it does.",
  /** After it was taken in. */
  storeLost: "The store does not answer. Press again in a moment.",
} as const;

export function hastyToast(seconds: number): string {
  return `That was a lot at once. Press again in ${seconds} s.`;
}

export function mutedToast(until: number): string {
  return `Muted until ${clockTime(until)}. What is critical still comes.`;
}

/** How a mute stands that holds. */
export function stillMutedToast(until: number, swallowed: number): string {
  return `Muted until ${clockTime(until)}; ${swallowing(swallowed)} so far.`;
}

export function unmutedToast(swallowed: number): string {
  return `No longer muted; ${swallowing(swallowed)}.`;
}

function swallowing(events: number): string {
  return events === 1 ? "1 event was swallowed" : `${grouped(events)} events were swallowed`;
}
