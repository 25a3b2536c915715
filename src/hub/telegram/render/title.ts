/** What happened, in a line or so. */
import type { ErrorDetail, Event, Slow } from "../../../event.ts";
import { anomalyTitle, isAhead } from "./anomaly.ts";
import { oneLine } from "./pairs.ts";
import { clip } from "./text.ts";
import { bold, type Line, line } from "./tree.ts";
import { milliseconds } from "./units.ts";

const MOST_NAME = 200;
const MOST_TEXT = 700;
const MOST_LINES = 12;

export function titleLine({ kind, title, error, slow, watchdog, anomaly }: Event): Line {
  if (error && isAboutError(kind)) return errorLine(error);
  if (slow) return slowLine(slow, title);
  if (watchdog) return line(bold(`Event loop blocked for ${beyond(watchdog)}`));
  if (anomaly && !(isAhead(anomaly) && title)) return line(bold(anomalyTitle(anomaly)));
  return line(bold(headline(title) || "(no title)")); // only a forecast's own words say when
}

/** `fetchUserProfile took 250 ms (threshold 100 ms)`; of a call that is not over its title says so. */
function slowLine(slow: Slow, title: string): Line {
  const verb = /\bstill running\b/i.test(title) ? "still running after" : "took";
  return line(bold(oneLine(slow.name, MOST_NAME)), ` ${verb} ${beyond(slow)}`);
}

/** Whether the error is the event; other events only carry one along. */
export function isAboutError(kind: Event["kind"]): boolean {
  return kind === "crash" || kind === "error";
}

/** `TypeError: no connection` */
export function errorLine({ type, message }: ErrorDetail): Line {
  if (type === "" || message === "") return line(bold(headline(type || message || "Error")));
  return line(bold(clip(type, MOST_NAME)), `: ${headline(message)}`);
}

/** `250 ms (threshold 100 ms)` */
function beyond({ ms, thresholdMs }: { readonly ms: number; readonly thresholdMs: number }): string {
  return `${milliseconds(ms)} (threshold ${milliseconds(thresholdMs)})`;
}

/** A text of bearable length; its line breaks stay. */
function headline(text: string): string {
  const lines = clip(text.trim(), MOST_TEXT).split("\n");
  return lines.length <= MOST_LINES ? lines.join("\n") : [...lines.slice(0, MOST_LINES), "…"].join("\n");
}
