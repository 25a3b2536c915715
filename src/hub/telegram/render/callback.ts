/** What the buttons below an alert carry. */
import type { Alert } from "../../alert.ts";
import { serviceId } from "../../fingerprint.ts";

/** What a button asks for: the whole stack, or silence for a while. */
export type Verb = "trace" | "m5m" | "m1h" | "m24h";

/** A button that was pressed. */
export interface Callback {
  readonly verb: Verb;
  readonly fingerprint: string;
  /** {@link serviceId} of the service. */
  readonly service: string;
}

/** A button below a message. */
export interface Button {
  readonly text: string;
  /** At most 64 bytes: `v1:<verb>:<fingerprint>:<service id>`. */
  readonly data: string;
}

const LABELS: Readonly<Record<Verb, string>> = { trace: "📋 full trace", m5m: "🔕 5m", m1h: "🔕 1h", m24h: "🔕 24h" };
const MUTES: readonly Verb[] = ["m5m", "m1h", "m24h"];

/** One row: the full trace where there is one, and three ways to be left alone. */
export function buttonsOf({ service, fingerprint, event }: Alert): readonly (readonly Button[])[] {
  if (event.kind === "lifecycle") return [];
  const hasTrace = Boolean(event.error?.stack || event.watchdog?.stack);
  const verbs: readonly Verb[] = hasTrace ? ["trace", ...MUTES] : MUTES;
  return [verbs.map((verb) => ({ text: LABELS[verb], data: `v1:${verb}:${fingerprint}:${serviceId(service)}` }))];
}

/** Reads a button's data; undefined for what no button of ours carries. */
export function parseCallback(data: string): Callback | undefined {
  const [, verb, fingerprint, service] = /^v1:(trace|m5m|m1h|m24h):([\da-f]{8}):([\da-f]{8})$/.exec(data) ?? [];
  return fingerprint === undefined || service === undefined ? undefined : { verb: verb as Verb, fingerprint, service };
}
