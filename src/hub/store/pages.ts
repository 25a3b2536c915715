/**
 * How vitals are written down. Time is cut into steps, and steps into pages; a page is one field of the service's hash, so
 * that a beat reads and writes only the few that it is about, however much is kept. README.md beside this file tells the fields.
 *
 * An amount is three digits of base 64: `---` for none, else one more than a number of grains. Up to 16,383 grains are exact,
 * more have 14 significant bits; a greater number has a greater code.
 */
import type { Vitals } from "../../event.ts";
import type { ErrorRate, Sample, Vital } from "../vitals.ts";

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
/** What a digit is worth, by its character's code. */
const VALUES: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  Math.max(0, DIGITS.indexOf(String.fromCharCode(code))),
);
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

/** An amount in grains; -1 where there is none. */
function grainsAt(text: string, at: number): number {
  const digit = (i: number) => VALUES[text.charCodeAt(at + i)] ?? 0;
  const code = digit(0) * 4_096 + digit(1) * 64 + digit(2) - 1;
  if (code < EXACT) return code;
  const exponent = Math.floor((2 * code) / EXACT) - 1;
  return (code - (exponent * EXACT) / 2) * 2 ** exponent;
}

/** A stretch of time; milliseconds since 1970. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Which of the pages in use may hold a stretch of time, oldest first. */
export function pagesOf({ step, entries, pages }: Grade, { from, to }: Stretch): readonly number[] {
  const first = Math.floor(from / step / entries);
  const last = Math.floor(to / step / entries);
  const many = Math.min(pages, last - first + 1);
  return Array.from({ length: many }, (_, i) => (last - many + 1 + i) % pages);
}

/** Pages as the store has them, oldest first; null where there is none. */
type Pages = readonly (string | null)[];

/** Calls `visit` with each entry of a stretch of time, by when its step began and where it stands on its page. */
function visitEntries(
  pages: Pages,
  { step, entries, size }: Grade,
  { from, to }: Stretch,
  visit: (at: number, page: string, place: number) => void,
): void {
  for (const page of pages) {
    if (page === null) continue;
    const start = page.indexOf(" ") + 1;
    const begun = Number(page.slice(0, start)) * entries * step;
    const first = Math.max(0, Math.floor((from - begun) / step));
    for (let i = first; start + i * size < page.length && begun + i * step <= to; i++) {
      visit(begun + i * step, page, start + i * size);
    }
  }
}

/** What was measured of one vital in a step. */
interface Measured {
  sum: number;
  count: number;
  high: number;
}

/** The samples of a stretch of time, all that are in one `step` together. */
export function samplesOf(pages: Pages, grade: Grade, step: number, stretch: Stretch): readonly Sample[] {
  const steps = new Map<number, Measured[]>();
  visitEntries(pages, grade, stretch, (entryAt, page, place) => {
    const at = Math.floor(entryAt / step) * step;
    const measured = steps.get(at) ?? VITALS.map(() => ({ sum: 0, count: 0, high: 0 }));
    steps.set(at, measured);
    measured.forEach((it, i) => {
      const mean = grainsAt(page, place + 3 * i);
      if (mean < 0) return;
      it.sum += mean;
      it.count += 1;
      it.high = Math.max(it.high, grainsAt(page, place + grade.size - READING + 3 * i));
    });
  });
  return [...steps]
    .filter(([, measured]) => measured.some(({ count }) => count > 0))
    .map(([at, measured]) => ({
      at,
      mean: amountsOf(measured, ({ sum, count }) => sum / count),
      high: amountsOf(measured, ({ high }) => high),
    }));
}

function amountsOf(measured: readonly Measured[], grainsOf: (it: Measured) => number): Sample["mean"] {
  const amounts: Partial<Record<Vital, number>> = {};
  VITALS.forEach(([name, grain], i) => {
    const it = measured[i];
    // Not `× 0.1`: 3 × 0.1 is not 0.3.
    if (it && it.count > 0) amounts[name] = grain < 1 ? grainsOf(it) / (1 / grain) : grainsOf(it) * grain;
  });
  return amounts;
}

/** The errors of a stretch of time, all that are in one `step` together. */
export function ratesOf(pages: Pages, grade: Grade, step: number, stretch: Stretch): readonly ErrorRate[] {
  const steps = new Map<number, { sum: number; high: number }>();
  visitEntries(pages, grade, stretch, (entryAt, page, place) => {
    const sum = grainsAt(page, place);
    if (sum <= 0) return;
    const at = Math.floor(entryAt / step) * step;
    const before = steps.get(at) ?? { sum: 0, high: 0 };
    steps.set(at, { sum: before.sum + sum, high: Math.max(before.high, grainsAt(page, place + grade.size - 3)) });
  });
  return [...steps].map(([at, { sum, high }]) => ({ at, mean: (sum * MINUTE) / step, high }));
}
