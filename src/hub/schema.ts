/**
 * What may come in. Unknown fields are ignored, long texts are cut rather than refused, and one bad event does not
 * lose its batch: it is named by its index and field.
 */
import * as z from "zod";
import type { Batch, ErrorDetail, Event, Vitals } from "../event.ts";

/** The most events one batch may carry. */
export const MAX_EVENTS: number = 50;
/** Longest body of a batch, bytes. */
export const MAX_BODY: number = 256 * 1024;

/** A batch whose envelope is right; its bad events are left out and named. */
export interface Received {
  readonly batch: Batch;
  /** Where each of the batch's events stood in the body. */
  readonly places: readonly number[];
  readonly refused: readonly Refused[];
}

/** One event that cannot be told, and the field or the fault that is to blame. */
export interface Refused {
  readonly index: number;
  readonly code: "bad_event" | "store_down";
  readonly message: string;
}

const cut = (limit: number) =>
  z.string().transform((text) => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text));
const count = z.int().nonnegative();
const fields = z.record(z.string(), z.unknown()).transform(bounded);
const time = z.number().nonnegative().max(8.64e15);

/** Most characters of an event's extras, and of its context, as JSON: Redis keeps every kind of event whole. */
const MAX_FIELDS = 8_000;

/** The fields that fit, in their order; one that is too large does not keep out the smaller ones after it. */
function bounded(record: Record<string, unknown>): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  let left = MAX_FIELDS;
  for (const [name, value] of Object.entries(record)) {
    const size = name.length + lengthOf(value);
    if (size > left) continue;
    left -= size;
    kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

/** As JSON; what is nested deeper than a stack can follow fits nowhere. */
function lengthOf(value: unknown): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const CAUSES = 4;
const MEMBERS = 5;

/** The chain of causes is followed by hand, to a fixed depth: a hostile body may nest it a thousand times. */
function errorDetail(depth: number): z.ZodType<ErrorDetail> {
  const leaf = { type: cut(200), message: cut(2_000), stack: cut(depth === CAUSES ? 6_000 : 2_000).optional() };
  if (depth === 0) return z.object(leaf) as z.ZodType<ErrorDetail>;
  const inner = errorDetail(depth - 1);
  const members = z
    .array(z.unknown())
    .transform((list) => list.slice(0, MEMBERS))
    .pipe(z.array(inner));
  return z.object({ ...leaf, cause: inner.optional(), errors: members.optional() }) as z.ZodType<ErrorDetail>;
}

const event = z
  .object({
    kind: z.enum(["crash", "error", "notify", "log", "slow", "watchdog", "anomaly", "lifecycle"]),
    severity: z.enum(["info", "warning", "error", "critical"]),
    at: time,
    title: cut(1_000),
    count: z.int().positive().max(1e9).optional(),
    fingerprint: cut(200).optional(),
    error: errorDetail(CAUSES).optional(),
    extras: fields.optional(),
    context: fields.optional(),
    slow: z.object({ name: cut(200), ms: time, thresholdMs: time, location: cut(300).optional() }).optional(),
    watchdog: z
      .object({ ms: time, thresholdMs: time, stack: cut(6_000).optional(), label: cut(200).optional() })
      .optional(),
    anomaly: z
      .object({
        metric: cut(40),
        mode: z.enum(["ceiling", "spike", "drop"]),
        current: z.number(),
        baseline: z.number().optional(),
        limit: z.number().optional(),
        window: cut(20),
      })
      .optional(),
    lifecycle: z
      .object({ phase: z.enum(["start", "stop"]), reason: cut(100), exitCode: z.int().optional() })
      .optional(),
  })
  .superRefine((it, context) => {
    if (it.kind !== "slow" && it.kind !== "watchdog" && it.kind !== "anomaly" && it.kind !== "lifecycle") return;
    if (it[it.kind] === undefined)
      context.addIssue({ code: "custom", path: [it.kind], message: `an event of kind ${it.kind} needs it` });
  });

const sample = z.object({
  at: time,
  rss: z.number().nonnegative().optional(),
  cpu: z.number().nonnegative().optional(),
  fds: count.optional(),
  threads: count.optional(),
  loopMs: z.number().nonnegative().optional(),
  heap: z.number().nonnegative().optional(),
});

/** A sample that makes no sense is left out: it must not cost the alerts beside it. */
function samplesOf(list: readonly unknown[]): z.infer<typeof sample>[] {
  return list.flatMap((it) => sample.safeParse(it).data ?? []);
}

/** Most samples that a batch or a beat may carry. */
const MAX_VITALS = 120;

/** The samples of a list that make sense; of too many the newest, which stand at its end. */
export function readVitals(list: unknown): readonly Vitals[] {
  return Array.isArray(list) ? (samplesOf(list.slice(-MAX_VITALS)) as Vitals[]) : [];
}

const envelope = z.object({
  v: z.literal(1),
  id: z.string().regex(/^[A-Za-z0-9_-]{8,40}$/, "8 to 40 of A-Z a-z 0-9 _ -"),
  instance: z.string().min(1).pipe(cut(100)),
  runtime: cut(60).optional(),
  release: cut(100).optional(),
  env: cut(60).optional(),
  host: cut(100).optional(),
  pid: count.optional(),
  role: cut(60).optional(),
  sdk: cut(60).optional(),
  events: z.array(z.unknown()).max(MAX_EVENTS),
  vitals: z.array(z.unknown()).max(MAX_VITALS).transform(samplesOf).optional(),
  dropped: count.max(1e9).optional(),
  allow: z.array(z.string().max(100)).max(50).optional().catch(undefined), // what it cannot say is scrubbed
});

/** Reads a parsed body; the text says which field of the envelope is at fault and what was expected. */
export function readBatch(body: unknown): Received | { readonly fault: string } {
  if (body === undefined) return { fault: "body: not JSON" };
  const found = envelope.safeParse(body);
  if (!found.success) return { fault: firstFault(found.error, "") };
  const events: Event[] = [];
  const places: number[] = [];
  const refused: Refused[] = [];
  found.data.events.forEach((raw, index) => {
    const one = event.safeParse(raw);
    if (one.success) {
      events.push(one.data as Event);
      places.push(index);
    } else refused.push({ index, code: "bad_event", message: firstFault(one.error, `events[${index}]`) });
  });
  return { batch: { ...found.data, events } as Batch, places, refused };
}

/** `events[3].severity: Invalid option: expected one of …` */
function firstFault(error: z.ZodError, at: string): string {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).reduce<string>(
    (text, step) =>
      typeof step === "number" ? `${text}[${step}]` : text === "" ? String(step) : `${text}.${String(step)}`,
    at,
  );
  return `${path === "" ? "body" : path}: ${issue?.message ?? "not understood"}`;
}
