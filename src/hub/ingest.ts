/** A batch becomes verdicts. Scrubs, names and stores; what has to be told is handed to the outbox. */
import type { Batch, Control, Event } from "../event.ts";

import type { Alert, Origin } from "./alert.ts";
import { fingerprintOf, serviceId } from "./fingerprint.ts";
import type { ServiceKey } from "./keys.ts";
import { scrubEvent } from "./secrets.ts";
import { RANK } from "./severity.ts";
import type { Answer, Channel, IntakeAlert, Store, Taken } from "./store/store.ts";

/** One event and what became of it. */
export interface Ingested {
  /** What it waits as: the fingerprint, or for what is not folded a name of its own. */
  readonly id: string;
  readonly alert: Alert;
  /** What its message shows by now: this event, or another of its batch; absent where only the store has that. */
  readonly shown: Alert | undefined;
  /** The service's topic in the chat, as the store keeps it. */
  readonly topic?: string | undefined;
  readonly taken: Taken;
}

/** A client's clock may be off, or the batch old: nothing happens in the future, nor before yesterday. */
const OLDEST = 24 * 3_600_000;
/** How long a client may keep what is muted to itself: so much later somebody who ends a mute may hear of it. */
const MUTED = 60_000;
/** What is left of a mute by then, so that what a client kept is still swallowed. */
const BEFORE_END = 5_000;

/** A batch's events as the store takes them: scrubbed, named, and dated by a clock that can be trusted. */
export function alertsOf(key: ServiceKey, batch: Batch, now: number): IntakeAlert[] {
  const origin = originOf(batch);
  return batch.events.map((event, index) =>
    intakeOf(key.service, batch.id, index, scrubEvent(event, batch.allow), origin, now),
  );
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
  | "revoked"
  | {
      readonly replayed: boolean;
      readonly channel: Channel;
      readonly control: Control;
      readonly ingested: readonly Ingested[];
    }
> {
  const answer = await store.ingest({
    now,
    chatId,
    batchId: batch.id,
    callId: crypto.randomUUID().slice(0, 8),
    service: key.service,
    serviceId: serviceId(key.service),
    generation: key.generation,
    registry: JSON.stringify({ runtime: batch.runtime, release: batch.release, env: batch.env, sdk: batch.sdk }),
    instance: instanceName(batch.instance),
    ...(batch.vitals && { vitals: batch.vitals }),
    dropped: batch.dropped ?? 0,
    stopped: batch.events.some(isStop) ? instanceName(batch.instance) : undefined,
    alerts,
  });
  if (answer === "revoked") return "revoked";
  const ingested = answer.taken.flatMap((taken, i): Ingested[] => {
    const intake = alerts[i];
    if (intake === undefined) return [];
    const { alert } = intake;
    return [{ id: taken.own ?? intake.id, alert, shown: shownOf(taken, alert, alerts), topic: answer.topic, taken }];
  });
  return { replayed: answer.replayed, channel: answer.channel, control: controlOf(answer, now), ingested };
}

/** What is admitted tells itself, unless another of its batch has more to say. */
function shownOf({ verdict, shows }: Taken, alert: Alert, alerts: readonly IntakeAlert[]): Alert | undefined {
  if (shows !== undefined) return alerts[shows]?.alert;
  return verdict === "admitted" ? alert : undefined;
}

/** What the client is asked for. Of its mutes the first that ends says for how long. */
function controlOf({ mutedUntil = 0, beatMs }: Answer, now: number): Control {
  const mutedMs = Math.min(MUTED, mutedUntil - BEFORE_END - now);
  return { ...(mutedMs > 0 && { mutedMs }), ...(beatMs !== undefined && { beatMs }) };
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
  event: Event,
  origin: Origin,
  now: number,
): IntakeAlert {
  const fingerprint = fingerprintOf(service, event);
  return {
    id: fingerprint === "" ? `${batchId}.${index}` : fingerprint,
    rank: RANK[event.severity],
    mutable: event.severity !== "critical" && event.kind !== "lifecycle",
    count: event.count ?? 1,
    at: Math.round(Math.min(now, Math.max(now - OLDEST, event.at))),
    took: Math.round(event.slow?.ms ?? event.watchdog?.ms ?? 0),
    alert: { service, fingerprint, event, origin },
  };
}

function originOf({ instance, runtime, release, env, host, pid, role }: Batch): Origin {
  return JSON.parse(JSON.stringify({ instance, runtime, release, env, host, pid, role })) as Origin;
}
