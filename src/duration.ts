/** Durations at the door, as people write them; milliseconds inside. No imports: the client reads them too. */

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * The milliseconds of `30s`, `5m`, `1h30m`, `1d` or `2w`, in either case and with blanks anywhere; `5 min` is read as
 * well. A bare number counts seconds. `undefined` for all else: signs, fractions, other units.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * UNITS.s;
  if (!/^(?:\s*\d{1,9}\s*(?:min|[wdhms]))+\s*$/i.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)\s*([wdhms])/g))
    sum += Number(count) * UNITS[unit as keyof typeof UNITS];
  return sum;
}
