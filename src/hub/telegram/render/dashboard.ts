/** The dashboard: how everything is, in one message that stays at the top of the chat. */
import type { Survey } from "../../survey.ts";
import { askButton } from "./callback.ts";
import { nameOf, RULE } from "./heartbeat.ts";
import { ICONS, type Message } from "./message.ts";
import { KEEP } from "./pairs.ts";
import { more } from "./said.ts";
import { monitorSpans, reasonsText, SIGNS } from "./standing.ts";
import { headOf, type Judged, judged } from "./status.ts";
import { type Block, bold, code, fitted, type Line, line, type Node } from "./tree.ts";
import { ago } from "./units.ts";

const MOST_SERVICES = 40;
const MOST_DOWN = 15;

/**
 * How all services are, the most urgent first, what is down, and the last alert. Its times are told relative to the
 * reader's now: it ages by itself. `total` is how many services there are, should not all have been looked at.
 */
export function renderDashboard(survey: Survey, total: number, now: number): Message {
  const all = judged(survey, now);
  const nodes = [head(all, total, now), line(RULE), ...bodyOf(all, total, now)];
  return said(...nodes, line("Updated ", ago(now, now)));
}

/** What a dashboard tells but for when it was told: two that are alike in this need no edit. */
export function traitsOf({ text, entities }: Message): string {
  const times = entities.flatMap((it) => (it.type === "date_time" ? [it] : [])).reverse();
  const [updated, ...others] = times;
  const told = text.slice(0, updated?.offset);
  return others.reduce((rest, { offset, length, unix_time: at }) => {
    return `${rest.slice(0, offset)}${at}${rest.slice(offset + length)}`;
  }, told);
}

/** What the dashboard's message says when somebody has switched it off. */
export function renderDashboardOver(now: number): Message {
  return said(
    line("📌 This dashboard was switched off ", ago(now, now), "."),
    line(code("/dashboard on"), " makes another."),
  );
}

/** Said once in a chat in which we may not pin anything. */
export function renderPinHint(): Message {
  return said(line("💡 Let me pin messages, and the dashboard stays at the top of the chat."));
}

/** Whether there is a dashboard, and when it was last rewritten; `at` is absent until it is there. */
export function renderDashboardState(state: "on" | "off", at: number | undefined, now: number): Message {
  if (state === "off") return { ...said(line("📌 There is no dashboard.")), buttons: switchTo("on", "📌 switch on") };
  const words = at === undefined ? ["it is here in a minute or two"] : ["last changed ", ago(at, now)];
  return { ...said(line("📌 The dashboard is on: ", ...words, ".")), buttons: switchTo("off", "switch off") };
}

/** The dashboard was switched. */
export function renderDashboardSwitched(to: "on" | "off", hasChanged: boolean): Message {
  if (!hasChanged) return said(line(`📌 The dashboard is ${to} already.`));
  if (to === "off") return said(line("📌 The dashboard is off: its message stays, and says so."));
  return said(line("📌 The dashboard is on: it is here in a minute or two, and keeps itself up to date."));
}

function switchTo(to: "on" | "off", text: string): Message["buttons"] {
  const button = askButton(text, "dashboard", [to]);
  return button ? [[button]] : [];
}

function said(...nodes: readonly Node[]): Message {
  return { ...fitted(nodes), buttons: [] };
}

function bodyOf(all: readonly Judged[], total: number, now: number): readonly Node[] {
  const shown = all.slice(0, MOST_SERVICES).map(serviceLine);
  return [
    { kind: "block", nodes: shown, hidden: total - shown.length, note: more },
    downBlock(all, now),
    ...lastAlert(all, now),
  ];
}

/** That nothing runs any more, and since when; else how the worst are. */
function head(all: readonly Judged[], total: number, now: number): Line {
  const stopped = stoppedAt(all);
  return stopped === undefined ? line(headOf(all, total)) : line("⏹ All stopped ", ago(stopped, now));
}

/** When the last of the services that beat said that it stops; `undefined` while one has not, or none beats. */
function stoppedAt(all: readonly Judged[]): number | undefined {
  const monitors = all.flatMap(({ service }) => service.monitors.filter(({ name }) => name === ""));
  const hasStopped = monitors.length > 0 && monitors.every(({ status }) => status === "resting");
  return hasStopped ? Math.max(...monitors.map(({ since }) => since)) : undefined;
}

/** `🔴 orders-api · nightly-etl down` */
function serviceLine({ service: { service, monitors }, health }: Judged): Line {
  const isStopped = monitors.some(({ name, status }) => name === "" && status === "resting");
  const words = [isStopped ? "stopped" : "", reasonsText(health)].filter(Boolean).map((it) => ` · ${it}`);
  return { ...line(`${SIGNS[health.colour]} `, bold(service), ...words), keep: KEEP.place };
}

function downBlock(all: readonly Judged[], now: number): Block {
  const down = all.flatMap(({ service }) => service.monitors.filter(({ status }) => status === "down"));
  const nodes = down.slice(0, MOST_DOWN).map((it): Node => {
    return { ...line(`${nameOf(it)} `, ...monitorSpans(it, now)), keep: KEEP.detail };
  });
  return { kind: "block", name: "Down", nodes, hidden: down.length - nodes.length, note: more };
}

/** Of the last day, as far as it was told. */
function lastAlert(all: readonly Judged[], now: number): readonly Line[] {
  const alerts = all.flatMap(({ service: { service, kinds } }) => kinds.map((kind) => ({ ...kind, service })));
  const [last] = alerts.sort((a, b) => b.last - a.last);
  if (last === undefined) return [];
  const icon = Object.values(ICONS)[last.rank] ?? "";
  return [line(`Last alert ${icon} ${last.service} `, ago(last.last, now))];
}
