/** How services are: all of them at a glance, or one in full. */
import { byUrgency, type Colour, type Health, healthOf } from "../../health.ts";
import type { Mute } from "../../mute.ts";
import type { Instance, Standing, Survey, Surveyed, Traffic } from "../../survey.ts";
import { askButton } from "./callback.ts";
import { short } from "./details.ts";
import { counted } from "./frames.ts";
import { RULE } from "./heartbeat.ts";
import type { Message } from "./message.ts";
import { pageButtons, type ServicePart } from "./paging.ts";
import { KEEP, known, oneLine, type Pair, pairLines } from "./pairs.ts";
import { MOST_NAME, more, vitalsPairs } from "./said.ts";
import { monitorSign, monitorSpans, mutesBlock, placeOf, reasonsText, SIGNS } from "./standing.ts";
import { type Block, bold, code, fitted, type Line, line, type Node } from "./tree.ts";
import { ago, grouped, megabytes } from "./units.ts";

/** Services in one message. */
export const SERVICES_SHOWN: number = 20;
const MOST_MONITORS = 8;
const MOST_INSTANCES = 8;
const MOST_ROLE = 20;

/** A service, and how it is. */
export interface Judged {
  readonly service: Surveyed;
  readonly health: Health;
}

/** All services of a survey, the most urgent first; those that are alike in order of the alphabet. */
export function judged({ services, mutes }: Survey, now: number): readonly Judged[] {
  return services
    .map((service) => ({ service, health: healthOf(service, mutes, now) }))
    .sort((a, b) => byUrgency(a.health.colour, b.health.colour));
}

/** Said when nothing has ever come. */
export function renderNothing(): Message {
  const words = [
    "⚪ No service has told anything yet. On the machine that has the hub's settings, ",
    { style: "code", text: "npx snitchbot key my-service" } as const,
    " prints the address for one; its first event or beat shows here.",
  ];
  return { ...fitted([line(...words)]), buttons: [] };
}

/** All services at a glance, the most urgent of those that were looked at first; `window` is what traffic was counted over. */
export function renderStatuses(survey: Survey, part: ServicePart, window: string, now: number): Message {
  if (part.total === 0) return renderNothing();
  const all = judged(survey, now);
  const nodes = [
    line(`${headOf(all, part.total)} · ${window}`),
    line(RULE),
    ...shownOf(all, part).flatMap((it) => serviceNodes(it, now)),
    mutesBlock(survey.mutes, now),
  ];
  return { ...fitted(nodes), buttons: pageButtons("status", [window], part, SERVICES_SHOWN) };
}

/** Those that a part of the list shows. */
export function shownOf(all: readonly Judged[], { first, from }: ServicePart): readonly Judged[] {
  return all.slice(first - from, first - from + SERVICES_SHOWN);
}

/** `🔴 2 of 12 services need help`, `🟢 12 services are well` */
export function headOf(all: readonly Judged[], total: number): string {
  const worst = all[0]?.health.colour ?? "white";
  const count = all.filter(({ health }) => health.colour === worst).length;
  const of = `${grouped(count)} of ${counted(total, "service")}`;
  const words: Readonly<Record<Colour, string>> = {
    red: `${of} ${count === 1 ? "needs" : "need"} help`,
    yellow: `${of} ${count === 1 ? "wants" : "want"} a look`,
    white: `${of} ${count === 1 ? "has" : "have"} told nothing yet`,
    green: `${counted(total, "service")}, all well`,
  };
  return `${SIGNS[worst]} ${words[worst]}`;
}

/** The name and why it is not well; below it what happened, where something did. */
function serviceNodes({ service: it, health }: Judged, now: number): Node[] {
  const why = reasonsText(health);
  const seen = it.seen > 0 ? ["  seen ", ago(it.seen, now)] : ["  no sign of life"];
  const traffic = trafficText(it.traffic);
  return [
    line(`${SIGNS[health.colour]} `, bold(it.service), ...(why === "" ? seen : [])),
    ...(why === "" ? [] : [{ ...line(`    ${why}`), keep: KEEP.place }]),
    ...(traffic === "" ? [] : [{ ...line(`    ${traffic}`), keep: KEEP.detail }]),
  ];
}

/** `27 errors, 3 warnings`; "" when nothing happened. */
export function trafficText({ errors, warnings, slow, watchdog }: Traffic): string {
  const told = (count: number, what: string): string[] => (count > 0 ? [counted(count, what)] : []);
  return [
    ...told(errors, "error"),
    ...told(warnings, "warning"),
    ...told(slow, "slow call"),
    ...told(watchdog, "watchdog hit"),
  ].join(", ");
}

/** One service in full. */
export function renderStatus(service: Surveyed, mutes: readonly Mute[], window: string, now: number): Message {
  const health = healthOf(service, mutes, now);
  const why = reasonsText(health);
  const nodes = [
    line(`${SIGNS[health.colour]} `, bold(service.service)),
    line(RULE),
    ...(why === "" ? [] : [line(why)]),
    ...(health.colour === "white" ? [silenceLine()] : factLines(service, now)),
    trafficBlock(service.traffic, window),
    monitorsBlock(service.monitors, now),
    ...instanceBlocks(service, now),
    waitingBlock(service),
    mutesBlock(
      mutes.filter((mute) => (mute.service ?? service.service) === service.service),
      now,
    ),
  ];
  return { ...fitted(nodes), buttons: [followUps(service, window)] };
}

function silenceLine(): Line {
  return line("It has told nothing yet: its first event or beat shows here.");
}

function factLines({ release, env, runtime, started, seen }: Surveyed, now: number): readonly Line[] {
  const pairs: Pair[] = [
    ["started", started === undefined ? undefined : ago(started, now)],
    ["seen", seen > 0 ? ago(seen, now) : undefined],
    ["release", known(release)],
    ["env", known(env)],
    ["runtime", known(runtime)],
  ];
  return pairLines(pairs, KEEP.detail);
}

/** What happened in the window, numbers below each other. */
function trafficBlock({ errors, warnings, slow, watchdog }: Traffic, window: string): Block {
  const rows = [
    ["errors", errors],
    ["warnings", warnings],
    ["slow calls", slow],
    ["watchdog hits", watchdog],
  ] as const;
  const width = Math.max(...rows.map(([, count]) => grouped(count).length));
  const text = rows.map(([what, count]) => `${what.padEnd(13)}  ${grouped(count).padStart(width)}`).join("\n");
  return { kind: "block", name: `Last ${window}`, nodes: [{ kind: "pre", text }] };
}

function monitorsBlock(monitors: readonly Standing[], now: number): Block {
  const ordered = [...monitors].sort((a, b) => placeOf(a, now) - placeOf(b, now));
  const nodes = ordered.slice(0, MOST_MONITORS).map((it) => {
    const name = it.name === "" ? "" : `${oneLine(it.name, MOST_NAME)} · `;
    return { ...line(`${monitorSign(it, now)} ${name}`, ...monitorSpans(it, now)), keep: KEEP.place };
  });
  const name = monitors.length === 1 ? "Heartbeat" : "Heartbeats";
  return { kind: "block", name, nodes, hidden: monitors.length - nodes.length, note: more };
}

/** Each of several instances on a line; of one all that it measured. */
function instanceBlocks({ instances, vitals }: Surveyed, now: number): readonly Block[] {
  const newest = instances[0]?.vitals ?? vitals;
  const measured: readonly Pair[] = newest ? [...vitalsPairs(newest), ["measured", ago(newest.at, now)]] : [];
  if (instances.length < 2) return [{ kind: "block", name: "Vitals", nodes: pairLines(measured, KEEP.detail) }];
  const nodes = instances.slice(0, MOST_INSTANCES).map((it) => instanceLine(it, now));
  const name = counted(instances.length, "instance");
  return [{ kind: "block", name, nodes, hidden: instances.length - nodes.length, note: more }];
}

/** `7f3a91c2 · worker · 183 MB · 42% · 20s ago` */
function instanceLine({ name, role, vitals, seen }: Instance, now: number): Line {
  const facts = [
    role === undefined ? [] : oneLine(role, MOST_ROLE),
    vitals?.rss === undefined ? [] : megabytes(vitals.rss),
    vitals?.cpu === undefined ? [] : `${grouped(vitals.cpu)}%`,
  ].flat();
  const told = line(code(oneLine(short(name), MOST_NAME)), ...facts.map((it) => ` · ${it}`), " · ", ago(seen, now));
  return { ...told, keep: KEEP.detail };
}

/** What is known here and not in the chat yet, or never. */
function waitingBlock({ kinds, digested, lost }: Surveyed): Block {
  const waiting = kinds.filter(({ isWaiting }) => isWaiting).length;
  const nodes = [
    ...(waiting > 0 ? [line(`${counted(waiting, "message")} in the queue`)] : []),
    ...(digested > 0 ? [line(`${counted(digested, "alert")} in the digest`)] : []),
    ...(lost > 0 ? [line(`${counted(lost, "event")} dropped by the client`)] : []),
  ];
  return { kind: "block", name: "Not told yet", nodes };
}

function followUps({ service, monitors }: Surveyed, window: string) {
  return [
    askButton("🔄", "status", [window], service) ?? [],
    askButton("📜 last", "last", [], service) ?? [],
    monitors.length > 0 ? (askButton("💓 monitors", "monitors", [], service) ?? []) : [],
  ].flat();
}
