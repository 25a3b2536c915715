/** An anomaly in words, for whoever sees the event before the hub writes its own. */
import type { Anomaly } from "../event.ts";

const NAMES: Readonly<Record<string, string>> = { rss: "RSS", cpu: "CPU", fds: "FD", threads: "Thread" };

/** `RSS spike: 183 MB (baseline 70 MB)`, `CPU ceiling: 94% (limit 90%)` */
export function anomalyTitle({ metric, mode, current, baseline, limit }: Anomaly): string {
  const than = mode === "ceiling" ? `limit ${measure(metric, limit)}` : `baseline ${measure(metric, baseline)}`;
  return `${NAMES[metric]} ${mode}: ${measure(metric, current)} (${than})`;
}

/** `RSS reaches 450 MB in ~40 min: 382 MB now` */
export function aheadTitle({ metric, current, limit }: Anomaly, wait: number): string {
  return `${NAMES[metric]} reaches ${measure(metric, limit)} in ${about(wait)}: ${measure(metric, current)} now`;
}

/** `~40 min`, `~3 h` */
export function about(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes < 90 ? `~${minutes} min` : `~${Math.round(minutes / 60)} h`;
}

function measure(metric: string, value = 0): string {
  if (metric === "rss") return `${Math.round(value / 2 ** 20)} MB`;
  return `${Math.round(value)}${metric === "cpu" ? "%" : ""}`;
}
