/** A process that came or went: the shortest of messages. */
import type { Lifecycle } from "../../../event.ts";
import type { Alert, Tally } from "../../alert.ts";
import { originPairs } from "./details.ts";
import { KEEP, known, type Pair, pairLines, recordBlock, valueSpan } from "./pairs.ts";
import { bold, code, type Line, line, type Node, type Span } from "./tree.ts";
import { clock, lasting, milliseconds } from "./units.ts";

/** `orders-api (worker) started` */
export function lifecycleTitle({ service, event, origin }: Alert): Line {
  const { lifecycle } = event;
  const role = origin.role ? ` (${origin.role})` : "";
  return line(bold(`${service}${role} ${lifecycle?.phase === "stop" ? ended(lifecycle) : "started"}`));
}

/** What came up; or why it stopped, and how long it ran. */
export function lifecycleLines({ event, origin }: Alert, { last }: Tally, now: number): Node[] {
  const { role: _, pid, ...place } = origin;
  const { uptime, ...extras } = event.extras ?? {};
  const isStop = event.lifecycle?.phase === "stop";
  const pairs: Pair[] = [
    ["pid", known(pid)],
    ["reason", isStop ? known(event.lifecycle?.reason) : undefined],
    ["exit_code", known(event.lifecycle?.exitCode)],
    ["uptime", upFor(uptime)],
    ["time", clock(last, now)],
    ...originPairs(place),
  ];
  return [...pairLines(pairs, KEEP.detail), recordBlock("Extras", extras, KEEP.extra)];
}

function ended({ reason, exitCode }: Lifecycle): string {
  if (reason === "crash" || reason === "thread_crash") return "crashed";
  return reason === "exit" && exitCode ? `exited with code ${exitCode}` : "stopped";
}

/** Milliseconds, or words. */
function upFor(uptime: unknown): Span | undefined {
  if (typeof uptime === "number") return code(uptime < 1_000 ? milliseconds(uptime) : lasting(uptime));
  return uptime === undefined ? undefined : valueSpan(uptime);
}
