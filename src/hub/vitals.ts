/** How a service did over a stretch of time: what its processes measured, and what it told. Types only. */

import type { Severity, Vitals } from "../event.ts";
import type { Alert, Tally } from "./alert.ts";

/** What a sample can hold. */
export type Vital = Exclude<keyof Vitals, "at">;

/** A stretch of a service's past, as finely as it is still known and as its length asks for. */
export interface History {
  /** How far its samples are apart, milliseconds: 5 s at least, and so that an instance has no more than 720. */
  readonly step: number;
  /** The instances with samples in it; the one that was heard of last comes first. */
  readonly traces: readonly Trace[];
  /** Errors and what is critical, an entry for each minute or, beyond a day, quarter of an hour that had some; oldest first. */
  readonly errors: readonly ErrorRate[];
  /** What was told in it, the newest first. */
  readonly alerts: readonly PastAlert[];
}

/** What one instance measured. */
export interface Trace {
  readonly instance: string;
  /** Oldest first. Where there was no sample there is none. */
  readonly samples: readonly Sample[];
}

/** The samples of one step. What was not measured is absent, never 0. */
export interface Sample {
  /** When the step began. */
  readonly at: number;
  readonly mean: Readonly<Partial<Record<Vital, number>>>;
  /** The highest of each: no peak is lost. */
  readonly high: Readonly<Partial<Record<Vital, number>>>;
}

/** How many errors came a minute. */
export interface ErrorRate {
  /** When the step began. */
  readonly at: number;
  /** On average. */
  readonly mean: number;
  /** In the worst minute. */
  readonly high: number;
}

/** A kind of event that the store still has. */
export interface PastAlert {
  /** The event that its message shows. */
  readonly alert: Alert;
  /** The worst of those that were counted. */
  readonly severity: Severity;
  readonly tally: Tally;
}
