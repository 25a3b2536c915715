/** Many alerts in one message. */
import { KEEP } from "./pairs.ts";
import type { Formatted } from "./text.ts";
import { bold, code, fitted, type Line, line, type Node } from "./tree.ts";
import { grouped, roughly } from "./units.ts";

/** What was merged of one service, because it did not fit a limit. */
export interface Merged {
  readonly service: string;
  /** Since when, milliseconds since 1970. */
  readonly from: number;
  readonly count: number;
  /** Events that the client gave up before they could be told. */
  readonly lost: number;
  /** By kind, as far as that is known. */
  readonly kinds: readonly Kind[];
}

interface Kind {
  readonly id: string;
  /** 0 to 3, as severities go. */
  readonly rank: number;
  readonly count: number;
  readonly title: string;
}

const ICONS = ["ℹ️", "🟠", "🔴", "🟣"];
/** Kinds that get a line of their own, with their title. The rest shares lines. */
const TOP = 5;
const SHARING = 3;

/** `📦 312 more alerts of 5 services in 4 min`, then what they were, the worst and most frequent first. */
export function digestOf(services: readonly Merged[], now: number): Formatted {
  const time = roughly(now - Math.min(...services.map(({ from }) => from)));
  const count = services.reduce((sum, it) => sum + it.count, 0);
  const of = services.length === 1 ? services[0]?.service : `${services.length} services`;
  const heads = [
    ...(count > 0 ? [`${grouped(count)} more alert${count === 1 ? "" : "s"} of ${of} in ${time}`] : []),
    ...services.flatMap(({ service, lost }) =>
      lost > 0 ? [`${service} gave up ${events(lost)} that it could not send`] : [],
    ),
  ];
  const named = services.length > 1;
  return fitted([
    ...heads.map((head, i) => line(i === 0 ? `📦 ${head}` : head)),
    ...services.flatMap((it) => linesOf(it, named)),
  ]);
}

function linesOf({ service, count, kinds }: Merged, isNamed: boolean): Node[] {
  const ordered = [...kinds].sort((a, b) => b.rank - a.rank || b.count - a.count);
  const others = count - kinds.reduce((sum, kind) => sum + kind.count, 0);
  return [
    ...(isNamed && count > 0 ? [line(bold(service), ` × ${grouped(count)}`)] : []),
    {
      kind: "block",
      nodes: [...ordered.slice(0, TOP).map(lineOf), ...inThrees(ordered.slice(TOP))],
      note: (hidden) => (hidden > 0 ? `and ${grouped(hidden)} more kinds` : ""),
    },
    ...(others > 0 && kinds.length > 0 ? [line(`and ${events(others)} of other kinds`)] : []),
  ];
}

function lineOf({ id, rank, count, title }: Kind): Line {
  return { ...line(`${ICONS[rank]} `, code(id), ` × ${grouped(count)}  ${title}`), keep: KEEP.detail };
}

function inThrees(kinds: readonly Kind[]): Line[] {
  const words = kinds.map(({ id, count }) => `${id}×${count}`);
  return words.flatMap((_, i) => {
    const some = words.slice(i, i + SHARING);
    return i % SHARING === 0 ? [{ ...line(some.join(" ")), keep: KEEP.frame, weight: some.length }] : [];
  });
}

const events = (n: number): string => `${grouped(n)} event${n === 1 ? "" : "s"}`;
