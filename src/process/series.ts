/** The recent past of a metric, in a bounded number of slots. */

/** Samples that followed each other closely, as one. */
export interface Slot {
  readonly at: number;
  count: number;
  sum: number;
}

/** Appends what came later than all the rest; slots begin at least `width` milliseconds apart. */
export function append(series: Slot[], { at, count, sum }: Slot, width: number): void {
  const last = series.at(-1);
  if (!last || at - last.at >= width) {
    series.push({ at, count, sum });
    return;
  }
  last.count += count;
  last.sum += sum;
}

/** Takes away what began at `until` or earlier. */
export function takeUntil(series: Slot[], until: number): Slot[] {
  const kept = series.findIndex(({ at }) => at > until);
  return series.splice(0, kept < 0 ? series.length : kept);
}

/** How many samples there are. */
export function countOf(series: readonly Slot[]): number {
  return series.reduce((all, { count }) => all + count, 0);
}

/** The average of all samples; `NaN` of none. */
export function meanOf(series: readonly Slot[]): number {
  return series.reduce((all, { sum }) => all + sum, 0) / countOf(series);
}

/** A straight line through a series: how much it climbs per millisecond, and which part of all movement it explains. */
export interface Trend {
  readonly slope: number;
  /** From 0 to 1, known as R². */
  readonly fit: number;
}

/** The line of the least squares; `NaN` where nothing moves. */
export function trendOf(series: readonly Slot[]): Trend {
  const points = series.map(({ at, count, sum }) => ({ x: at, y: sum / count, weight: count }));
  const all = countOf(series);
  const midX = points.reduce((sum, { x, weight }) => sum + x * weight, 0) / all;
  const midY = meanOf(series);
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const { x, y, weight } of points) {
    xx += weight * (x - midX) ** 2;
    xy += weight * (x - midX) * (y - midY);
    yy += weight * (y - midY) ** 2;
  }
  return { slope: xy / xx, fit: xy ** 2 / (xx * yy) };
}
