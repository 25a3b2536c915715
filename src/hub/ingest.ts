/** A batch becomes verdicts. Scrubs, names and stores; what has to be told is handed to the outbox. */
import type { Batch, Event } from "../event.ts";
import { scrubValue } from "../scrub.ts";
import type { Alert, Origin } from "./alert.ts";
import { fingerprintOf, serviceId } from "./fingerprint.ts";
import type { ServiceKey } from "./keys.ts";
import { RANK } from "./severity.ts";
import type { Channel, IntakeAlert, Store, Taken } from "./store/store.ts";

/** One event and what became of it. */
export interface Ingested {
  /** What it waits as: the fingerprint, or for what is not folded a name of its own. */
  readonly id: string;
  readonly alert: Alert;
  /** The service's topic in the chat, as the store keeps it. */
  readonly topic?: string | undefined;
  readonly taken: Taken;
}

/** A client's clock may be off, or the batch old: nothing happens in the future, nor before yesterday. */
const OLDEST = 24 * 3_600_000;

/** A batch's events as the store takes them: scrubbed, named, and dated by a clock that can be trusted. */
export function alertsOf(key: ServiceKey, batch: Batch, now: number): IntakeAlert[] {
  const origin = originOf(batch);
  return batch.events.map((event, index) => intakeOf(key.service, batch.id, index, event, origin, now));
}

/**
 * Takes a batch in with one call of the store. Rejects when the store does not answer. A batch that was taken before
 * causes no second message.
 */
export async function ingest(
  store: Store,
  key: ServiceKey,
  batch: Batch,
  alerts: readonly IntakeAlert[],
  chatId: number | undefined,
  now: number,
): Promise<
  "revoked" | { readonly replayed: boolean; readonly channel: Channel; readonly ingested: readonly Ingested[] }
> {
  const vitals = batch.vitals?.at(-1);
  const answer = await store.ingest({
    now,
    chatId,
    batchId: batch.id,
    callId: crypto.randomUUID().slice(0, 8),
    service: key.service,
    serviceId: serviceId(key.service),
    generation: key.generation,
    registry: JSON.stringify({ runtime: batch.runtime, release: batch.release, env: batch.env, sdk: batch.sdk }),
    ...(vitals && { vitals: JSON.stringify(vitals) }),
    dropped: batch.dropped ?? 0,
    stopped: batch.events.some(isStop) ? instanceName(batch.instance) : undefined,
    alerts,
  });
  if (answer === "revoked") return "revoked";
  const ingested = answer.taken.flatMap((taken, i) => {
    const intake = alerts[i];
    return intake === undefined
      ? []
      : [{ id: taken.own ?? intake.id, alert: intake.alert, topic: answer.topic, taken }];
  });
  return { replayed: answer.replayed, channel: answer.channel, ingested };
}

const isStop = ({ lifecycle }: Event): boolean => lifecycle?.phase === "stop";

/** An instance as monitors know it. */
export function instanceName(instance: string): string {
  return instance.replace(/[^\w.:-]/g, "_").slice(0, 64);
}

function intakeOf(
  service: string,
  batchId: string,
  index: number,
  raw: Event,
  origin: Origin,
  now: number,
): IntakeAlert {
  const event = scrubValue(raw) as Event;
  const fingerprint = fingerprintOf(service, event);
  return {
    id: fingerprint === "" ? `${batchId}.${index}` : fingerprint,
    rank: RANK[event.severity],
    mutable: event.severity !== "critical" && event.kind !== "lifecycle",
    count: event.count ?? 1,
    at: Math.round(Math.min(now, Math.max(now - OLDEST, event.at))),
    alert: { service, fingerprint, event, origin },
  };
}

function originOf({ instance, runtime, release, env, host, pid, role }: Batch): Origin {
  return JSON.parse(JSON.stringify({ instance, runtime, release, env, host, pid, role })) as Origin;
}
