/** `POST /s/:key`, from the request to its answer. */
import type { Control } from "../event.ts";
import { fault, parseJson, readLimited, STORE_DOWN } from "./http.ts";
import { alertsOf, ingest } from "./ingest.ts";
import type { ServiceKey } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { report } from "./report.ts";
import { MAX_BODY, type Received, type Refused, readBatch } from "./schema.ts";
import type { Seam } from "./seam.ts";
import type { IntakeAlert, Verdict } from "./store/store.ts";

export interface Door {
  /** Takes a batch in. Never a 2xx before the store has it or, without a store, Telegram. */
  enter(key: string, request: Request, seam: Seam): Promise<Response>;
}

export function createDoor(parts: Parts): Door {
  const { gate, store, delivery, outbox, fallback, clock } = parts;

  async function take(key: ServiceKey, received: Received, seam: Seam): Promise<Response> {
    const alerts = alertsOf(key, received.batch, clock());
    const answer = await fallback.guard(() => ingest(store, key, received.batch, alerts, delivery.chatId(), clock()));
    if (answer === undefined) return takeWithoutStore(alerts, received);
    if (answer === "revoked") return gate.refuse(seam);
    seam.waitUntil(delivery.adopt(answer.channel).catch(report));
    if (!answer.replayed) seam.waitUntil(outbox.deliver(answer.ingested).catch(report));
    const reporting = fallback.report();
    if (reporting) seam.waitUntil(reporting.catch(report));
    return accepted(
      answer.ingested.map(({ taken }) => taken.verdict),
      received.refused,
      { control: answer.control },
    );
  }

  /** Errors are told at once; the rest comes again when the store is back, or is counted as dropped by the client. */
  async function takeWithoutStore(alerts: readonly IntakeAlert[], received: Received): Promise<Response> {
    const told = await fallback.tell(alerts);
    if (told === undefined) return fault(STORE_DOWN);
    const waiting = alerts.flatMap((alert, i): Refused[] => {
      const index = received.places[i] ?? i;
      if (told.has(alert)) return [];
      return [{ index, code: "store_down", message: `events[${index}]: ${STORE_DOWN.message}` }];
    });
    return accepted(
      [...told].map(() => "admitted"),
      [...received.refused, ...waiting],
      { control: {}, degraded: true },
    );
  }

  return {
    async enter(given, request, seam) {
      const key = await gate.admit(given, seam);
      if (key instanceof Response) return key;
      const text = await readLimited(request, MAX_BODY);
      if (text === undefined)
        return fault({ status: 413, code: "too_large", message: `body: more than ${MAX_BODY} bytes` });
      const received = readBatch(parseJson(text));
      if ("fault" in received) return fault({ status: 400, code: "bad_batch", message: received.fault });
      const [first] = received.refused;
      return first && received.batch.events.length === 0 ? fault({ status: 400, ...first }) : take(key, received, seam);
    },
  };
}

function accepted(
  verdicts: readonly Verdict[],
  refused: readonly Refused[],
  more: { readonly control: Control; readonly degraded?: true },
): Response {
  const body = { accepted: verdicts.length, verdicts, ...more, ...(refused.length > 0 && { refused }) };
  return Response.json(body, { status: 202 });
}
