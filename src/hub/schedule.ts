/**
 * When a monitor's beats are expected, and what is said when a schedule makes no sense.
 *
 * A beat is missing when `grace` has gone by after its slot. Slots are moments, so grace is added to them as
 * milliseconds: added to a clock on the wall it would be an hour off where that clock is moved.
 *
 * Crons are read as Debian's cron and Healthchecks read them:
 *
 * - Minute, hour, day, month, weekday. When day and weekday are both given either is enough, unless one of them begins
 *   with a star: then both must fit. `L` is the last day, `LW` the last working day, `15W` the one nearest to the 15th,
 *   `5L` the last Friday, `MON#2` the second Monday.
 * - Where clocks are set forward, what falls into the gap is due once, when the gap ends; where they are set back, what
 *   comes twice is due once, the first time.
 * - But where minute or hour begins with a star, cron goes by the time that passes: what falls into the gap is not due,
 *   what comes twice is due twice.
 *
 * @see https://manpages.debian.org/cron.8
 * @see https://github.com/cuu508/cronsim
 */
import { Cron } from "croner";
import * as z from "zod";
import { parseDuration } from "../duration.ts";
import type { Expectation } from "./monitor.ts";

/** What beats are expected of a monitor. All its times are milliseconds. */
export type Schedule = Every | Crontab;

interface Patience {
  /** How long after its slot a beat is still in time. */
  readonly grace: number;
  /** The longest that a run may take. */
  readonly max?: number;
}

interface Every extends Patience {
  readonly kind: "every";
  /** From one beat to the next. */
  readonly every: number;
}

interface Crontab extends Patience {
  readonly kind: "cron";
  /** Five fields, a blank between them. */
  readonly cron: string;
  /** The zone whose clock it goes by, such as Europe/Berlin. */
  readonly tz: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;

/** How far ahead a cron is searched, in years: a leap day may be eight years off, and a search must end. */
const AHEAD = 8;

const duration = (least: number, range: string) =>
  z
    .string()
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .refine((ms) => ms >= least && ms <= YEAR, `not a time from ${range}, such as 90s, 5m, 1h30m or 1d`);

const NICKNAMES = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);
const FIELDS = ["minute", "hour", "day", "month", "weekday"];
const RANGES = ["0-59", "0-23", "1-31", "1-12 or JAN-DEC", "0-7 or SUN-SAT"];

const cron = z
  .string()
  .max(256, "longer than 256 characters")
  .transform((text) => text.trim().replace(/\s+/g, " "))
  .transform((text) => NICKNAMES.get(text.toLowerCase()) ?? text)
  .refine((text) => /^(?:[\w*?,/#-]+ ){4}[\w*?,/#-]+$/.test(text), {
    error:
      "not the five fields minute, hour, day, month and weekday, such as 0 3 * * *; seconds and years are not read",
    abort: true,
  })
  .superRefine((text, context) => {
    if (!isReadable(text)) context.addIssue(badField(text));
  });

const tz = z
  .string()
  .refine((name) => zoneOf(name) !== undefined, "not a time zone's name, such as Europe/Berlin or UTC");

const query = z
  .object({
    every: duration(10 * SECOND, "10s to 365d").optional(),
    grace: duration(0, "0 to 365d").optional(),
    max: duration(SECOND, "1s to 365d").optional(),
    cron: cron.optional(),
    tz: tz.optional(),
  })
  .superRefine((it, context) => {
    const refuse = (name: string, message: string): void => context.addIssue({ code: "custom", path: [name], message });
    if (it.every !== undefined && it.cron !== undefined) refuse("every", "stands beside cron; keep one of them");
    if (it.tz !== undefined && it.cron === undefined) refuse("tz", "stands without cron; give cron, or leave it out");
    if (it.every !== undefined || it.cron !== undefined) return;
    for (const name of ["grace", "max"] as const)
      if (it[name] !== undefined) refuse(name, "stands without a schedule; give every or cron too");
  });

/**
 * The schedule that a query asks for; `undefined` when it asks for none. What is wrong comes back as a text that names
 * the parameter and how to mend it. Takes a few milliseconds at most, whatever the query says.
 *
 * Without `tz` a cron is read in UTC. Without `grace` a beat that comes `every` so often may be late by a fifth of that,
 * from a minute to an hour. A cron's run has until the next one begins, an hour at most: its beat comes when it ends.
 */
export function readSchedule(
  texts: Readonly<Record<string, string | undefined>>,
  now: number,
): Schedule | { readonly fault: string } | undefined {
  const found = query.safeParse(texts);
  if (!found.success) return { fault: firstFault(found.error) };
  const { every, cron, tz = "UTC", max, grace } = found.data;
  const longest = max !== undefined && { max };
  if (every !== undefined) return { kind: "every", every, grace: grace ?? within(MINUTE, every / 5, HOUR), ...longest };
  if (cron === undefined) return undefined;
  if (cronSlots(cron, "UTC", now, 1).length === 0)
    return { fault: `cron: names no day in the next ${AHEAD} years; mend its day, month or weekday` };
  return { kind: "cron", cron, tz, grace: grace ?? graceOf(cron), ...longest };
}

/** Crons whose grace was worked out already; a hub sees few, again and again. */
const graces = new Map<string, number>();
const REMEMBERED = 200;
/** Long enough ago that the same expression has the same grace whenever it is asked for; on a clock that is never moved. */
const ONCE = Date.UTC(2024, 0, 1);

/** The shortest time between two slots, an hour at most. */
function graceOf(cron: string): number {
  const known = graces.get(cron);
  if (known !== undefined) return known;
  const slots = cronSlots(cron, "UTC", ONCE, 32);
  const gaps = slots.slice(1).map((slot, i) => slot - (slots[i] ?? slot));
  const grace = Math.min(...gaps, HOUR);
  if (graces.size >= REMEMBERED) graces.clear();
  graces.set(cron, grace);
  return grace;
}

/** The schedule of what is expected of a monitor. */
export function scheduleOf({ every, cron, tz = "UTC", grace }: Expectation): Schedule {
  return cron === undefined ? { kind: "every", every: every ?? YEAR, grace } : { kind: "cron", cron, tz, grace };
}

/**
 * The next `count` moments after `after` at which a beat is expected, as a row of beats that all come in time would
 * have it; fewer when a cron names fewer in the next eight years. Throws for a schedule that cannot be read here.
 */
export function nextSlots(schedule: Schedule, after: number, count: number): number[] {
  if (schedule.kind === "cron") return cronSlots(schedule.cron, schedule.tz, after, count);
  return Array.from({ length: count }, (_, i) => after + (i + 1) * schedule.every);
}

/**
 * Croner does what stands at the head of this file once it is told which years to search, how the days combine, and
 * which hours are fixed. One thing is left: what falls into a gap that ends at midnight, as in Nuuk, is not due at all.
 * So once a year a run that is missed there is found a day late; nothing is alarmed that should not be.
 */
function cronSlots(cron: string, tz: string, after: number, count: number): number[] {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = cron.split(" ");
  const year = new Date(after).getUTCFullYear();
  const years = `${year - 1}-${year + AHEAD}`; // west of Greenwich it may still be last year
  const pattern = ["0", written(minute, 59), written(hour, 23), day, month, weekday, years].join(" ");
  const slots = new Cron(pattern, {
    timezone: zoneOf(tz) ?? tz,
    domAndDow: day.startsWith("*") || weekday.startsWith("*"),
    fixedTimeRule: "no-wildcard",
    sloppyRanges: true, // 5/20 is 5-59/20
  }).nextRuns(count, new Date(after));
  return slots.map((slot) => slot.getTime());
}

/**
 * The field with its steps written out. To cron only a star at its beginning means that hours are not fixed, to croner
 * any star or step does.
 */
function written(field: string, last: number): string {
  if (field.startsWith("*")) return field;
  const items = field.replaceAll("*", `0-${last}`).split(",");
  return items.map((item) => stepped(item, last)).join(",");
}

/** `10-20/5` → `10,15,20`. What is not of this form stays, for croner to judge. */
function stepped(item: string, last: number): string {
  const [, from, to = last, step] = /^(\d{1,2})(?:-(\d{1,2}))?\/([1-9]\d?)$/.exec(item) ?? [];
  if (from === undefined || step === undefined) return item;
  const length = Math.floor((Number(to) - Number(from)) / Number(step)) + 1;
  return Array.from({ length }, (_, i) => Number(from) + i * Number(step)).join(",");
}

function isReadable(cron: string): boolean {
  try {
    cronSlots(cron, "UTC", 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** `hour 25 is none of 0-23, …` */
function badField(cron: string): string {
  const fields = cron.split(" ");
  const bad = fields.findIndex((field, i) => !isReadable(["*", "*", "*", "*", "*"].with(i, field).join(" ")));
  return `${FIELDS[bad]} ${fields[bad]} is none of ${RANGES[bad]}, nor a list, range or step of them`;
}

/**
 * The one name under which the runtime keeps a zone; `undefined` when there is no such zone. Croner remembers every name
 * it is given, and Europe/Berlin has thousands of spellings. Offsets, which some runtimes take, are refused on all.
 */
export function zoneOf(name: string): string | undefined {
  if (!/^[a-z][\w+/-]{1,63}$/i.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function within(least: number, value: number, most: number): number {
  return Math.min(Math.max(least, value), most);
}

function firstFault({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join(".")}: ${issue?.message}`;
}
