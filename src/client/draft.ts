/** What was captured becomes the JSON of an event: described, without secrets, of bounded size. */
import type { Event } from "../event.ts";
import { scrubEntry } from "../scrub.ts";
import { describe } from "./error.ts";
import { EVENT, TITLE } from "./limits.ts";
import type { SnitchOptions } from "./options.ts";
import { attempt, cut } from "./plain.ts";
import type { Tale } from "./resident.ts";

const ESSENTIAL = ["kind", "severity", "title", "fingerprint", "error", "type", "message"];

/** What is taken down when something is told; the rest is done when it is sent. */
export type Draft = Tale & { readonly thrown: readonly unknown[] };

/**
 * Last look at an event before it leaves: what `look` returns is told, nothing when it returns nothing, and the event
 * as it was when it throws.
 */
export function lastLook(json: string, look: ((event: Event) => Event | null) | undefined): string | undefined {
  if (!look) return json;
  const seen = attempt(() => JSON.stringify(look(JSON.parse(json)) || ""));
  return seen === '""' ? undefined : (seen ?? json);
}

/** The event without `at` and `count`, which differ each time it is told. */
export function eventJson(
  { thrown, title, ...draft }: Draft,
  { maxStack = 8192, scrub = scrubEntry }: SnitchOptions,
): string {
  const [error] = thrown.map((it) => describe(it, maxStack));
  const headline = cut(title ?? `${error?.type}: ${error?.message}`, TITLE);
  const event = { ...draft, title: headline, error };
  const json = JSON.stringify(event, scrub);
  return json.length > EVENT ? JSON.stringify(JSON.parse(json), ESSENTIAL) : json;
}
