/** What the buttons below a message carry. */
import type { Alert } from "../../alert.ts";
import { serviceId } from "../../fingerprint.ts";
import type { Monitor, Notice } from "../../monitor.ts";
import { outagesOf } from "./outages.ts";

/** What a button below an alert asks for: the whole stack, silence for a while, how long that lasts, or its end. */
export type AlertVerb = "trace" | "m5m" | "m1h" | "m24h" | "muted" | "unmute";

/**
 * What a button below a message about a monitor asks for. It is down: somebody saw it, snooze it for an hour, or let
 * it rest until its next beat. It offers another expectation: take that, or keep the one it has.
 */
export type MonitorVerb = "ack" | "z1h" | "rest" | "take" | "keep";

/** A button that was pressed. `service` is the {@link serviceId}. */
export type Callback =
  | { readonly verb: AlertVerb; readonly fingerprint: string; readonly service: string }
  /** `monitor` is the {@link monitorId}, `offer` the id of what was offered. */
  | { readonly verb: MonitorVerb; readonly monitor: string; readonly service: string; readonly offer?: string }
  /** A command, as if somebody had written it; `service` is "*" for all. */
  | { readonly verb: "ask"; readonly command: string; readonly words: readonly string[]; readonly service: string };

/** A button below a message. */
export type Button = PressButton | CopyButton;

/** The bot is told when it is pressed. */
export interface PressButton {
  readonly text: string;
  /** At most 64 bytes: `v1:<verb>:<fingerprint or monitor id>:<service id>[:<offer>]`, or `v1:ask:<command>:<service id or *>:<words>`. */
  readonly data: string;
}

/** Puts a text into the reader's clipboard; nobody is told. */
export interface CopyButton {
  readonly text: string;
  /** 1 to 256 characters. */
  readonly copy: string;
}

const LABELS: Readonly<Record<AlertVerb | MonitorVerb, string>> = {
  trace: "📋 full trace",
  m5m: "🔕 5m",
  m1h: "🔕 1h",
  m24h: "🔕 24h",
  muted: "🔕 muted",
  unmute: "🔔 unmute",
  ack: "✅ ack",
  z1h: "💤 1h",
  rest: "⏸ until next beat",
  take: "✔️ accept",
  keep: "✖️ keep",
};
/** @see https://core.telegram.org/bots/api#inlinekeyboardbutton */
const MOST_DATA = 64;
const MUTES: readonly AlertVerb[] = ["m5m", "m1h", "m24h"];
const DOWN: readonly MonitorVerb[] = ["ack", "z1h", "rest"];
const OFFER: readonly MonitorVerb[] = ["take", "keep"];

/** One row: the full trace where there is one, and three ways to be left alone. */
export function buttonsOf({ service, fingerprint, event }: Alert): readonly (readonly Button[])[] {
  if (event.kind === "lifecycle") return [];
  const hasTrace = Boolean(event.error?.stack || event.watchdog?.stack);
  return [rowOf(hasTrace ? ["trace", ...MUTES] : MUTES, fingerprint, service)];
}

/** A row for a monitor that is down, and one for what it offers. */
export function monitorButtons(
  { service, name }: Monitor,
  notices: readonly Notice[],
): readonly (readonly PressButton[])[] {
  const isDown = outagesOf(notices).open !== undefined;
  const offer = notices.findLast((it) => it.kind === "offer");
  const id = monitorId(service, name);
  return [
    ...(isDown ? [rowOf(DOWN, id, service)] : []),
    ...(offer ? [rowOf(OFFER, id, service).map((it) => ({ ...it, data: `${it.data}:${offer.id}` }))] : []),
  ];
}

/**
 * A button that asks what a person could have written: `askButton("6h", "chart", ["cpu", "6h"], "shop")`. Without a service
 * it asks about all. `undefined` when that is too long for a button.
 */
export function askButton(
  text: string,
  command: string,
  words: readonly string[],
  service?: string,
): PressButton | undefined {
  const data = `v1:ask:${command}:${service === undefined ? "*" : serviceId(service)}:${words.join(" ")}`;
  return new TextEncoder().encode(data).length <= MOST_DATA ? { text, data } : undefined;
}

/** A monitor as eight hex digits, short enough for a button. */
export function monitorId(service: string, name: string): string {
  return serviceId(`${service}\n${name}`);
}

/** Reads a button's data; undefined for what no button of ours carries. */
export function parseCallback(data: string): Callback | undefined {
  return parseAsk(data) ?? parseVerb(data);
}

function parseVerb(data: string): Callback | undefined {
  const [, alert, monitor, id, service, offer] =
    /^v1:(?:(trace|m5m|m1h|m24h|muted|unmute)|(ack|z1h|rest|take|keep)):([\da-f]{8}):([\da-f]{8})(?::([\da-f]{8}))?$/.exec(
      data,
    ) ?? [];
  if (id === undefined || service === undefined) return undefined;
  return alert === undefined
    ? { verb: monitor as MonitorVerb, monitor: id, service, ...(offer && { offer }) }
    : { verb: alert as AlertVerb, fingerprint: id, service };
}

function parseAsk(data: string): Callback | undefined {
  const [, command, service, words] = /^v1:ask:([a-z0-9_]{1,32}):([\da-f]{8}|\*):(.*)$/.exec(data) ?? [];
  if (command === undefined || service === undefined || words === undefined) return undefined;
  return { verb: "ask", command, service, words: words.split(" ").filter(Boolean) };
}

function rowOf(verbs: readonly (AlertVerb | MonitorVerb)[], id: string, service: string): readonly PressButton[] {
  return verbs.map((verb) => ({ text: LABELS[verb], data: `v1:${verb}:${id}:${serviceId(service)}` }));
}
