/** Numbers that measure something. */

/** Whether it can be a measure: no less than `least`, and no more than numbers can count. */
export function isMeasure(value: number | undefined, least = 0): value is number {
  return typeof value === "number" && value >= least && value <= Number.MAX_SAFE_INTEGER;
}

/** Rounded to a tenth: more digits only take room on the wire. */
export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
