/** The warehouse beside the demo shop: a process that lives long, and what one tells of a bad day. */
import type { Batch, Event } from "../event.ts";

/** What is told, so many seconds after what was told before. */
export interface Scene {
  readonly after: number;
  readonly event: Omit<Event, "at">;
}

const MB = 2 ** 20;

const STACK = `    at priceOf (file:///srv/warehouse/src/prices.ts:31:14)
    at recount (file:///srv/warehouse/src/inventory.ts:88:20)
    at Timeout.nightly (file:///srv/warehouse/src/jobs.ts:12:5)
    at listOnTimeout (node:internal/timers:581:17)`;

/** From its start to its stop. */
export const DAY: readonly Scene[] = [
  { after: 0, event: lived("start", "start") },
  { after: 6, event: slow(250, "loadShelves took 250 ms") },
  { after: 3, event: slow(412, "loadShelves took 412 ms") },
  { after: 6, event: blocked(2_004) },
  { after: 1, event: blocked(2_690) },
  { after: 8, event: ahead("RSS reaches 450 MB in ~40 min: 382 MB now", 382) },
  { after: 8, event: full(461) },
  { after: 4, event: slow(5_003, "loadShelves still running after 5 s") },
  { after: 6, event: lived("stop", "sigterm", 143) },
];

/** An event as its process sends it, at once and alone. */
export function batchOf({ event }: Scene, instance: string, now: number): Batch {
  return {
    v: 1,
    id: crypto.randomUUID(),
    ...{ instance, runtime: "Node.js/20", release: "2.3.0", host: "shelf-1", pid: 4_242, role: "primary" },
    events: [{ ...event, at: now }],
  };
}

function slow(ms: number, title: string): Scene["event"] {
  const call = { name: "loadShelves", ms, thresholdMs: 100, location: "file:///srv/warehouse/src/shelves.ts:17" };
  return { kind: "slow", severity: "warning", title, slow: call };
}

function blocked(ms: number): Scene["event"] {
  const title = `Event loop blocked for ${ms} ms`;
  return { kind: "watchdog", severity: "error", title, watchdog: { ms, thresholdMs: 500, stack: STACK } };
}

/** A ceiling that is near; its fingerprint is not that of the ceiling itself. */
function ahead(title: string, rss: number): Scene["event"] {
  const anomaly = { ...memory(rss), window: "30m" };
  return { kind: "anomaly", severity: "warning", title, anomaly, fingerprint: "rss nears its ceiling" };
}

function full(rss: number): Scene["event"] {
  return { kind: "anomaly", severity: "error", title: "RSS ceiling", anomaly: { ...memory(rss), window: "1m" } };
}

function memory(rss: number) {
  return { metric: "rss", mode: "ceiling", current: rss * MB, baseline: 310 * MB, limit: 450 * MB } as const;
}

function lived(phase: "start" | "stop", reason: string, exitCode?: number): Scene["event"] {
  const lifecycle = { phase, reason, ...(exitCode !== undefined && { exitCode }) };
  const extras = phase === "stop" ? { uptime: 42_000 } : {};
  return { kind: "lifecycle", severity: "info", title: `${phase}: ${reason}`, lifecycle, extras };
}
