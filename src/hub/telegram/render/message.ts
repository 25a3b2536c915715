/** Alerts → messages. What a person reads when woken: what broke, where, since when, how often. */
import type { Event, Severity, Watchdog } from "../../../event.ts";
import type { Alert, Tally } from "../../alert.ts";
import type { Monitor, Notice } from "../../monitor.ts";
import { parseStack } from "../../stack.ts";
import { type Button, buttonsOf, monitorButtons, mutedButtons } from "./callback.ts";
import { callerOf, detailsBlock } from "./details.ts";
import { digestOf, type Merged } from "./digest.ts";
import { errorBlocks } from "./error.ts";
import { fleetMessage, type Pending } from "./fleet.ts";
import { stackBlock } from "./frames.ts";
import { blindMessage, monitorMessage } from "./heartbeat.ts";
import { lifecycleLines, lifecycleTitle } from "./lifecycle.ts";
import { type Muted, unmutedOf } from "./mutes.ts";
import { KEEP, recordBlock, valueSpan } from "./pairs.ts";
import type { Formatted } from "./text.ts";
import { errorLine, isAboutError, titleLine } from "./title.ts";
import { type Block, code, fitted, type Line, line, type Node } from "./tree.ts";
import { grouped, roughly } from "./units.ts";

export type { Button } from "./callback.ts";
export type { Merged } from "./digest.ts";
export type { Pending } from "./fleet.ts";
export { severityOf } from "./heartbeat.ts";
export type { Muted } from "./mutes.ts";
export type { Entity } from "./text.ts";
export { renderTrace } from "./trace.ts";

/** What Telegram shows: text that it will not rewrite, and rows of buttons. */
export interface Message extends Formatted {
  readonly buttons: readonly (readonly Button[])[];
}

/** How much something matters, at a glance. */
export const ICONS: Readonly<Record<Severity, string>> = { info: "ℹ️", warning: "🟠", error: "🔴", critical: "🟣" };
const RULE = "━".repeat(18);

/** What is said of an alert's message itself. */
export interface Remarks {
  /** Stands above it. */
  readonly warning?: string;
  /** Until when its kind is muted: its buttons say so. What is over is not said. */
  readonly mutedUntil?: number | undefined;
}

/** One alert, as often as it happened so far. `now` tells how long ago. */
export function renderAlert(
  alert: Alert,
  tally: Tally,
  now: number,
  { warning, mutedUntil = 0 }: Remarks = {},
): Message {
  const nodes = alert.event.kind === "lifecycle" ? lifecycleNodes(alert, tally, now) : alertNodes(alert, tally, now);
  const buttons = buttonsOf(alert);
  return {
    ...fitted(warning ? [line(`⚠️ ${warning}`), ...nodes] : nodes),
    buttons: mutedUntil > now ? mutedButtons(buttons, mutedUntil, alert.fingerprint, alert.service) : buttons,
  };
}

/** The title of a kind in the text of a message: what stands below the line that names it, and the rule below that. */
export function titleIn(text: string, fingerprint: string): string {
  const lines = text.split("\n");
  const below = lines.slice(lines.findIndex((it) => it.includes(fingerprint)) + 1);
  return below.find((it) => it !== RULE) ?? "";
}

/** The store is back: for how long we were half blind, and what was told meanwhile. */
export function renderBack(ms: number, messages: number): Message {
  const told = `${grouped(messages)} message${messages === 1 ? " was" : "s were"} sent without counting repeats`;
  return { ...fitted([line(`✅ Redis is back after ${roughly(ms)}; ${told}`)]), buttons: [] };
}

/** A fault of ours: a message could not be delivered, or not with its formatting. */
export function renderConfession(why: string, failed: "deliver" | "format"): Message {
  const words = failed === "deliver" ? "could not deliver a message" : "had to send a message without its formatting";
  return { ...fitted([line(`⚠️ snitchbot ${words}: Telegram says "${why}"`)]), buttons: [] };
}

/** Mutes have ended: what they were about, and how much they swallowed. */
export function renderUnmuted(mutes: readonly Muted[]): Message {
  return { ...unmutedOf(mutes), buttons: [] };
}

/** Said once in a chat that has topics, when we may not make any. */
export function renderTopicHint(): Message {
  const words = "This chat has topics. Let me manage them, and each service gets its own; until then all is told here.";
  return { ...fitted([line(`💡 ${words}`)]), buttons: [] };
}

/** Many alerts that did not fit a limit, in one message. */
export function renderDigest(services: readonly Merged[], now: number): Message {
  return { ...digestOf(services, now), buttons: [] };
}

/** All that is pending about one monitor. `missed` counts the beats that should have come while it was down. */
export function renderMonitor(monitor: Monitor, notices: readonly Notice[], now: number, missed?: number): Message {
  return { ...monitorMessage(monitor, notices, now, missed), buttons: monitorButtons(monitor, notices) };
}

/** Many monitors that went down or came back together; `expected` is how many were to beat, where it is rather the way to us. */
export function renderFleet(
  kind: "down" | "up",
  monitors: readonly Pending[],
  now: number,
  expected?: number,
): Message {
  return { ...fleetMessage(kind, monitors, now, expected), buttons: [] };
}

/** From when to when we could not see beats, and how many deadlines were put off because of it. */
export function renderBlind(from: number, to: number, deadlines: number, now: number): Message {
  return { ...blindMessage(from, to, deadlines, now), buttons: [] };
}

/** The same text without entities: for when Telegram refuses them. */
export function renderPlain(message: Message): Message {
  return { ...message, entities: [] };
}

function lifecycleNodes(alert: Alert, tally: Tally, now: number): Node[] {
  return [lifecycleTitle(alert), line(RULE), ...lifecycleLines(alert, tally, now)];
}

function alertNodes(alert: Alert, tally: Tally, now: number): Node[] {
  const { event } = alert;
  return [
    header(alert, tally),
    line(RULE),
    titleLine(event),
    detailsBlock(alert, tally, now),
    recordBlock("Context", contextOf(event), KEEP.context),
    recordBlock("Extras", event.extras ?? {}, KEEP.extra),
    ...evidence(event),
  ];
}

/** Without the caller, where the details have it. */
function contextOf(event: Event): Readonly<Record<string, unknown>> {
  const { caller, ...context } = event.context ?? {};
  return callerOf(event) === undefined ? (event.context ?? {}) : context;
}

/** `🔴 crash · orders-api · a1b2c3d4 × 2` */
function header({ service, fingerprint, event }: Alert, { count }: Tally): Line {
  const times = count > 1 ? ` × ${grouped(count)}` : "";
  return line(`${ICONS[event.severity]} ${label(event)} · ${service} · `, code(fingerprint), times);
}

/** What sort of thing happened: `crash`, `slow call`, `log.warning`. */
export function label({ kind, severity }: Pick<Event, "kind" | "severity">): string {
  if (kind === "slow") return "slow call";
  return kind === "log" ? `log.${severity}` : kind;
}

/** What shows where it happened: the error with its stack, or what blocked the event loop. */
function evidence(event: Event): Node[] {
  const { kind, error, watchdog } = event;
  return [
    ...(watchdog ? [culprit(watchdog)] : []),
    ...(error && !isAboutError(kind) ? [{ kind: "block", name: "Error", nodes: [errorLine(error)] } as const] : []),
    ...(error ? errorBlocks(error) : []),
  ];
}

function culprit({ stack = "", label }: Watchdog): Block {
  const frames = parseStack(stack);
  if (frames.length > 0 || !label) return stackBlock("Blocked in", frames);
  return { kind: "block", name: "Blocked in", nodes: [line(valueSpan(label))] };
}
