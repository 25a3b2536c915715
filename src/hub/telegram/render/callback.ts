/** What the buttons below a message carry. */
import type { Alert } from "../../alert.ts";
import { serviceId } from "../../fingerprint.ts";
import type { Monitor, Notice } from "../../monitor.ts";
import { outagesOf } from "./outages.ts";
import { clockTime } from "./units.ts";

/** What a button below an alert asks for: the whole stack, silence for a while, how long that lasts, or its end. */
export type AlertVerb = "trace" | "m5m" | "m1h" | "m24h" | "muted" | "unmute";

/**
 * What a button below a message about a monitor asks for. It is down: somebody saw it, snooze it for an hour, or let
 * it rest until its next beat. It offers another expectation: take that, or keep the one it has.
 */
export type MonitorVerb = "ack" | "z1h" | "rest" | "take" | "keep";

/** A button that was pressed. `service` is the {@link serviceId}. */
export type Callback = AlertCallback | MonitorCallback | AskCallback;

export interface AlertCallback {
  readonly verb: AlertVerb;
  readonly fingerprint: string;
  readonly service: string;
}

export interface MonitorCallback {
  readonly verb: MonitorVerb;
  /** The {@link monitorId}. */
  readonly monitor: string;
  readonly service: string;
  /** The id of what was offered. */
  readonly offer?: string;
}

/** A command, as if somebody had written it there. */
export interface AskCallback {
  readonly verb: "ask";
  readonly command: string;
  readonly words: readonly string[];
  readonly service?: string;
}

/** A button below a message. */
export type Button = PressButton | CopyButton;

/** The bot is told when it is pressed. */
export interface PressButton {
  readonly text: string;
  /** At most 64 bytes: `v1:<verb>:<fingerprint or monitor id>:<service id>[:<offer>]`, or `v1:ask:<command>:[service id]:<words>`. */
  readonly data: string;
}

/** Puts a text into the reader's clipboard; nobody is told. */
export interface CopyButton {
  readonly text: string;
  /** 1 to 256 characters. */
  readonly copy: string;
}

/** Buttons as they stand below a message. */
type Rows = readonly (readonly Button[])[];

const LABELS: Readonly<Record<AlertVerb | MonitorVerb | "copy", string>> = {
  trace: "📋 full trace",
  m5m: "🔕 5m",
  m1h: "🔕 1h",
  m24h: "🔕 24h",
  muted: "🔕 muted",
  unmute: "🔔 unmute",
  copy: "🔗 copy trace id",
  ack: "✅ ack",
  z1h: "💤 1h",
  rest: "⏸ until next beat",
  take: "✔️ accept",
  keep: "✖️ keep",
};
/** @see https://core.telegram.org/bots/api#inlinekeyboardbutton */
const MOST_DATA = 64;
/** @see https://core.telegram.org/bots/api#copytextbutton */
const MOST_COPY = 256;
const MUTES: readonly AlertVerb[] = ["m5m", "m1h", "m24h"];
const DOWN: readonly MonitorVerb[] = ["ack", "z1h", "rest"];
const OFFER: readonly MonitorVerb[] = ["take", "keep"];

/** One row: the full trace where there is one, and three ways to be left alone. */
export function buttonsOf({ service, fingerprint, event }: Alert): readonly (readonly Button[])[] {
  if (event.kind === "lifecycle") return [];
  const hasTrace = Boolean(event.error?.stack || event.watchdog?.stack);
  const row = rowOf(hasTrace ? ["trace", ...MUTES] : MUTES, fingerprint, service);
  const { traceId } = event.context ?? {};
  const isCopied = typeof traceId === "string" && traceId.trim() !== "" && traceId.length <= MOST_COPY;
  return isCopied ? [row, [{ text: LABELS.copy, copy: traceId }]] : [row];
}

/** The same buttons, but instead of those that mute this kind one that says until when it is muted, and one that ends it. */
export function mutedButtons(rows: Rows, until: number, fingerprint: string, service: string): Rows {
  const [label, end] = rowOf(["muted", "unmute"], fingerprint, service);
  const others = [...(label ? [{ ...label, text: `🔕 until ${clockTime(until)}` }] : []), ...(end ? [end] : [])];
  return replaced(rows, others, fingerprint, service);
}

/** The same buttons, as they were before. */
export function unmutedButtons(rows: Rows, fingerprint: string, service: string): Rows {
  return replaced(rows, rowOf(MUTES, fingerprint, service), fingerprint, service);
}

/** All buttons that are not about muting this kind, and these at the end of the row that had those. */
function replaced(rows: Rows, others: readonly Button[], fingerprint: string, service: string): Rows {
  const about = `:${fingerprint}:${serviceId(service)}`;
  const isAbout = (it: Button) => "data" in it && ABOUT_MUTING.test(it.data) && it.data.endsWith(about);
  return rows.map((row) => {
    const [first] = row.filter(isAbout);
    if (first === undefined) return row;
    const number = /^\d+\. /.exec(first.text)?.[0] ?? "";
    return [...row.filter((it) => !isAbout(it)), ...others.map((it) => ({ ...it, text: `${number}${it.text}` }))];
  });
}

const ABOUT_MUTING = /^v1:(?:m5m|m1h|m24h|muted|unmute):/;

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
 * it means what it would mean when written there: a topic's, or with the word `*` all. `undefined` when that is too long.
 */
export function askButton(
  text: string,
  command: string,
  words: readonly string[],
  service?: string,
): PressButton | undefined {
  const data = `v1:ask:${command}:${service === undefined ? "" : serviceId(service)}:${words.join(" ")}`;
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

function parseVerb(data: string): AlertCallback | MonitorCallback | undefined {
  const [, alert, monitor, id, service, offer] =
    /^v1:(?:(trace|m5m|m1h|m24h|muted|unmute)|(ack|z1h|rest|take|keep)):([\da-f]{8}):([\da-f]{8})(?::([\da-f]{8}))?$/.exec(
      data,
    ) ?? [];
  if (id === undefined || service === undefined) return undefined;
  return alert === undefined
    ? { verb: monitor as MonitorVerb, monitor: id, service, ...(offer && { offer }) }
    : { verb: alert as AlertVerb, fingerprint: id, service };
}

function parseAsk(data: string): AskCallback | undefined {
  const [, command, service, words] = /^v1:ask:([a-z0-9_]{1,32}):([\da-f]{8})?:(.*)$/.exec(data) ?? [];
  if (command === undefined || words === undefined) return undefined;
  return { verb: "ask", command, words: words.split(" ").filter(Boolean), ...(service && { service }) };
}

function rowOf(verbs: readonly (AlertVerb | MonitorVerb)[], id: string, service: string): readonly PressButton[] {
  return verbs.map((verb) => ({ text: LABELS[verb], data: `v1:${verb}:${id}:${serviceId(service)}` }));
}
