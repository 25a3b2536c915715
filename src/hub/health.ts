/** How a service is, in one colour, and why. */

import type { Monitor } from "./monitor.ts";
import type { Mute } from "./mute.ts";
import { RANK } from "./severity.ts";
import type { Recent, Standing, Surveyed } from "./survey.ts";

/** 🔴 somebody has to look now, 🟡 somebody should look, 🟢 all is well, ⚪ nothing is known yet. */
export type Colour = "red" | "yellow" | "green" | "white";

/** How a service is. */
export interface Health {
  readonly colour: Colour;
  /** Why, the worst first; empty where all is well, or nothing known. */
  readonly reasons: readonly Reason[];
}

/** One thing that is not as it should be. */
export type Reason =
  | { readonly kind: "down" | "late" | "paused" | "lacks vitals"; readonly monitors: readonly Standing[] }
  /** Something of this severity happened of late; what is critical counts as an error. Or a mute has swallowed something. */
  | { readonly kind: "errors" | "warnings" | "muted" };

/** What happened longer ago does not colour a service any more. */
export const LATELY: number = 15 * 60_000;

const RED: ReadonlySet<Reason["kind"]> = new Set(["down", "errors"]);
const ORDER: Readonly<Record<Colour, number>> = { red: 0, yellow: 1, white: 2, green: 3 };

/** How a service is now. Its {@link Surveyed.kinds} have to reach back as far as {@link LATELY}. */
export function healthOf(service: Surveyed, mutes: readonly Mute[], now: number): Health {
  const reasons = [
    ...monitorReasons(service, (it) => it.status === "down", "down"),
    ...eventReasons(service, mutes, now),
    ...monitorReasons(service, (it) => isLate(it, now), "late"),
    ...monitorReasons(service, ({ lacksVitals }) => lacksVitals, "lacks vitals"),
    ...monitorReasons(service, ({ status }) => status === "paused", "paused"),
  ];
  if (reasons.some(({ kind }) => RED.has(kind))) return { colour: "red", reasons };
  if (reasons.length > 0) return { colour: "yellow", reasons };
  return { colour: isKnown(service) ? "green" : "white", reasons };
}

/** Orders what is worse before what is better. */
export function byUrgency(a: Colour, b: Colour): number {
  return ORDER[a] - ORDER[b];
}

/** Its beat should have come, but it is not down yet. */
export function isLate({ status, isRunning, expected }: Monitor, now: number): boolean {
  return status === "up" && !isRunning && expected > 0 && now > expected;
}

/** Whether a mute keeps this kind from being told: one of it, of its service, or of all. */
export function isMuted(service: string, fingerprint: string, mutes: readonly Mute[], now: number): boolean {
  return mutes.some(
    (mute) =>
      mute.until > now && (mute.service ?? service) === service && (mute.fingerprint ?? fingerprint) === fingerprint,
  );
}

function monitorReasons(
  { monitors }: Surveyed,
  isSo: (monitor: Standing) => boolean,
  kind: "down" | "late" | "paused" | "lacks vitals",
): readonly Reason[] {
  const found = monitors.filter(isSo);
  return found.length > 0 ? [{ kind, monitors: found }] : [];
}

function eventReasons({ service, kinds }: Surveyed, mutes: readonly Mute[], now: number): readonly Reason[] {
  const lately = kinds.filter(({ last }) => now - last < LATELY);
  const isHushed = ({ fingerprint, rank }: Recent) => rank < RANK.critical && isMuted(service, fingerprint, mutes, now);
  const open = lately.filter((it) => !isHushed(it));
  const hasErrors = open.some(({ rank }) => rank >= RANK.error);
  const hasWarnings = open.some(({ rank }) => rank === RANK.warning);
  const hasMuted = lately.some((it) => it.rank >= RANK.error && isHushed(it));
  const hasSwallowed = mutes.some((mute) => mute.until > now && mute.service === service && mute.swallowed > 0);
  return [
    ...(hasErrors ? [{ kind: "errors" } as const] : hasWarnings ? [{ kind: "warnings" } as const] : []),
    ...(hasMuted || hasSwallowed ? [{ kind: "muted" } as const] : []),
  ];
}

function isKnown({ seen, monitors }: Surveyed): boolean {
  return seen > 0 || monitors.some(({ status }) => status !== "new");
}
