/** A vital outside its usual range, in words. */
import type { Anomaly } from "../../../event.ts";
import type { Pair } from "./pairs.ts";
import { code } from "./tree.ts";
import { change, grouped, megabytes, milliseconds, signed } from "./units.ts";

/** How a metric is called and written. */
interface Metric {
  readonly name: string;
  readonly write: (value: number) => string;
  /** Whether its moves are told as `40 → 820`. */
  readonly counts?: true;
}

const percent = (value: number): string => `${grouped(value)}%`;

const METRICS: ReadonlyMap<string, Metric> = new Map([
  ["rss", { name: "RSS", write: megabytes }],
  ["heap", { name: "Heap", write: megabytes }],
  ["cpu", { name: "CPU", write: percent }],
  ["fds", { name: "FD", write: grouped, counts: true }],
  ["threads", { name: "Thread", write: grouped, counts: true }],
  ["loop", { name: "Event-loop delay", write: milliseconds }],
]);

/** Whether it is a forecast: a ceiling that was not reached yet. */
export function isAhead({ mode, current, limit }: Anomaly): boolean {
  return mode === "ceiling" && limit !== undefined && current < limit;
}

/** `RSS spike: 183 MB (baseline 70 MB, +160%)`, `CPU ceiling: 94% (limit 90%)`, `FD leak: 40 → 820 (+780)` */
export function anomalyTitle(anomaly: Anomaly): string {
  const { metric, mode, current, baseline, limit } = anomaly;
  const { name, write, counts } = metricOf(metric);
  const what = `${name} ${metric === "fds" && mode === "spike" ? "leak" : mode}: `;
  if (mode === "ceiling") return `${what}${write(current)}${limit === undefined ? "" : ` (limit ${write(limit)})`}`;
  if (baseline === undefined) return what + write(current);
  if (counts) return `${what}${write(baseline)} → ${write(current)}${inBrackets([moveOf(metric, baseline, current)])}`;
  return `${what}${write(current)}${inBrackets([`baseline ${write(baseline)}`, moveOf(metric, baseline, current)])}`;
}

/** What the title does not say. */
export function anomalyDetails({ metric, mode, baseline, window }: Anomaly): Pair[] {
  const usual = mode === "ceiling" && baseline !== undefined ? code(metricOf(metric).write(baseline)) : undefined;
  return [
    ["window", code(window)],
    ["baseline", usual],
  ];
}

function metricOf(metric: string): Metric {
  return METRICS.get(metric === "loopMs" ? "loop" : metric) ?? { name: metric, write: grouped };
}

/** Files and percents move by what they are counted in, everything else in percent. */
function moveOf(metric: string, from: number, to: number): string {
  if (metric === "cpu") return `${signed(to - from)} points`;
  return metric === "fds" ? signed(to - from) : change(from, to);
}

function inBrackets(parts: readonly string[]): string {
  const said = parts.filter((part) => part !== "");
  return said.length === 0 ? "" : ` (${said.join(", ")})`;
}
