/** What a person decides about a monitor, by a button below its message. */
import { slotted } from "./heartbeat.ts";
import type { Status } from "./monitor.ts";
import type { MonitorId, Store, Tuning } from "./store/store.ts";
import { type MonitorVerb, monitorId } from "./telegram/render/callback.ts";

/** Does it, and answers with what the person reads; `monitor` and `offer` are ids as buttons carry them. */
export type Decide = (verb: MonitorVerb, service: string, monitor: string, offer?: string) => Promise<string>;

const HOUR = 3_600_000;

export function createDecisions(store: Store, clock: () => number): Decide {
  async function find(service: string, monitor: string): Promise<MonitorId | undefined> {
    const found = (await store.monitorsOf(service)).find((it) => monitorId(service, it) === monitor);
    return found === undefined ? undefined : { service, name: found };
  }

  async function tuningOf(verb: MonitorVerb, id: MonitorId, offer: string): Promise<Tuning | undefined> {
    switch (verb) {
      case "ack":
      case "keep":
        return { kind: verb };
      case "rest": {
        // The button may be below yesterday's alert: what is well again must not be silenced.
        const [it] = await store.readMonitors([id]);
        return it?.monitor.status === "down" ? { kind: verb } : { kind: "keep" };
      }
      case "z1h":
        return { kind: "snooze", until: clock() + HOUR };
      case "take": {
        const [it] = await store.readMonitors([id]);
        return it?.offered && { kind: "take", offer, slots: slotted(it.offered, clock()).slots };
      }
    }
  }

  return async (verb, service, monitor, offer = "") => {
    const id = await find(service, monitor);
    const tuning = id && (await tuningOf(verb, id, offer));
    const status = tuning && (await store.tune(id, tuning, clock()));
    if (status === undefined) return "This is no longer there to be decided.";
    const isDone = DONE[verb]?.includes(status) ?? true;
    return isDone ? ANSWERS[verb] : `Nothing to do: it is ${status}.`;
  };
}

/** How a monitor stands when a decision was carried out; whatever is not down needs none of these. */
const DONE: Readonly<Partial<Record<MonitorVerb, readonly Status[]>>> = {
  ack: ["down"],
  z1h: ["down"],
  rest: ["resting"],
};

const ANSWERS: Readonly<Record<MonitorVerb, string>> = {
  ack: "Seen. No more reminders until it beats again.",
  z1h: "Quiet. If it is still down in an hour, you will hear.",
  rest: "It rests until its next beat.",
  take: "Taken: this is what is expected of it now.",
  keep: "Nothing changes.",
};
