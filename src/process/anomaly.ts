/** Vitals outside their usual range. */
import type { AnomalyOptions } from "../client/resident.ts";
import type { Anomaly, Event, Severity, Vitals } from "../event.ts";
import { createEpisode } from "./episode.ts";
import { isMeasure, tenth } from "./measure.ts";
import { createPast, type Look } from "./past.ts";
import { type Rule, rulesOf } from "./rules.ts";
import { about, aheadTitle, anomalyTitle } from "./wording.ts";

/** How much of memory's movement a line through the baseline has to explain, before it is followed into the future. */
const GOOD_FIT = 0.9;
/** How steep the newer half of the baseline has to be, compared with the whole: what levels off is less. */
const STEADY = 0.8;

/** Takes a sample, in the order of time, and answers with what it makes known. */
export type Detector = (sample: Vitals) => readonly Event[];

/**
 * Knows nothing yet. What a sample does not say is no 0: that metric waits for one that does. Averages are made of
 * three samples at least, of half a window and of a quarter of a baseline.
 *
 * An episode is told when it begins, and again only if it turns from a warning into an error. It is over when nothing
 * was found for 15 minutes. The warning that a ceiling is near is an episode of its own.
 */
export function createDetector(options: AnomalyOptions = {}): Detector {
  const watches = rulesOf(options).map((rule) => ({ metric: rule.metric, watch: createWatch(rule) }));
  return (sample) =>
    watches.flatMap(({ metric, watch }) => {
      const value = sample[metric];
      return isMeasure(value) && isMeasure(sample.at) ? watch(sample.at, value) : [];
    });
}

/** Watches one metric. */
function createWatch(rule: Rule): (at: number, value: number) => readonly Event[] {
  const lookBack = createPast(rule);
  const finders = [findNow, findAhead].map((find) => ({ find, isNews: createEpisode() }));
  return (at, value) => {
    const look = lookBack(at, value);
    return finders.flatMap(({ find, isNews }) => {
      const found = look && find(rule, look);
      return isNews(found?.severity, at) && found ? [{ kind: "anomaly", at, ...found }] : [];
    });
  };
}

type Finding = Pick<Event, "severity" | "title" | "anomaly" | "fingerprint" | "extras">;

/**
 * What is out of range, the worst first. Window and latest samples have to agree: what was short, or is over already,
 * is not worth a message, and what is told is how it is now.
 */
function findNow(rule: Rule, { average, latest, usual = Number.NaN }: Look): Finding | undefined {
  const { metric, ceiling, spike, drop } = rule;
  const atLeast = Math.min(average, latest);
  const atMost = Math.max(average, latest);
  const finding = (severity: Severity, mode: Anomaly["mode"], limit?: number): Finding => {
    const anomaly = { metric, mode, ...figures(latest, usual, limit), window: rule.window.text };
    return { severity, title: anomalyTitle(anomaly), anomaly };
  };
  if (ceiling !== null && atLeast >= ceiling) return finding("error", "ceiling", ceiling);
  if (spike && atLeast > usual * spike.times && atLeast - usual >= spike.by)
    return finding(metric === "fds" ? "error" : "warning", "spike");
  if (drop && atMost < usual * drop.times && usual - atMost >= drop.by) return finding("warning", "drop");
  return undefined;
}

/**
 * What will be out of range soon, if it goes on as it did in the whole baseline. That has to be nearly a straight line,
 * and still to rise: neither noise nor a start that levels off is followed. It is told apart from the ceiling itself:
 * whoever mutes the forecast wants to hear of that.
 */
function findAhead(rule: Rule, { latest, usual = Number.NaN, trend }: Look): Finding | undefined {
  const { metric, ceiling, ahead, baseline } = rule;
  if (ceiling === null || ahead === null || !trend) return undefined;
  const { slope, fit } = trend.whole;
  const isSteady = slope > 0 && fit >= GOOD_FIT && trend.newer.slope >= STEADY * slope;
  if (!isSteady || latest < usual) return undefined;
  const wait = (ceiling - latest) / slope;
  if (!(wait > 0 && wait <= ahead)) return undefined;
  const anomaly = { metric, mode: "ceiling", ...figures(latest, usual, ceiling), window: baseline.text } as const;
  return {
    severity: "warning",
    title: aheadTitle(anomaly, wait),
    anomaly,
    fingerprint: `${metric} nears its ceiling`,
    extras: { reached_in: about(wait) },
  };
}

/** To a tenth; those that are not known are left out. */
function figures(current: number, baseline: number, limit?: number): Pick<Anomaly, "current" | "baseline" | "limit"> {
  return {
    current: tenth(current),
    ...(isMeasure(baseline) ? { baseline: tenth(baseline) } : {}),
    ...(limit === undefined ? {} : { limit }),
  };
}
