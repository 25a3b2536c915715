/** When, where and of what. */
import type { Event } from "../../../event.ts";
import type { Alert, Origin, Tally } from "../../alert.ts";
import { parseStack } from "../../stack.ts";
import { anomalyDetails } from "./anomaly.ts";
import { placeSpans } from "./frames.ts";
import { KEEP, known, type Pair, pairLines, valueSpan } from "./pairs.ts";
import type { Block, Span } from "./tree.ts";
import { ago, clock } from "./units.ts";

/** An event that is told later than this says how long ago it was. */
const LATE = 60_000;

export function detailsBlock({ event, origin }: Alert, tally: Tally, now: number): Block {
  const pairs = [...times(tally, now), ...ofKind(event), ...originPairs(origin)];
  return { kind: "block", name: "Details", nodes: pairLines(pairs, KEEP.detail) };
}

/** Where it ran, as far as that is known. */
export function originPairs({ release, env, host, pid, role, instance, runtime }: Origin): Pair[] {
  const pairs = { release, env, host, pid, role, instance: short(instance), runtime };
  return Object.entries(pairs).map(([key, value]) => [key, known(value)]);
}

/** The first group of a UUID tells instances apart as well as all five. */
export function short(instance: string): string {
  return /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/.test(instance) ? instance.slice(0, 8) : instance;
}

/** First and last of several, or the one time it was. */
function times({ count, first, last }: Tally, now: number): Pair[] {
  const both = (at: number) => [clock(at, now), " (", ago(at, now), ")"];
  if (count > 1 && last - first >= 1_000) {
    return [
      ["first", both(first)],
      ["last", both(last)],
    ];
  }
  return [["time", count > 1 || now - last > LATE ? both(last) : clock(last, now)]];
}

function ofKind(event: Event): Pair[] {
  const { slow, anomaly } = event;
  if (anomaly) return anomalyDetails(anomaly);
  return [
    ["location", slow?.location === undefined ? undefined : placeOf(slow.location)],
    ["caller", known(callerOf(event))],
  ];
}

/** Written as in a stack, so that it is as short. */
function placeOf(location: string): readonly Span[] {
  const [frame] = parseStack(`at ${location}`);
  return frame ? placeSpans(frame) : [valueSpan(location)];
}

/** Who wrote a note or a line of log, as loggers say it in the context. */
export function callerOf({ kind, context }: Event): string | undefined {
  const isCalled = kind === "notify" || kind === "log";
  return isCalled && typeof context?.caller === "string" ? context.caller : undefined;
}
