/** Numbers and times as people write them. */
import type { Span } from "./tree.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MEGABYTE = 1024 * 1024;

/** `2 690`; one digit after the point below ten, where it matters. */
export function grouped(value: number): string {
  if (!(Math.abs(value) < 1e15)) return String(value);
  const rounded = Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value);
  return String(rounded)
    .replace("-", "−")
    .replace(/\B(?=(?:\d{3})+$)/g, " ");
}

/** A measured time: `2 690 ms`, from a minute on `1m 35s`. */
export function milliseconds(ms: number): string {
  return Math.abs(ms) < MINUTE || !Number.isFinite(ms) ? `${grouped(ms)} ms` : lasting(ms);
}

const UNITS = [
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
] as const;

/** A span of time in two units at most: `12s`, `24m`, `1h 5m`, `3d`. */
export function lasting(ms: number): string {
  const fitting = UNITS.filter(([, size]) => ms >= size);
  const [[unit, size] = ["s", SECOND], next] = fitting;
  const rest = next ? Math.floor((ms % size) / next[1]) : 0;
  const most = `${grouped(Math.max(0, Math.floor(ms / size)))}${unit}`;
  return next && rest > 0 ? `${most} ${rest}${next[0]}` : most;
}

/** A span of time in one unit: `40 s`, `4 min`, `2 h`. */
export function roughly(ms: number): string {
  if (ms < 90 * SECOND) return `${grouped(Math.max(1, Math.round(ms / SECOND)))} s`;
  return ms < 90 * MINUTE ? `${grouped(Math.round(ms / MINUTE))} min` : `${grouped(Math.round(ms / HOUR))} h`;
}

/** `183 MB`, from ten thousand on `12.4 GB`. A megabyte is 2²⁰ bytes, as in `free` and the limits of platforms. */
export function megabytes(bytes: number): string {
  const size = bytes / MEGABYTE;
  return Math.abs(size) < 10_000 ? `${grouped(size)} MB` : `${(size / 1024).toFixed(1)} GB`;
}

/** How far it moved: `+160%`, `−57%`; "" from nothing. Cut, not rounded. */
export function change(from: number, to: number): string {
  const percent = Math.trunc((100 * (to - from)) / from);
  return Number.isFinite(percent) ? `${signed(percent)}%` : "";
}

/** `+780`, `−780` */
export function signed(value: number): string {
  return value < 0 ? grouped(value) : `+${grouped(value)}`;
}

/** A moment on the clock, `14:18:42 UTC` in plain text; with its date when it is half a day away or more. */
export function clock(at: number, now: number): Span {
  const isNear = Math.abs(now - at) < DAY / 2;
  if (Number.isNaN(new Date(at).getTime())) return "unknown";
  const text = new Date(at).toISOString();
  const time = `${text.slice(-13, -5)} UTC`;
  return moment(at, isNear ? time : `${text.slice(0, -14)} ${time}`, isNear ? "T" : "dT");
}

/** `14:00 UTC`: for buttons and other places that can hold no moment of each reader's own. */
export function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`;
}

/** How long ago it was: `24m ago`. In the reader's app it stays true as time goes by. */
export function ago(at: number, now: number): Span {
  const age = now - at;
  if (!Number.isFinite(age)) return "unknown";
  const coarse = age < HOUR ? age - (age % MINUTE) : age; // seconds are stale as soon as they are read
  return moment(at, age < MINUTE ? "just now" : `${lasting(coarse)} ago`, "r");
}

/** When something comes: `in 4m`; what should have come by now is some time ago. */
export function ahead(at: number, now: number): Span {
  return at > now ? moment(at, `in ${lasting(at - now)}`, "r") : ago(at, now);
}

/** Telegram takes moments from 1970 to 2038. */
function moment(at: number, text: string, format: "r" | "T" | "dT"): Span {
  const unix = Math.floor(at / SECOND);
  return unix > 0 && unix < 2 ** 31 ? { style: "time", text, unix, format } : text;
}
