/** What a chart shows: measures of a service over a stretch of time, and its alerts. */
import type { Severity } from "../../event.ts";

/** A service's measures, one panel below the other on one axis of time. */
export interface Chart {
  readonly service: string;
  /** The axis of time, in milliseconds since 1970, also where there are no samples. What lies outside is not shown. */
  readonly from: number;
  /** Later than `from`. */
  readonly to: number;
  /** One to six. */
  readonly panels: readonly Panel[];
  /** Alerts, drawn through all panels. */
  readonly marks: readonly Mark[];
}

/** What is measured: cpu in % of one core, mem in bytes, loop in ms, the others by count. */
export type Metric = "cpu" | "mem" | "fds" | "threads" | "loop" | "errors";

/** One metric of all instances. */
export interface Panel {
  readonly metric: Metric;
  /** A threshold, in the metric's unit. */
  readonly limit?: number;
  /** Colours are given by the order in which instances first appear in a chart: those that matter most come first. */
  readonly lines: readonly Line[];
}

/** One instance's samples. A pause of more than two and a half usual intervals is a gap. */
export interface Line {
  readonly instance: string;
  /** In any order. What is no measure (negative, not finite, beyond 2⁵³) is left out. */
  readonly points: readonly Point[];
}

/** A sample; `high` is the maximum where several were rolled up into one. */
export type Point = readonly [at: number, value: number, high?: number];

/** Something that was told. */
export interface Mark {
  readonly at: number;
  readonly severity: Severity;
  /** A word or two; shown where there is room. */
  readonly label?: string;
}

const MOST_PANELS = 6;
/** Dates end here. @see https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LAST_MOMENT = 8.64e15;

/** The chart itself. Throws when it has no time or no panels to show, or too many. */
export function checked(chart: Chart): Chart {
  const { from, to, panels } = chart;
  if (!(from < to && from >= -LAST_MOMENT && to <= LAST_MOMENT)) {
    throw new RangeError(
      `a chart needs \`from\` before \`to\`, both in milliseconds since 1970; they are ${from} and ${to}`,
    );
  }
  if (panels.length < 1 || panels.length > MOST_PANELS) {
    throw new RangeError(`a chart has 1 to ${MOST_PANELS} panels; this one has ${panels.length}: show fewer at once`);
  }
  return chart;
}
