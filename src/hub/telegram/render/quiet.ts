/** Quiet hours: when they are, and what happened in them. */
import type { Event } from "../../../event.ts";
import type { Standing } from "../../survey.ts";
import { askButton } from "./callback.ts";
import { counted } from "./frames.ts";
import { nameOf, RULE } from "./heartbeat.ts";
import { ICONS, label, type Message } from "./message.ts";
import { KEEP, oneLine } from "./pairs.ts";
import { more } from "./said.ts";
import { monitorSpans } from "./standing.ts";
import { MOST_ENTITIES } from "./text.ts";
import { type Block, bold, code, fitted, type Line, line, type Node } from "./tree.ts";
import { clock, grouped } from "./units.ts";

/** The quiet hours, and the quiet time that lasts or comes next. */
export interface QuietTime {
  readonly hours: string;
  readonly from: number;
  readonly to: number;
}

/** What happened in a service while it was quiet. */
export interface QuietNews {
  readonly service: string;
  readonly kinds: readonly { readonly kind: Event["kind"]; readonly rank: number; readonly count: number }[];
}

const MOST_ZONE = 40;
const MOST_SERVICES = 40;
/** Severities in the order of their ranks. */
const SEVERITIES = ["info", "warning", "error", "critical"] as const;

/** When it is quiet, and what that means. */
export function renderQuiet({ hours, from, to }: QuietTime, now: number): Message {
  const when = from <= now ? ["It is quiet now, until ", clock(to, now)] : ["It is quiet next from ", clock(from, now)];
  return said(
    line("🌙 Quiet hours: ", bold(hours)),
    line(...when, "."),
    line("What is below critical comes without a sound then, and is summed up at the end."),
    ...(hours.endsWith(" UTC")
      ? [line("Another time zone? ", code(`/quiet ${hours.replace("UTC", "Europe/Berlin")}`))]
      : []),
  );
}

/** Nobody asked for quiet hours, or somebody has just ended them. */
export function renderNoQuiet(hasEnded: boolean): Message {
  const words = hasEnded
    ? "🔔 No more quiet hours: what matters makes a sound at any time."
    : "🔔 There are no quiet hours.";
  return said(line(words), line("Such as: ", code("/quiet 23:00-07:00 Europe/Berlin")));
}

/** No zone is called so; each of the nearest is a button that sets the hours there. */
export function renderNoZone(word: string, hours: string, near: readonly string[]): Message {
  const rows = near.flatMap((zone) => {
    const button = askButton(zone, "quiet", [hours, zone]);
    return button ? [[button]] : [];
  });
  const question = rows.length > 0 ? "Did you mean:" : "Zones are called like Europe/Berlin or UTC.";
  const nodes = [line("🤔 There is no time zone ", code(oneLine(word, MOST_ZONE)), "."), line(question)];
  return { ...fitted(nodes), buttons: rows };
}

/** `🌙 While it was quiet: 27 events in 2 services`, then each with what it was, what is worst first; `down` is what is down by now. */
export function renderQuietNews(
  news: readonly QuietNews[],
  down: readonly Standing[],
  { hours }: QuietTime,
  now: number,
): Message {
  const events = news.reduce((sum, it) => sum + countOf(it), 0);
  const heads = [
    ...(events > 0 ? [`${counted(events, "event")} in ${counted(news.length, "service")}`] : []),
    ...(down.length > 0 ? [`${counted(down.length, "monitor")} went down`] : []),
  ];
  return said(
    line(`🌙 While it was quiet: ${heads.join(", ")}`),
    line(hours),
    line(RULE),
    servicesBlock(news),
    downBlock(down, now),
  );
}

function servicesBlock(news: readonly QuietNews[]): Block {
  const ordered = [...news].sort((a, b) => worstOf(b) - worstOf(a) || countOf(b) - countOf(a));
  const nodes = ordered.slice(0, MOST_SERVICES).map(serviceLine);
  return { kind: "block", nodes, hidden: news.length - nodes.length, note: more };
}

/** `orders-api 🟣 crash × 1 · 🔴 error × 14` */
function serviceLine({ service, kinds }: QuietNews): Line {
  const ordered = [...kinds].sort((a, b) => b.rank - a.rank || b.count - a.count);
  const words = ordered.map(({ kind, rank, count }) => {
    const severity = SEVERITIES[rank] ?? "error";
    return `${ICONS[severity]} ${label({ kind, severity })} × ${grouped(count)}`;
  });
  return { ...line(bold(service), ` ${words.join(" · ")}`), keep: KEEP.detail };
}

function downBlock(down: readonly Standing[], now: number): Block {
  const nodes = down.slice(0, MOST_ENTITIES / 4).map((it): Node => {
    return { ...line(`🔴 ${nameOf(it)} `, ...monitorSpans(it, now)), keep: KEEP.place };
  });
  return { kind: "block", name: "Still down", nodes, hidden: down.length - nodes.length, note: more };
}

const countOf = ({ kinds }: QuietNews): number => kinds.reduce((sum, { count }) => sum + count, 0);
const worstOf = ({ kinds }: QuietNews): number => Math.max(...kinds.map(({ rank }) => rank));

function said(...nodes: readonly Node[]): Message {
  return { ...fitted(nodes), buttons: [] };
}
