/** What a person decides about a monitor, by a button below its message. */
import { slotted } from "./heartbeat.ts";
import type { MonitorId, Store, Tuning } from "./store/store.ts";
import { type MonitorVerb, monitorId } from "./telegram/render/callback.ts";

/** Does it, and answers with what the person reads; `service` and `monitor` are ids as buttons carry them. */
export type Decide = (verb: MonitorVerb, service: string, monitor: string) => Promise<string>;

const HOUR = 3_600_000;

export function createDecisions(store: Store, clock: () => number): Decide {
  async function find(service: string, monitor: string): Promise<MonitorId | undefined> {
    const name = await store.serviceNamed(service);
    if (name === undefined) return undefined;
    const found = (await store.monitorsOf(name)).find((it) => monitorId(name, it) === monitor);
    return found === undefined ? undefined : { service: name, name: found };
  }

  async function tuningOf(verb: MonitorVerb, id: MonitorId): Promise<Tuning | undefined> {
    switch (verb) {
      case "ack":
      case "rest":
      case "keep":
        return { kind: verb };
      case "z1h":
        return { kind: "snooze", until: clock() + HOUR };
      case "take": {
        const [it] = await store.readMonitors([id]);
        return it?.offered && { kind: "take", slots: slotted(it.offered, clock()).slots };
      }
    }
  }

  return async (verb, service, monitor) => {
    const id = await find(service, monitor);
    const tuning = id && (await tuningOf(verb, id));
    const status = tuning && (await store.tune(id, tuning, clock()));
    return status === undefined ? "This monitor is no longer there." : ANSWERS[verb];
  };
}

const ANSWERS: Readonly<Record<MonitorVerb, string>> = {
  ack: "Seen. No more reminders until it beats again.",
  z1h: "Quiet. If it is still down in an hour, you will hear.",
  rest: "It rests until its next beat.",
  take: "Taken: this is what is expected of it now.",
  keep: "Nothing changes.",
};
