/** The recent past of one metric: a short window, and the baseline before it. */
import type { Span } from "./rules.ts";
import { append, countOf, meanOf, type Slot, type Trend, takeUntil, trendOf } from "./series.ts";

/** An average of fewer samples says nothing. */
const LEAST = 3;
/** Into how many slots a window and a baseline are divided. */
const WINDOW_SLOTS = 12;
const BASELINE_SLOTS = 60;
/** Which part of the window has to be there: a process may work hard while it starts. */
const HALF = 0.5;
/** Which part of the baseline has to be there before it is compared with: what starts is not as usual. */
const QUARTER = 0.25;
/** Which part of it has to be there before a line is drawn through it. */
const FULL = 0.9;

/** What a look back shows. */
export interface Look {
  /** The window's average. */
  readonly average: number;
  /** The middle one of the latest three samples, so that no single one counts. */
  readonly latest: number;
  /** The baseline's average, once a quarter of it is there. */
  readonly usual: number | undefined;
  /** The lines through the baseline and through its newer half, once it is full. */
  readonly trend: { readonly whole: Trend; readonly newer: Trend } | undefined;
}

/**
 * Nothing happened yet. The returned function takes a sample and looks back, unless there is too little to see. It
 * keeps some 70 slots, however long window and baseline are; what leaves the window is baseline.
 */
export function createPast(span: {
  readonly window: Span;
  readonly baseline: Span;
}): (at: number, value: number) => Look | undefined {
  const window: Slot[] = [];
  const baseline: Slot[] = [];
  const latest: number[] = [];
  let last = -Infinity;

  const forget = (): void => {
    for (const list of [window, baseline, latest]) list.length = 0;
  };

  const take = (at: number, value: number): void => {
    if (at < last) forget(); // the clock was set back: nobody knows how long ago the rest was
    last = at;
    append(window, { at, count: 1, sum: value }, span.window.ms / WINDOW_SLOTS);
    for (const slot of takeUntil(window, at - span.window.ms))
      append(baseline, slot, span.baseline.ms / BASELINE_SLOTS);
    takeUntil(baseline, at - span.window.ms - span.baseline.ms);
    latest.push(value);
    latest.splice(0, latest.length - LEAST);
  };

  const trend = (): Look["trend"] => {
    const isWhole = has(baseline, FULL * span.baseline.ms) && baseline.length > BASELINE_SLOTS / 2; // a pause leaves few
    return isWhole ? { whole: trendOf(baseline), newer: trendOf(baseline.slice(baseline.length / 2)) } : undefined;
  };

  return (at, value) => {
    take(at, value);
    if (!has(window, HALF * span.window.ms)) return undefined;
    return {
      average: meanOf(window),
      latest: median(latest),
      usual: has(baseline, QUARTER * span.baseline.ms) ? meanOf(baseline) : undefined,
      trend: trend(),
    };
  };
}

/** Whether it is so long, and has enough samples. */
function has(series: readonly Slot[], ms: number): boolean {
  return Number(series.at(-1)?.at) - Number(series[0]?.at) >= ms && countOf(series) >= LEAST;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
