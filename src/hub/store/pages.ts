/**
 * How vitals are written down. Time is cut into steps, and steps into pages; a page is one field of the service's hash, so
 * that a beat reads and writes only the few that it is about, however much is kept. README.md beside this file tells the fields.
 *
 * An amount is three digits of base 64: `---` for none, else one more than a number of grains. Up to 16,383 grains are exact,
 * more have 14 significant bits; a greater number has a greater code.
 */
import type { Vitals } from "../../event.ts";
import type { Sample, Vital } from "../vitals.ts";

/** One coarseness: pages of entries, an entry for each step. Steps and pages are counted from 1970 on. */
export interface Grade {
  /** How its fields begin. */
  readonly field: string;
  /** Milliseconds that an entry is about. */
  readonly step: number;
  /** Entries on a page. */
  readonly entries: number;
  /** Pages in use; the next one takes the place of the oldest. */
  readonly pages: number;
  /** Characters of an entry. */
  readonly size: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const QUARTER = 15 * MINUTE;

/** Characters of a reading: the six amounts of a sample. */
const READING = 6 * 3;

/** Samples for an hour: pages of ten minutes. */
export const SAMPLES: Grade = { field: "vs:", step: 5 * SECOND, entries: 120, pages: 7, size: READING };
/** Minutes for a day: pages of an hour. An entry is the averages, then the maxima. */
export const MINUTES: Grade = { field: "vm:", step: MINUTE, entries: 60, pages: 25, size: 2 * READING };
/** Quarters of an hour for a week: pages of a day. */
export const QUARTERS: Grade = { field: "vq:", step: QUARTER, entries: 96, pages: 8, size: 2 * READING };
/** Errors of each minute, for a day. */
export const ERROR_MINUTES: Grade = { field: "em:", step: MINUTE, entries: 60, pages: 25, size: 3 };
/** Errors of each quarter of an hour, for a week: their sum, then those of the worst minute. */
export const ERROR_QUARTERS: Grade = { field: "eq:", step: QUARTER, entries: 96, pages: 8, size: 6 };

/** The amounts of a sample, in their order, and how much a grain of each is. */
const VITALS: readonly (readonly [name: Vital, grain: number])[] = [
  ["rss", 1_024],
  ["cpu", 0.1],
  ["fds", 1],
  ["threads", 1],
  ["loopMs", 0.1],
  ["heap", 1_024],
];

/** Of base 64, in their order. */
export const DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const VALUES = new Map([...DIGITS].map((digit, value) => [digit.charCodeAt(0), value]));
const EXACT = 2 ** 14;
const MOST = 64 ** 3 - 2;

/** A sample may come so late; what is older is as good as lost. */
const LATE = QUARTER;

/** The newest sample, as the hash keeps it. */
export function newestOf(samples: readonly Vitals[] = []): string {
  const newest = samples.at(-1);
  return newest ? JSON.stringify(newest) : "";
}

/**
 * Samples as a script takes them: `step=reading`, a word each. The newest of them was taken moments ago: where its clock says
 * that it was later than now, or long before, all of them are moved by as much.
 */
export function wordsOf(samples: readonly Vitals[], now: number): string {
  const newest = Math.max(...samples.map(({ at }) => at));
  const shift = newest > now || newest < now - LATE ? now - newest : 0;
  return samples
    .map((sample) => ({ at: sample.at + shift, reading: readingOf(sample) }))
    .filter(({ at }) => at >= now - LATE)
    .map(({ at, reading }) => `${Math.floor(at / SAMPLES.step)}=${reading}`)
    .join(" ");
}

function readingOf(sample: Vitals): string {
  return VITALS.map(([name, grain]) => textOf(sample[name], grain)).join("");
}

function textOf(amount: number | undefined, grain: number): string {
  if (amount === undefined) return "---";
  const grains = Math.round(amount / grain);
  const exponent = grains < EXACT ? 0 : Math.floor(Math.log2(grains)) - 13;
  const code = Math.min(MOST, (exponent * EXACT) / 2 + Math.round(grains / 2 ** exponent)) + 1;
  return [code >> 12, (code >> 6) & 63, code & 63].map((digit) => DIGITS[digit]).join("");
}

/** An amount in grains; `undefined` where there is none. */
function grainsAt(text: string, at: number): number | undefined {
  const digit = (i: number) => VALUES.get(text.charCodeAt(at + i)) ?? 0;
  const code = digit(0) * 4_096 + digit(1) * 64 + digit(2) - 1;
  if (code < 0) return undefined;
  const exponent = code < EXACT ? 0 : Math.floor((2 * code) / EXACT) - 1;
  return (code - (exponent * EXACT) / 2) * 2 ** exponent;
}

/** What a step measured, on average and at most. */
export function measuresAt(page: string, { place }: Entry, { size }: Grade): Pick<Sample, "mean" | "high"> {
  return { mean: vitalsAt(page, place), high: vitalsAt(page, place + size - READING) };
}

function vitalsAt(text: string, at: number): Partial<Record<Vital, number>> {
  const vitals: Partial<Record<Vital, number>> = {};
  VITALS.forEach(([name, grain], i) => {
    const grains = grainsAt(text, at + 3 * i);
    if (grains !== undefined) vitals[name] = grain < 1 ? Math.round(grains) / 10 : grains * grain;
  });
  return vitals;
}

/** The errors of a step, and those of its worst minute. */
export function errorsAt(
  page: string,
  { place }: Entry,
  { size }: Grade,
): { readonly sum: number; readonly high: number } {
  return { sum: grainsAt(page, place) ?? 0, high: grainsAt(page, place + size - 3) ?? 0 };
}

/** Which of the pages in use may hold a stretch of time, oldest first. */
export function pagesOf({ step, entries, pages }: Grade, from: number, to: number): readonly number[] {
  const first = Math.floor(from / step / entries);
  const last = Math.floor(to / step / entries);
  const many = Math.min(pages, last - first + 1);
  return Array.from({ length: many }, (_, i) => (last - many + 1 + i) % pages);
}

/** An entry of a page, by where it stands in the text. */
export interface Entry {
  /** When its step began. */
  readonly at: number;
  readonly place: number;
}

/** The entries of a page that begin in a stretch of time; none of a page that is about another time. */
export function entriesOf(page: string, { step, entries, size }: Grade, from: number, to: number): readonly Entry[] {
  const start = page.indexOf(" ") + 1;
  const begun = Number(page.slice(0, start)) * entries * step;
  const many = Math.floor((page.length - start) / size);
  return Array.from({ length: many }, (_, i) => ({ at: begun + i * step, place: start + i * size })).filter(
    ({ at }) => at > from - step && at <= to,
  );
}
