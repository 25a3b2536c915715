/** Axes of values, with round numbers on them. */
import type { Metric } from "./chart.ts";
import { METRICS, type Unit, unitOf } from "./metric.ts";

/** From 0 up: half of an axis that begins elsewhere is a story about nothing. */
export interface Axis {
  readonly unit: Unit;
  /** Where it ends, in the metric's own unit. */
  readonly top: number;
  /** From 0 to the top, at equal distances. */
  readonly ticks: readonly Tick[];
}

/** A place on an axis, and what is written there. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** 0.3 / 0.1 is a little less than 3, and 0.6 / 0.2 a little more. */
const ALMOST = 1 - 1e-9;

/** An axis that reaches at least to `peak`, in at most so many steps. */
export function axisOf(metric: Metric, peak: number, steps: number): Axis {
  const { least, isWhole } = METRICS[metric];
  const reach = Math.max(peak, least);
  const unit = unitOf(metric, reach);
  const step = stepOf(reach / unit.size / steps, isWhole && unit.size === 1);
  const count = Math.ceil((reach / unit.size / step) * ALMOST);
  const digits = digitsOf(step);
  const label = (i: number): string => (i === 0 ? "0" : `${(i * step).toFixed(digits)}${unit.name}`);
  return {
    unit,
    top: count * step * unit.size,
    ticks: Array.from({ length: count + 1 }, (_, i) => ({ at: i * step * unit.size, label: label(i) })),
  };
}

const ROUND = [1, 2, 2.5, 5, 10];

/** The smallest round number that is no less. */
function stepOf(least: number, isWhole: boolean): number {
  const wanted = isWhole ? Math.max(least, 1) : least;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const steps = ROUND.map((it) => it * power).filter((it) => !isWhole || Number.isInteger(it));
  return steps.find((it) => it >= wanted * ALMOST) ?? 10 * power;
}

/** How many digits after the point it takes to tell the multiples of a step apart. */
function digitsOf(step: number): number {
  const power = Math.floor(Math.log10(step / ALMOST));
  const isQuarter = Math.round(step / 10 ** (power - 1)) % 10 !== 0;
  return Math.max(0, (isQuarter ? 1 : 0) - power);
}
