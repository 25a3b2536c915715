/** What is expected to beat, and how it stands. */
import type { Standing } from "../../survey.ts";
import { type Button, monitorButtons } from "./callback.ts";
import { scheduleSpans } from "./expectation.ts";
import { counted } from "./frames.ts";
import { nameOf, RULE } from "./heartbeat.ts";
import type { Message } from "./message.ts";
import { pageButtons } from "./paging.ts";
import { KEEP } from "./pairs.ts";
import { monitorSign, monitorSpans, placeOf } from "./standing.ts";
import { bold, code, fitted, line, type Node, type Span } from "./tree.ts";
import { ago, ahead, grouped } from "./units.ts";

/** Monitors in one message. */
const SHOWN = 15;

/** Which monitors are shown. */
export interface Shown {
  /** Of one service only. */
  readonly service: string | undefined;
  /** How many are left out, of those that are down first. */
  readonly skipped: number;
  /** How many services were not looked at. */
  readonly unseen: number;
}

/** Monitors, what is down first. */
export function renderMonitors(
  monitors: readonly Standing[],
  { service, skipped, unseen }: Shown,
  now: number,
): Message {
  if (monitors.length === 0) return noMonitors(service);
  const ordered = [...monitors].sort((a, b) => placeOf(a, now) - placeOf(b, now));
  const shown = ordered.slice(skipped, skipped + SHOWN);
  const nodes = [
    line(headOf(ordered)),
    line(RULE),
    ...shown.flatMap((it) => monitorNodes(it, now)),
    ...(unseen > 0 ? [line(`${counted(unseen, "more service")} not looked at: name one to see its monitors.`)] : []),
  ];
  const pages = pageButtons("monitors", [], { first: skipped, total: monitors.length }, SHOWN, service);
  return { ...fitted(nodes), buttons: [...downButtons(shown), ...pages] };
}

function noMonitors(service: string | undefined): Message {
  const who = service === undefined ? "No service has a monitor" : `${service} has no monitor`;
  const words = [`⚪ ${who} yet. Whatever pings its address gets one: `, code('curl "$SNITCHBOT_URL/beat?every=60s"')];
  return { ...fitted([line(...words)]), buttons: [] };
}

/** `🔴 2 of 9 monitors are down` */
function headOf(monitors: readonly Standing[]): string {
  const down = monitors.filter(({ status }) => status === "down").length;
  if (down === 0) return `🟢 ${counted(monitors.length, "monitor")}, none down`;
  return `🔴 ${grouped(down)} of ${counted(monitors.length, "monitor")} ${down === 1 ? "is" : "are"} down`;
}

function monitorNodes(monitor: Standing, now: number): Node[] {
  const { last, expectation } = monitor;
  const beat = last > 0 ? ["last beat ", ago(last, now), " · "] : [];
  return [
    line(`${monitorSign(monitor, now)} `, bold(nameOf(monitor)), " · ", ...monitorSpans(monitor, now)),
    { ...line("    ", ...beat, ...scheduleSpans(expectation)), keep: KEEP.detail },
    ...reminderLines(monitor, now),
  ];
}

/** Whether the chat hears of it again while it is down. */
function reminderLines({ status, remindAt, expectation }: Standing, now: number): Node[] {
  if (status !== "down") return [];
  const words: readonly Span[] =
    remindAt > 0 ? ["reminder ", ahead(remindAt, now)] : expectation.remind ? ["acked: no more reminders"] : [];
  return words.length > 0 ? [{ ...line("    ", ...words), keep: KEEP.extra }] : [];
}

/** What can be done about the one that is down; of several nobody would know which a button means. */
function downButtons(shown: readonly Standing[]): readonly (readonly Button[])[] {
  const [one, another] = shown.filter(({ status }) => status === "down");
  if (one === undefined || another !== undefined) return [];
  return monitorButtons(one, [{ kind: "reminder", at: one.since, downSince: one.since }]);
}
