/** Times on a chart, all of them UTC. */
import type { Tick } from "./axis.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY),
];

/** Full minutes, hours or days within a stretch of time, at most so many. */
export function timeTicks(from: number, to: number, most: number): readonly Tick[] {
  const span = (to - from) / most;
  const step = STEPS.find((it) => it >= span) ?? Math.ceil(span / DAY) * DAY;
  const first = Math.ceil(from / step) * step;
  const count = Math.floor((to - first) / step) + 1;
  return Array.from({ length: count }, (_, i) => first + i * step).map((at) => ({ at, label: labelOf(at, step) }));
}

/** `12:16:30`, `12:16`; the day at midnight, `21 Nov`. */
function labelOf(at: number, step: number): string {
  if (step >= DAY || at % DAY === 0) return dayOf(at);
  return clockOf(at).slice(0, step < MINUTE ? 8 : 5);
}

/** `12:16:30` */
export function clockOf(at: number): string {
  return new Date(at).toISOString().slice(-13, -5);
}

function dayOf(at: number): string {
  const [, day, month] = new Date(at).toUTCString().split(" ");
  return `${Number(day)} ${month}`;
}

/** `2026-04-17 12:16:34 → 12:17:35 UTC`; with both days and without seconds when it ends on another day. */
export function rangeOf(from: number, to: number): string {
  const [begin, end] = [dated(from), dated(to)];
  if (begin.slice(0, -9) === end.slice(0, -9)) return `${begin} → ${end.slice(-8)} UTC`;
  return `${begin.slice(0, -3)} → ${end.slice(-14, -3)} UTC`;
}

/** `2026-04-17 12:16:34` */
function dated(at: number): string {
  return new Date(at).toISOString().slice(0, -5).replace("T", " ");
}
