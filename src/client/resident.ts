/** What a process that lives long adds to the client: its options, and the seam between the two. Types only. */
import type { Event, Slow } from "../event.ts";
import type { Fetch } from "./beacon.ts";
import type { WaitUntil } from "./options.ts";

/** `90s`, `5m`, `1h`, `2d` */
export type Duration = `${number}${"s" | "m" | "h" | "d"}`;

/** Bytes, as a number or with a unit: `450MB`; a megabyte is 2²⁰ bytes. */
export type Size = number | `${number}${"KB" | "MB" | "GB"}`;

/** A distance from the baseline: it is reached when both parts are. */
export interface Leap<Value> {
  /** What the baseline is multiplied with; above 1 for a spike, below for a drop. */
  readonly times: number;
  /** How far away, in the metric's own unit. */
  readonly by: Value;
}

/**
 * How one metric is watched: the average of the `window` against a ceiling, and against the average of the `baseline`
 * that came before. What is left out, or cannot be read, is as by default; `null` turns a mode off.
 */
export interface Watch<Value> {
  /** Long enough for three samples: 20 s, for `fds` a minute. */
  readonly window?: Duration;

  /** Longer than the window. */
  readonly baseline?: Duration;

  /** An error when the window's average reaches it. */
  readonly ceiling?: Value | null;

  /** A warning, for `fds` an error, when the window is so far above the baseline. */
  readonly spike?: Leap<Value> | null;

  /** A warning when the window is so far below the baseline. */
  readonly drop?: Leap<Value> | null;
}

/** How memory is watched. */
export interface MemoryWatch extends Watch<Size> {
  /**
   * A warning when the ceiling is nearer than this, if memory goes on climbing as it did in the whole baseline.
   *
   * @default "1h"
   */
  readonly ahead?: Duration | null;
}

/** Which vitals are watched, and how; `null` leaves one alone. */
export interface AnomalyOptions {
  /**
   * Resident memory, in bytes.
   *
   * @default { window: "1m", baseline: "30m", ceiling: "450MB", spike: { times: 1.5, by: "50MB" }, drop: null, ahead: "1h" }
   */
  readonly rss?: MemoryWatch | null;

  /**
   * Percent of one core.
   *
   * @default { window: "2m", baseline: "20m", ceiling: 90, spike: { times: 2.5, by: 30 }, drop: null }
   */
  readonly cpu?: Watch<number> | null;

  /**
   * Open files.
   *
   * @default { window: "5m", baseline: "1h", ceiling: 800, spike: { times: 1.5, by: 50 }, drop: { times: 0.5, by: 50 } }
   */
  readonly fds?: Watch<number> | null;

  /**
   * Threads.
   *
   * @default { window: "1m", baseline: "15m", ceiling: 100, spike: { times: 1.5, by: 10 }, drop: { times: 0.5, by: 5 } }
   */
  readonly threads?: Watch<number> | null;
}

/** What is watched of a process on Node, Deno and Bun, from `init()` on; the other runtimes have none of it. */
export interface ProcessOptions {
  /**
   * Tell errors that nobody catches, and promises rejected that nobody looks at, in this thread and in those it
   * starts. Whether the process survives them stays as it was.
   *
   * @default true
   */
  readonly crashes?: boolean;

  /**
   * Tell when the process starts, and when and why it stops.
   *
   * @default true
   */
  readonly lifecycle?: boolean;

  /**
   * From how long a blocked event loop is told as a warning, an error and as critical, in milliseconds; `false` turns
   * the watchdog off.
   *
   * @default [500, 2000, 5000]
   */
  readonly watchdog?: readonly [warning: number, error: number, critical: number] | false;

  /**
   * Which vitals are unusual; `false` leaves all alone.
   *
   * @default as said at each of them
   */
  readonly anomalies?: AnomalyOptions | false;

  /**
   * Tell the hub each minute that the process is alive, with its vitals. When it falls silent, the hub tells.
   *
   * @default true
   */
  readonly heartbeat?: boolean;

  /**
   * What this process is among several of its service.
   *
   * @default as `node:cluster`, PM2 or `node:worker_threads` have it: `primary`, `worker`, `thread`
   */
  readonly role?: string | undefined;

  /**
   * Count the memory and processor time of child processes, too. Linux only.
   *
   * @default false
   */
  readonly processTree?: boolean;
}

/** What there is to tell, before it is described, scrubbed and cut. */
export interface Tale extends Pick<Event, "kind" | "severity" | "watchdog" | "anomaly" | "lifecycle"> {
  /** @default type and message of what was thrown */
  readonly title?: string | undefined;
  /** Nothing, or one thing: `undefined` can be thrown too. */
  readonly thrown?: readonly unknown[];
  readonly fingerprint?: string | undefined;
  readonly extras?: Readonly<Record<string, unknown>> | undefined;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly slow?: Omit<Slow, "location"> & { readonly location?: string | undefined };
  /** Keeps this invocation alive until it is told. */
  readonly waitUntil?: WaitUntil | undefined;
}

/** What the client lends to whoever watches its process. */
export interface Core {
  /** Has something told like whatever is captured: counted, folded, sent after this turn. Never throws. */
  tell(tale: Tale): void;
  /** The service's address at the hub; `undefined` when there is none, or it is all turned off. */
  address(): string | undefined;
  /** What a batch says of its sender. */
  head(): Readonly<Record<string, unknown>>;
  /** How to send: as the user's options say, else by {@link Resident.fetch}, else by the global one. */
  readonly fetch: Fetch;
  /**
   * The bodies of all batches that the hub may not have, for a process that has no time left: what is untold is packed
   * now, whatever the hub asked for. Each keeps its id, so that it counts once however often it is sent.
   */
  remains(): readonly string[];
}

/** What watches a process. */
export interface Resident {
  /** What a batch says of this process. */
  head(): { readonly host?: string; readonly pid?: number; readonly role?: string };
  /** How to send, in place of the global `fetch`; `undefined` before it began. */
  readonly fetch: Fetch | undefined;
  /** Begins to watch. Called by each `init()`; a second one only changes what the options say. */
  begin(core: Core, options: ProcessOptions): void;
  /**
   * Notes that what runs from now on is called `label`; empty for nothing. Says what it was called before, to be
   * restored when this turn's part of it ends.
   */
  enter(label: string): string;
}
