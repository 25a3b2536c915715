/**
 * Quiet hours as people write them, and when they come. They go by the clock on the wall of a time zone: where that is
 * set forward or back, the quiet time is an hour shorter or longer.
 */
import { nextSlots, zoneOf } from "./schedule.ts";
import { nearest } from "./telegram/commands/words.ts";

/** From one time of day to another, which may be on the next day; minutes since midnight. */
export interface Hours {
  readonly from: number;
  readonly to: number;
  /** The zone whose clock they go by, such as Europe/Berlin. */
  readonly zone: string;
}

/** What was written instead of hours, as far as it can be told. */
export type Misread =
  /** No two times of day. */
  | { readonly kind: "unclear" }
  /** From a time to the same: silence without an end is what mutes are for. */
  | { readonly kind: "whole day" }
  /** There is no such zone; `near` are the names that may have been meant, `hours` what was understood: `23:00-07:00`. */
  | { readonly kind: "zone"; readonly word: string; readonly near: readonly string[]; readonly hours: string };

const DAY = 24 * 60;
const NEAR = 4;
/** No city's name is longer; somebody may write a novel. */
const MOST_CITY = 32;
/** Longer than a day on which clocks are set back. */
const TWO_DAYS = 48 * 3_600_000;

const TIME = String.raw`(midnight|noon|\d{1,4}(?:[:.h]\d{2})?\s?(?:h|[ap]\.?m\.?)?)`;
const RANGE = new RegExp(`^(?:from |between )?${TIME}\\s?-\\s?${TIME}(?:\\s+(?:in\\s+)?(.+))?$`, "i");

/**
 * Reads `23:00-07:00 Europe/Berlin`, `23-7`, `11pm – 7am berlin`, `from 22.30 to 6 utc`. Without a zone it is UTC: a chat
 * does not tell where its readers are.
 */
export function readHours(words: readonly string[]): Hours | Misread {
  const text = words.join(" ").replace(/\s?[‐-―−~]\s?|\s(?:to|till|until|and|bis)\s/gi, "-");
  const [, first = "", second = "", place = "UTC"] = RANGE.exec(text) ?? [];
  const [from, to] = [minutesOf(first), minutesOf(second)];
  if (from === undefined || to === undefined) return { kind: "unclear" };
  if (from === to) return { kind: "whole day" };
  const zone = zoneNamed(place);
  if (typeof zone === "string") return { from, to, zone };
  return { kind: "zone", word: place, near: zone, hours: `${wall(from)}-${wall(to)}` };
}

/** `23:00-07:00 Europe/Berlin`, which {@link readHours} reads again. */
export function hoursText({ from, to, zone }: Hours): string {
  return `${wall(from)}-${wall(to)} ${zone}`;
}

/** The quiet time that lasts at `now`, or the one that comes next. */
export function quietTime({ from, to, zone }: Hours, now: number): { readonly from: number; readonly to: number } {
  const [end = now] = slots(to, zone, now, 1);
  const begins = slots(from, zone, end - TWO_DAYS, 3).filter((begin) => begin < end);
  return { from: begins.at(-1) ?? end, to: end };
}

function slots(minutes: number, zone: string, after: number, count: number): readonly number[] {
  const cron = `${minutes % 60} ${Math.floor(minutes / 60)} * * *`;
  return nextSlots({ kind: "cron", cron, tz: zone, grace: 0 }, after, count);
}

/** `23`, `23:00`, `2300`, `11 pm` as minutes since midnight. */
function minutesOf(text: string): number | undefined {
  const written = text.toLowerCase().replace(/\s/g, "").replace("midnight", "24").replace("noon", "12");
  const [, hour, minute = "0", half] = /^(\d{1,2})[:.h]?(\d{2})?h?(?:([ap])\.?m\.?)?$/.exec(written) ?? [];
  const hours = half === undefined ? Number(hour ?? Number.NaN) : hourOf(Number(hour), half);
  const minutes = hours * 60 + Number(minute);
  return Number(minute) < 60 && minutes <= DAY ? minutes % DAY : undefined;
}

function hourOf(hour: number, half: string): number {
  return hour >= 1 && hour <= 12 ? (hour % 12) + (half === "p" ? 12 : 0) : Number.NaN;
}

function wall(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** A zone's name, as `Europe/Berlin`, `berlin`, `new york` or `UTC` say it; else the names that are like it. */
function zoneNamed(words: string): string | readonly string[] {
  const word = words.trim().replace(/\s+/g, "_");
  const all = Intl.supportedValuesOf("timeZone");
  const called = zoneOf(word) ?? cityZone(word, all);
  if (called !== undefined) return called;
  const cities = nearest(cityOf(word).slice(0, MOST_CITY), [...new Set(all.map(cityOf))], NEAR);
  return cities.flatMap((near) => all.filter((name) => cityOf(name) === near)).slice(0, NEAR);
}

/** The one zone that is called so in any region, by a name of today or of before. */
function cityZone(city: string, all: readonly string[]): string | undefined {
  const regions = new Set(all.map((name) => name.slice(0, Math.max(0, name.lastIndexOf("/")))));
  const found = new Set([...regions].flatMap((region) => zoneOf(`${region}/${city}`) ?? []));
  const [zone] = found;
  return found.size === 1 ? zone : undefined;
}

function cityOf(zone: string): string {
  return zone.slice(zone.lastIndexOf("/") + 1).toLowerCase();
}
