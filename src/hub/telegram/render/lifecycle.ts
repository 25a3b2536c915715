/** A process that came or went: the shortest of messages. */
import type { Alert, Tally } from "../../alert.ts";
import { originPairs } from "./details.ts";
import { KEEP, known, type Pair, pairLines } from "./pairs.ts";
import { bold, line, type Node, type Span } from "./tree.ts";
import { clock } from "./units.ts";

/** `orders-api (worker) started` and what came up, or why it stopped. */
export function lifecycleNodes({ service, event, origin }: Alert, { last }: Tally, now: number, rule: Span): Node[] {
  const { role, pid, ...place } = origin;
  const { phase, reason, exitCode } = event.lifecycle ?? { phase: "start", reason: "" };
  const pairs: Pair[] = [
    ["pid", known(pid)],
    ["reason", phase === "stop" ? known(reason) : undefined],
    ["exit_code", known(exitCode)],
    ["time", clock(last, now)],
    ...originPairs(place),
  ];
  const title = `${service}${role ? ` (${role})` : ""} ${phase === "start" ? "started" : ended(reason)}`;
  return [line(bold(title)), line(rule), ...pairLines(pairs, KEEP.detail)];
}

function ended(reason: string): string {
  return reason === "crash" || reason === "thread_crash" ? "crashed" : "stopped";
}
