/** How services and their monitors are, in a sign and a few words. */
import { type Colour, type Health, isLate, type Reason } from "../../health.ts";
import type { Mute } from "../../mute.ts";
import type { Standing } from "../../survey.ts";
import { oneLine } from "./pairs.ts";
import { more } from "./said.ts";
import { type Block, code, type Line, line, type Span } from "./tree.ts";
import { ago, ahead, clock, grouped } from "./units.ts";

export const SIGNS: Readonly<Record<Colour, string>> = { red: "🔴", yellow: "🟡", green: "🟢", white: "⚪" };

/** Monitors that are called by name; the rest is counted. */
const NAMED = 2;
const MOST_NAME = 24;
const MOST_MUTES = 5;

/** `nightly-etl down · errors in the last 15 min`; "" where there is nothing to say. */
export function reasonsText({ reasons }: Health): string {
  return reasons.map(reasonText).join(" · ");
}

function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case "errors":
    case "warnings":
      return `${reason.kind} in the last 15 min`;
    case "muted":
      return "muted events";
    case "lacks vitals":
      return withNames("no vitals of", reason.monitors).replace(/ of $/, "");
    default:
      return `${withNames("", reason.monitors)} ${reason.kind}`.trim();
  }
}

/** `nightly-etl, cleanup +3`; a service's own monitor alone needs no name. */
function withNames(before: string, monitors: readonly Standing[]): string {
  const [only] = monitors;
  if (monitors.length === 1 && only?.name === "") return `${before} `.trimStart();
  const names = monitors.slice(0, NAMED).map(({ name }) => oneLine(name, MOST_NAME) || "itself");
  const rest = monitors.length > NAMED ? ` +${grouped(monitors.length - NAMED)}` : "";
  return `${before} ${names.join(", ")}${rest}`.trimStart();
}

/** How much a monitor matters now: what is worse has a lower place. */
export function placeOf(monitor: Standing, now: number): number {
  if (monitor.status === "down") return 0;
  if (isLate(monitor, now)) return 1;
  if (monitor.lacksVitals) return 2;
  return ["paused", "resting", "new", "up"].indexOf(monitor.status) + 3;
}

/** `🔴` for what is down, `🟡` for what is late or says too little, and signs of their own for what is silenced. */
export function monitorSign(monitor: Standing, now: number): string {
  const place = placeOf(monitor, now);
  return ["🔴", "🟡", "🟡", "⏸", "💤", "⚪", "🟢"][place] ?? "⚪";
}

/** `silent since 02:30:00 UTC`, `next in 40s` */
export function monitorSpans(monitor: Standing, now: number): readonly Span[] {
  const { status, since, expected, isRunning, lacksVitals, why } = monitor;
  const vitals = lacksVitals ? [" · no vitals"] : [];
  switch (status) {
    case "down":
      return [`${why ?? "down"} since `, clock(since, now)];
    case "new":
      return ["no beat yet"];
    case "paused":
      return ["paused since ", clock(since, now)];
    case "resting":
      return ["rests until its next beat"];
    case "up":
      if (isRunning) return ["running", ...vitals];
      if (isLate(monitor, now)) return ["late, was expected ", ahead(expected, now), ...vitals];
      return expected > 0 ? ["next ", ahead(expected, now), ...vitals] : ["up since ", ago(since, now), ...vitals];
  }
}

/** What is muted now, the first to end first. */
export function mutesBlock(mutes: readonly Mute[], now: number): Block {
  const holding = mutes.filter(({ until }) => until > now).sort((a, b) => a.until - b.until);
  const nodes = holding.slice(0, MOST_MUTES).map((mute) => muteLine(mute, now));
  return { kind: "block", name: "Muted", nodes, hidden: holding.length - nodes.length, note: more };
}

/** `shop · a1b2c3d4 until 14:00:00 UTC × 27  TypeError: …` */
function muteLine({ service = "all services", fingerprint, until, swallowed, title }: Mute, now: number): Line {
  const kind: Span[] = fingerprint === undefined ? [] : [" · ", code(fingerprint)];
  const times = swallowed > 0 ? ` × ${grouped(swallowed)}` : "";
  return line("🔕 ", service, ...kind, " until ", clock(until, now), times, title ? `  ${title}` : "");
}
