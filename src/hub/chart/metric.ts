/** What each metric is called, and its numbers as people write them. */
import type { Metric } from "./chart.ts";

/** In what a panel's numbers are told: `name` follows the number, `size` is one of it in the metric's own unit. */
export interface Unit {
  readonly name: string;
  readonly size: number;
  /** Digits after the point that are always shown. @default as many as a small number needs */
  readonly digits?: number;
}

interface Kind {
  readonly title: string;
  /** From small to large; the next one is taken from ten thousand on. */
  readonly units: readonly [Unit, ...Unit[]];
  /** The axis reaches at least this far, so that a quiet process looks quiet. */
  readonly least: number;
  /** Whether a half of it makes no sense. */
  readonly isWhole: boolean;
}

const KILO = 1_000;
/** A megabyte is 2²⁰ bytes, as in `free` and the limits of platforms. */
const MEGABYTE = 2 ** 20;
const COUNTS = [
  { name: "", size: 1 },
  { name: "k", size: KILO },
  { name: "M", size: KILO ** 2 },
  { name: "G", size: KILO ** 3 },
  { name: "T", size: KILO ** 4 },
] as const;

/** What is known of each metric. */
export const METRICS: Readonly<Record<Metric, Kind>> = {
  cpu: {
    title: "CPU",
    units: [
      { name: "%", size: 1, digits: 1 },
      ...COUNTS.slice(1).map(({ name, size }) => ({ name: `${name}%`, size })),
    ],
    least: 10,
    isWhole: false,
  },
  mem: {
    title: "RSS",
    units: [
      { name: " MB", size: MEGABYTE },
      { name: " GB", size: MEGABYTE * 1024 },
      { name: " TB", size: MEGABYTE * 1024 ** 2 },
    ],
    least: 4 * MEGABYTE,
    isWhole: false,
  },
  fds: { title: "FDs", units: COUNTS, least: 4, isWhole: true },
  threads: { title: "Threads", units: COUNTS, least: 4, isWhole: true },
  loop: {
    title: "Loop",
    units: [
      { name: " ms", size: 1 },
      { name: " s", size: 1_000 },
      { name: " h", size: 3_600_000 },
    ],
    least: 0.5,
    isWhole: false,
  },
  errors: { title: "Errors", units: COUNTS, least: 4, isWhole: true },
};

/** The unit in which all numbers of a panel are told, by the highest of them. */
export function unitOf(metric: Metric, peak: number): Unit {
  const [smallest, ...larger] = METRICS[metric].units;
  return larger.reduce((unit, next) => (peak >= 10_000 * unit.size ? next : unit), smallest);
}

/** `99.2`, `183`, `0.04`: a value in a unit, without its name. */
export function numberOf(value: number, { size, digits }: Unit): string {
  const amount = value / size;
  if (digits !== undefined) return amount.toFixed(digits);
  return String(Number(amount.toFixed(amount < 1 ? 2 : amount < 10 ? 1 : 0)));
}

/** `90%`, `12.5%`: a number that somebody chose, as it was chosen. */
export function chosen(value: number, { name, size }: Unit): string {
  return Number((value / size).toFixed(2)) + name;
}

/** `99.2%`, `183 MB` */
export function measured(value: number, unit: Unit): string {
  return numberOf(value, unit) + unit.name;
}
