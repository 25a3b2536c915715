/** Many alerts in one message. */
import { KEEP, type Pair, pairLines } from "./pairs.ts";
import type { Formatted } from "./text.ts";
import { code, fitted, line } from "./tree.ts";
import { grouped, roughly } from "./units.ts";

/** What was merged: alerts that did not fit the chat's budget. */
export interface Digest {
  readonly service: string;
  readonly count: number;
  /** Events that the client gave up before they could be told. */
  readonly lost?: number;
  /** How many of each kind, as far as that is known. */
  readonly kinds?: Readonly<Record<string, number>>;
  /** From when to when, milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** `📦 312 more alerts of orders-api in 4 min` */
export function digestOf({ service, count, lost = 0, kinds = {}, from, to }: Digest): Formatted {
  const time = roughly(to - from);
  const events = (n: number): string => `${grouped(n)} event${n === 1 ? "" : "s"}`;
  const gaveUp = `${service} gave up ${events(lost)} that it could not send`;
  if (count === 0) return fitted([line(`📦 ${gaveUp} in ${time}`)]);
  const pairs = Object.entries(kinds).map(([kind, n]): Pair => [kind, code(grouped(n))]);
  return fitted([
    line(`📦 ${grouped(count)} more alert${count === 1 ? "" : "s"} of ${service} in ${time}`),
    ...pairLines(pairs, KEEP.detail),
    ...(lost > 0 ? [line(gaveUp)] : []),
  ]);
}
