/** What happened to many monitors at once, in one message. */
import type { Monitor, Notice } from "../../monitor.ts";
import { about } from "./expectation.ts";
import { nameOf, RULE } from "./heartbeat.ts";
import { type Down, downTime, outagesOf } from "./outages.ts";
import { KEEP } from "./pairs.ts";
import { lastBefore } from "./stories.ts";
import { type Formatted, MOST_ENTITIES } from "./text.ts";
import { fitted, line, type Node, type Span } from "./tree.ts";
import { clock, grouped } from "./units.ts";

/** A monitor, and what is pending about it. */
export interface Pending {
  readonly monitor: Monitor;
  readonly notices: readonly Notice[];
}

/** One line of the list, and its place there: the least comes first. */
interface Item {
  readonly place: number;
  readonly spans: readonly Span[];
}

/**
 * Monitors that went down together, the oldest sign of life first, or came back together, the longest down first.
 *
 * `expected` is how many were to beat, where so few did that it is rather the way to us that is down.
 */
export function fleetMessage(
  kind: "down" | "up",
  monitors: readonly Pending[],
  now: number,
  expected?: number,
): Formatted {
  const items = monitors.map((it) => (kind === "down" ? downItem(it, now) : upItem(it)));
  const nodes = items
    .sort((a, b) => a.place - b.place)
    .slice(0, MOST_ENTITIES) // a message has no room for more times, and laying out thousands of lines takes seconds
    .map(({ spans }): Node => ({ ...line(...spans), keep: KEEP.detail }));
  const head =
    kind === "down" ? downHead(monitors, now, expected) : [`✅ ${grouped(monitors.length)} monitors beat again`];
  const note = (hidden: number): string => (hidden > 0 ? `and ${grouped(hidden)} more` : "");
  return fitted([line(...head), line(RULE), { kind: "block", nodes, hidden: items.length - nodes.length, note }]);
}

/** `🔴 12 monitors are silent since 14:18:10 UTC` */
function downHead(monitors: readonly Pending[], now: number, expected?: number): readonly Span[] {
  const opens = monitors.flatMap(({ notices }) => outagesOf(notices).open ?? []);
  const since = clock(Math.min(...opens.map(downSince)), now);
  const count = grouped(monitors.length);
  if (expected !== undefined) {
    return [`🔴 ingest or network? ${count} of ${grouped(expected)} monitors fell silent together, since `, since];
  }
  return [`🔴 ${count} monitors are ${opens.every(({ kind }) => kind === "silent") ? "silent" : "down"} since `, since];
}

function downSince(down: Down): number {
  return down.kind === "reminder" ? down.downSince : down.at;
}

function downItem({ monitor, notices }: Pending, now: number): Item {
  const { open } = outagesOf(notices);
  const [what, at] = open ? signOf(open, monitor) : ["last beat", monitor.last];
  return { place: at, spans: [`${nameOf(monitor)} · ${what} `, clock(at, now)] };
}

/** The last that was seen of it, and when. */
function signOf(down: Down, monitor: Monitor): readonly [what: string, at: number] {
  switch (down.kind) {
    case "silent": {
      const last = lastBefore(monitor, down.at);
      return last === undefined ? ["no beat by", down.at] : ["last beat", last];
    }
    case "stuck":
      return ["stuck in a run since", down.began];
    case "failed":
      return [down.exit === 0 ? "failed at" : `failed with exit status ${down.exit} at`, down.at];
    case "reminder":
      return ["still down since", down.downSince];
  }
}

function upItem({ monitor, notices }: Pending): Item {
  const { over } = outagesOf(notices);
  const time = downTime(over);
  const often =
    over.length > 1 ? `down ${grouped(over.length)} times, ${about(time)} in all` : `was down for ${about(time)}`;
  return { place: -time, spans: [`${nameOf(monitor)} · ${often}`] };
}
