/** What the hub makes of an accepted event: self-contained, so that whoever holds it can tell it. Types only. */
import type { Event } from "../event.ts";

/** One accepted event with what is known of where it came from. This is what waits in the outbox. */
export interface Alert {
  readonly service: string;
  /** Eight hex digits; empty for lifecycle events, which are never deduplicated. */
  readonly fingerprint: string;
  readonly event: Event;
  readonly origin: Origin;
}

/** Where a batch came from, as its client said. */
export interface Origin {
  readonly instance: string;
  readonly runtime?: string;
  readonly release?: string;
  readonly env?: string;
  readonly host?: string;
  readonly pid?: number;
  readonly role?: string;
}

/** How often one fingerprint happened inside its window, and when; milliseconds since 1970. */
export interface Tally {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}
