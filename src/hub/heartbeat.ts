/** `…/beat`: from a ping to its answer. Semantics in docs/heartbeats.md. */
import { serviceId } from "./fingerprint.ts";
import { fault, STORE_DOWN } from "./http.ts";
import type { ServiceKey } from "./keys.ts";
import type { Expectation } from "./monitor.ts";
import type { Parts } from "./parts.ts";
import { isPreview, MAX_OUTPUT, pingOf, saidOf } from "./ping.ts";
import { report } from "./report.ts";
import { nextSlots, scheduleOf } from "./schedule.ts";
import type { Seam } from "./seam.ts";
import { type Beat, type Beaten, MONITORS, type Slotted, type Store, StoreError } from "./store/store.ts";

export interface Heartbeat {
  /** Takes one ping; `path` is what stands behind `/beat`. Never a 2xx before the store has it. */
  enter(key: string, path: string, request: Request, seam: Seam): Promise<Response>;
}

/** What is expected of a process that does not say otherwise: a beat a minute, and one of them may be lost. */
const PROCESS: Expectation = { every: 60_000, grace: 90_000 };
/** Slots of a cron expression that the store is given to go on with. */
const AHEAD = 8;

export function createHeartbeat(parts: Parts): Heartbeat {
  const { gate, store, fallback, outbox, clock } = parts;

  async function take(key: ServiceKey, path: string, request: Request, seam: Seam): Promise<Response> {
    const ping = pingOf(path, new URL(request.url).searchParams, clock());
    if ("fault" in ping) return fault({ status: 400, code: "bad_beat", message: ping.fault });
    if (isPreview(request)) return answer(200, "OK");

    const { instance, vitals, output } = await saidOf(request);
    const now = clock(); // a body may have taken its time: it is what a run printed
    const beaten = await fallback.guard(() =>
      beat(store, {
        ...{ now, ...key, serviceId: serviceId(key.service), name: ping.name, action: ping.action, exit: ping.exit },
        ...{ run: ping.run, requestId: crypto.randomUUID().slice(0, 8) },
        ...(ping.asks && { asks: slotted(ping.asks, now) }),
        ...(output && { output }),
        ...(instance && { instance, otherwise: PROCESS }),
        ...(vitals && { vitals }),
      }),
    );
    if (beaten === undefined) return fault(STORE_DOWN);
    if (beaten === "revoked") return gate.refuse(seam);
    if (beaten === "full") return fault({ status: 400, code: "too_many_monitors", message: FULL });
    if (beaten.news) seam.waitUntil(outbox.sweep(now).catch(report));
    const reporting = fallback.report();
    if (reporting) seam.waitUntil(reporting.catch(report));
    return beaten.created ? answer(201, "Created", beaten) : answer(200, "OK", beaten);
  }

  return {
    async enter(given, path, request, seam) {
      const key = await gate.admit(given, seam);
      return key instanceof Response ? key : take(key, path, request, seam);
    },
  };
}

const FULL = `name: this service has ${MONITORS} monitors already; a name is for a job, not for one of its runs (that is rid)`;

/** Beats; where the store's slots have run out it is given new ones and asked again. */
async function beat(store: Store, it: Beat): Promise<Beaten> {
  const beaten = await store.beat(it);
  if (typeof beaten === "string" || !beaten.wants) return beaten;
  const again = await store.beat({ ...it, asks: slotted(beaten.wants, it.now) });
  if (typeof again === "object" && again.wants) throw new StoreError("its slots are not what is expected of it");
  return again;
}

/** An expectation with the slot before `now`, as far as can be told, and the next ones. */
export function slotted(expectation: Expectation, now: number): Slotted {
  if (expectation.cron === undefined) return { expectation, slots: [] };
  const slots = nextSlots(scheduleOf(expectation), now, AHEAD);
  const [first = now, second = first] = slots;
  return { expectation, slots: [Math.min(now, 2 * first - second), ...slots] };
}

const HEADERS = {
  "content-type": "text/plain; charset=utf-8",
  "cache-control": "no-store",
  "access-control-allow-origin": "*",
  "ping-body-limit": String(MAX_OUTPUT),
};

function answer(status: 200 | 201, words: string, { every }: { readonly every?: number } = {}): Response {
  const control = every ? { "snitchbot-control": JSON.stringify({ beatMs: every }) } : undefined;
  return new Response(words, { status, headers: { ...HEADERS, ...control } });
}
