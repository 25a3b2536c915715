/** What a user of the client says and sees. Types only. */
import type { Event, Kind, Severity } from "../event.ts";
import type { Scrub } from "../scrub.ts";
import type { Duration, ProcessOptions } from "./resident.ts";

/** Keeps an invocation alive until `work` is done; what `ctx.waitUntil` of an edge runtime does. */
export type WaitUntil = (work: Promise<unknown>) => unknown;

/** How a {@link Snitch} behaves. Nothing is required: `SNITCHBOT_URL` in the environment is enough. */
export interface SnitchOptions extends ProcessOptions {
  /**
   * The service's address at the hub; it names the service and carries its key.
   *
   * @default the variable (in Workers also the binding) `SNITCHBOT_URL`; without either nothing is sent
   */
  readonly url?: string | undefined;

  /** The service's name, for whoever reads the code: at the hub the key in `url` names it. */
  readonly service?: string | undefined;

  /** What is deployed: a version or a commit. */
  readonly release?: string | undefined;

  /** Where it is deployed: `production`, `staging`. */
  readonly env?: string | undefined;

  /**
   * Severity of captured errors that do not say theirs.
   *
   * @default "error"
   */
  readonly severity?: Severity;

  /**
   * Longest wait before counted repeats are sent, in milliseconds. What happens for the first time is sent at once.
   *
   * @default 1000
   */
  readonly flushAfter?: number;

  /**
   * What hides secrets: `createScrub({ redact: ["iban", /\bDE\d{20}\b/], allow: ["session_count"] })` for rules of your own.
   *
   * @default what is known to be secret by its name or its look
   */
  readonly scrub?: Scrub;

  /**
   * Last look at an event before it leaves, after scrubbing; return `null` to drop it. Counted as dropped in
   * {@link Stats}, but not told to the hub. When it throws, the event is sent as it was. A blocked event loop is told
   * past it, and past `sample` and {@link Stats}: by another thread, while this one stands still.
   */
  readonly beforeSend?: (event: Event) => Event | null;

  /**
   * Which part of the events of a kind is told, from 0 to 1; the rest is told as a number, like what is over `maxKinds`.
   *
   * @default 1 for each kind
   */
  readonly sample?: Readonly<Partial<Record<Kind, number>>>;

  /**
   * Longest stack of an error, in characters; those of its causes get a quarter.
   *
   * @default 8192
   */
  readonly maxStack?: number;

  /**
   * How many different events may be told per minute. What is over is counted and told as a number.
   *
   * @default 100
   */
  readonly maxKinds?: number;

  /** Keeps the process alive while sending, where it is not found by itself: `after` of Next.js. */
  readonly waitUntil?: WaitUntil;

  /**
   * What sends: a service binding (`(...args) => env.HUB.fetch(...args)`), a proxy. The last words of a process, and
   * what is told while its event loop is blocked, go past it: another thread sends those.
   *
   * @default the global `fetch` at the time of sending
   */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** What may be said about a captured error. */
export interface CaptureOptions {
  /** @default `severity` of {@link SnitchOptions} for errors, `info` for notifications */
  readonly severity?: Severity;

  /** What belongs to this event. At most four levels, 50 entries each, 8 KB. */
  readonly extras?: Readonly<Record<string, unknown>>;

  /** What it happened in: added to what {@link Snitch.context} gives. Limited like `extras`. */
  readonly context?: Readonly<Record<string, unknown>>;

  /** Your own grouping: events with the same fingerprint are the same. */
  readonly fingerprint?: string;

  /** Keeps this invocation alive until the event is sent. Rarely needed: most runtimes' own is found. */
  readonly waitUntil?: WaitUntil;
}

/** What may be said about a notification. */
export interface NotifyOptions extends CaptureOptions {
  /** The error that goes with it. */
  readonly error?: unknown;
}

/** When a call is slow. */
export interface SlowOptions {
  /**
   * A call that takes as long is told when it ends, in milliseconds.
   *
   * @default 1000
   */
  readonly thresholdMs?: number;

  /**
   * A promise that is pending for as long is told as still running, once a call; `Infinity` for never. What blocks is
   * the watchdog's affair.
   *
   * @default ten times the threshold, five seconds at least
   */
  readonly stuckMs?: number;

  /** @default the function's own name */
  readonly name?: string;

  /** @default "warning" */
  readonly severity?: Severity;
}

/**
 * What is expected of a monitor; the first beat makes it so.
 *
 * @see docs/heartbeats.md
 */
export interface Expectation {
  /** How often a beat is expected: `10s` to `365d`. */
  readonly every?: Duration;
  /** Or when: five fields, as Debian's cron reads them. */
  readonly cron?: string;
  /** The time zone of `cron`: `Europe/Berlin`. @default UTC */
  readonly tz?: string;
  /** How late a beat may be. @default a fifth of `every`; for a cron until its next slot, an hour at most */
  readonly grace?: Duration;
  /** How long a run may take. @default as long as it may be late */
  readonly max?: Duration;
  /** How many failures in a row count as down. @default 1 */
  readonly failures?: number;
  /** While it is down, a reminder this often. @default never */
  readonly remind?: Duration;
}

/** Which promises can be kept in this runtime, at this moment. */
export interface Diagnosis {
  /** As it calls itself. */
  readonly runtime: string;
  /** `SNITCHBOT_URL`, or `url`, is there: something is sent at all. */
  readonly address: boolean;
  /** What is told now is delivered after the response without anybody's help; otherwise await {@link Snitch.flush}. */
  readonly waitUntil: boolean;
  /** {@link Snitch.context} lasts beyond the first `await`. */
  readonly asyncContext: boolean;
  /** Clocks move while code computes. In Workers only waits are timed: `watchSlow` sees nothing else. */
  readonly clock: boolean;
  /** Crashes, exits, blocked event loops and vitals are told from `init()` on. */
  readonly process: boolean;
}

/** What became of everything so far. `captured = sent + dropped + pending`, at any time. */
export interface Stats {
  /** Calls of `capture` and `notify`, and what `wrap` caught. */
  readonly captured: number;
  /** Those the hub has accepted. */
  readonly sent: number;
  /** Those that were folded into an equal event before them. */
  readonly repeats: number;
  /** Those that were given up: storms, a hub that refuses or stays away, `beforeSend`. */
  readonly dropped: number;
  /** Those that wait, or are under way. */
  readonly pending: number;
  /** Requests to the hub that failed or were refused. */
  readonly failed: number;
  /** Sends that only a living process or `flush()` protects: no `waitUntil` was found. */
  readonly unprotected: number;
}

/**
 * Tells the hub what happens here. No method throws or blocks, except that {@link Snitch.context} and what
 * {@link Snitch.wrap} returns pass on what your own function throws.
 */
export interface Snitch {
  /** Sets the options, or only the service's name; call it once, at module scope if you like. */
  init(options?: string | SnitchOptions): void;

  /** Tells an error, or whatever else was thrown. Equal ones are counted, not sent again. */
  capture(error: unknown, options?: CaptureOptions): void;

  /** Tells something worth knowing. */
  notify(title: string, options?: NotifyOptions): void;

  /**
   * The same function, same signature and `this`, whose slow calls are told: sync, async, or a generator.
   *
   * `const loadUser = snitch.watchSlow(load, { thresholdMs: 100 })`
   */
  watchSlow<F extends (...args: never[]) => unknown>(fn: F, options?: SlowOptions): F;

  /** Calls `work`; all that is told inside, however late, carries `values`. */
  context<T>(values: Readonly<Record<string, unknown>>, work: () => T): T;

  /**
   * A Worker (`fetch`, `scheduled`, `queue`, `email`, `tail`), the class of a Durable Object (`fetch`, `alarm`) or a
   * plain fetch handler that tells what it throws, and throws the same. Everything told inside carries method, path and
   * trace, and is protected by the call's `waitUntil`.
   */
  wrap<T extends object>(handler: T): T;

  /**
   * Says that the service is alive, or that its job `name` went well. Tried three times.
   *
   * @returns whether the hub has heard it
   */
  beat(name?: string, expected?: Expectation): Promise<boolean>;

  /**
   * Does a job, and says that it begins, that it ends or fails, and how long it took. What is told inside carries its
   * name. It ends when the hub has heard of it, or after three tries.
   */
  job<T>(name: string, work: () => T): Promise<Awaited<T>>;
  job<T>(name: string, expected: Expectation, work: () => T): Promise<Awaited<T>>;

  /**
   * Sends what waits, repeats included, for at most `timeoutMs`.
   *
   * @default 2000
   * @returns whether nothing is left
   */
  flush(timeoutMs?: number): Promise<boolean>;

  /** Counts what became of everything so far. */
  stats(): Stats;

  /** Says which promises can be kept here. */
  doctor(): Diagnosis;
}
