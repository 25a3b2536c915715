/** What beats are expected of. Types only. */
import type { Vitals } from "../event.ts";

/** Where a monitor stands. */
export type Status =
  /** Nothing came yet, but a log line perhaps. It never alarms. */
  | "new"
  | "up"
  | "down"
  /** Silenced by a person, until a person ends it. */
  | "paused"
  /** Silenced until its next beat: by a person, or because its last process said that it stops. */
  | "resting";

/** What is expected of a monitor; milliseconds. */
export interface Expectation {
  /** A beat within this time of the last one. */
  readonly every?: number;
  /** Or at the times of a cron expression, in a time zone. */
  readonly cron?: string;
  readonly tz?: string;
  /** How late a beat may be. */
  readonly grace: number;
  /** How long a run may take. @default as long as it may be late */
  readonly max?: number;
  /** Failures in a row before it is down. @default 1 */
  readonly failures?: number;
  /** While it is down, a reminder this often. @default never */
  readonly remind?: number;
}

/** Something about a monitor that the chat has to hear. Times are when it happened, not when it was noticed. */
export type Notice =
  /** No beat came in time. */
  | { readonly kind: "silent"; readonly at: number }
  /** A run has not ended in time. */
  | { readonly kind: "stuck"; readonly at: number; readonly run: string; readonly began: number }
  /** A run failed; `exit` is its status, 0 where it said none. */
  | { readonly kind: "failed"; readonly at: number; readonly exit: number }
  /** It beats again, after it was down since a time, for a reason. */
  | {
      readonly kind: "up";
      readonly at: number;
      readonly downSince: number;
      readonly after: "silent" | "stuck" | "failed";
    }
  /** It is still down. */
  | { readonly kind: "reminder"; readonly at: number; readonly downSince: number }
  /** One of several instances is silent. */
  | { readonly kind: "lost"; readonly at: number; readonly instance: string; readonly alive: number }
  /** It beats, but its vitals no longer come. */
  | { readonly kind: "blind"; readonly at: number; readonly lastVitals: number }
  /** Its beats ask for something else than is expected of it. */
  | { readonly kind: "offer"; readonly at: number; readonly id: string; readonly expectation: Expectation };

/** All that a message about a monitor can tell. */
export interface Monitor {
  readonly service: string;
  /** "" is the service itself. */
  readonly name: string;
  readonly status: Status;
  /** When the status changed. */
  readonly since: number;
  /** The last beat; 0 for none. */
  readonly last: number;
  /** When the next beat is expected, or was; 0 for never. */
  readonly expected: number;
  readonly expectation: Expectation;
  /** A run has begun and not ended yet. */
  readonly isRunning: boolean;
  /** The last beats of its instances, by name; empty where beats have none. */
  readonly instances: Readonly<Record<string, number>>;
  /** How long the last run took, when it was timed. */
  readonly took?: number;
  /** What the last run printed; its tail matters. */
  readonly output?: string;
  /** What its service said last. */
  readonly lastSaid?: LastSaid;
}

/** What a service said before it fell silent. */
export interface LastSaid {
  readonly vitals?: Vitals;
  /** The newest alerts first. */
  readonly alerts: readonly {
    readonly title: string;
    readonly count: number;
    readonly last: number;
    readonly kind: string;
  }[];
}
