/**
 * The words on the wire: what a client tells the hub, and what the hub asks of it in return. Types only, no imports,
 * no code. The whole exchange is in docs/wire.md.
 *
 * Times are milliseconds since 1970 (UTC), durations milliseconds, sizes bytes. Unknown fields are ignored on
 * arrival, so a newer client is never refused.
 */

/** What sort of thing happened. */
export type Kind = "crash" | "error" | "notify" | "log" | "slow" | "watchdog" | "anomaly" | "lifecycle";

/** How much it matters; in the chat ℹ️ 🟠 🔴 🟣. */
export type Severity = "info" | "warning" | "error" | "critical";

/** One beacon: what a client has to tell at this moment. */
export interface Batch {
  readonly v: 1;
  /** 8–40 of `[A-Za-z0-9_-]`. A resend keeps it, so it counts once. */
  readonly id: string;
  /** One process or isolate. */
  readonly instance: string;
  readonly runtime?: string;
  readonly release?: string;
  readonly env?: string;
  readonly host?: string;
  readonly pid?: number;
  readonly role?: string;
  /** Name and version of the client. */
  readonly sdk?: string;
  /** At most 50. */
  readonly events: readonly Event[];
  /** At most 120. */
  readonly vitals?: readonly Vitals[];
  /** Events this client had to give up since its last batch. */
  readonly dropped?: number;
  /** Names of keys that only sound secret, in any case: at most 50. What their values look like is looked at all the same. */
  readonly allow?: readonly string[];
}

/** Something that happened. */
export interface Event {
  readonly kind: Kind;
  readonly severity: Severity;
  readonly at: number;
  readonly title: string;
  /**
   * Repeats the client folded into this one.
   *
   * @default 1
   */
  readonly count?: number;
  /** The user's own grouping: replaces the computed fingerprint. */
  readonly fingerprint?: string;
  readonly error?: ErrorDetail;
  readonly extras?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly slow?: Slow;
  readonly watchdog?: Watchdog;
  readonly anomaly?: Anomaly;
  readonly lifecycle?: Lifecycle;
}

/** An error as its runtime described it: the raw stack, capped; the hub parses it. */
export interface ErrorDetail {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  /** What `error.cause` held, when that was an error; the members of an AggregateError are in `errors`. */
  readonly cause?: ErrorDetail;
  readonly errors?: readonly ErrorDetail[];
}

/** A call that took longer than it should, or is `still running`, when the event's title has these words. */
export interface Slow {
  readonly name: string;
  /** So far, while it is running: how long it took in the end may follow as another event. */
  readonly ms: number;
  readonly thresholdMs: number;
  /** `file:line` of the watched function. */
  readonly location?: string;
}

/** An event loop that did not turn. */
export interface Watchdog {
  /** So far, while it is blocked: how long it was in the end may follow as another event. */
  readonly ms: number;
  readonly thresholdMs: number;
  /** Of the blocked thread, taken while it was blocked. */
  readonly stack?: string;
  /** What ran, where no stack can be had: a watched function or a route. */
  readonly label?: string;
}

/** A vital outside its usual range; or, below its `limit`, one that nears its ceiling: then the title says when. */
export interface Anomaly {
  readonly metric: string;
  readonly mode: "ceiling" | "spike" | "drop";
  readonly current: number;
  readonly baseline?: number;
  readonly limit?: number;
  /** As written by a person: `1m`, `2h`. */
  readonly window: string;
}

/** A process that came or went. `extras.uptime` says how long it ran: milliseconds, or words. */
export interface Lifecycle {
  readonly phase: "start" | "stop";
  readonly reason: string;
  readonly exitCode?: number;
}

/** One sample of a process. What a runtime cannot measure is absent, never 0. */
export interface Vitals {
  readonly at: number;
  /** Resident memory, bytes. */
  readonly rss?: number;
  /** Percent of one core. */
  readonly cpu?: number;
  readonly fds?: number;
  readonly threads?: number;
  /** Event-loop delay. */
  readonly loopMs?: number;
  /** Used heap, bytes. */
  readonly heap?: number;
}

/**
 * What the hub asks of the client that sent a batch: `control` in its answer. What is absent is not asked, and what is
 * unknown is ignored. It holds until the next answer, never for longer than it says.
 */
export interface Control {
  /**
   * How long the client keeps repeats of an event whose verdict is `muted` to itself, before it tells their count:
   * at most a minute, so that an end of the mute is soon heard of, and over shortly before the mute is, so that what
   * it swallowed is counted by then. Absent when nothing was muted, or not for long enough.
   *
   * Counting goes on meanwhile: each of these events is told later or is in `dropped`.
   */
  readonly mutedMs?: number;
  /** How often the service's processes are expected to beat, as its beats are answered, too; absent while none are. */
  readonly beatMs?: number;
}
