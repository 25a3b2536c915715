/** A process that came or went: the shortest of messages. */
import type { Alert, Tally } from "../../alert.ts";
import { originPairs } from "./details.ts";
import { KEEP, known, type Pair, pairLines } from "./pairs.ts";
import { bold, type Line, line } from "./tree.ts";
import { clock } from "./units.ts";

/** `orders-api (worker) started` */
export function lifecycleTitle({ service, event, origin }: Alert): Line {
  const { phase, reason } = event.lifecycle ?? { phase: "start", reason: "" };
  const role = origin.role ? ` (${origin.role})` : "";
  return line(bold(`${service}${role} ${phase === "start" ? "started" : ended(reason)}`));
}

/** What came up, or why it stopped. */
export function lifecycleLines({ event, origin }: Alert, { last }: Tally, now: number): Line[] {
  const { role: _, pid, ...place } = origin;
  const isStop = event.lifecycle?.phase === "stop";
  const pairs: Pair[] = [
    ["pid", known(pid)],
    ["reason", isStop ? known(event.lifecycle?.reason) : undefined],
    ["exit_code", known(event.lifecycle?.exitCode)],
    ["time", clock(last, now)],
    ...originPairs(place),
  ];
  return pairLines(pairs, KEEP.detail);
}

function ended(reason: string): string {
  return reason === "crash" || reason === "thread_crash" ? "crashed" : "stopped";
}
