/** `/chart`: what a service's processes measured, as a picture and as text. */
import type { Event } from "../../../event.ts";
import type { Chart, Line, Mark, Metric, Panel, Point } from "../../chart/chart.ts";
import { chartPicture } from "../../chart/picture.ts";
import { chartText } from "../../chart/text.ts";
import type { Stretch } from "../../store/store.ts";
import type { History, PastAlert, Sample, Vital } from "../../vitals.ts";
import { answerOf } from "../render/answer.ts";
import { askButton, type Button } from "../render/callback.ts";
import { clip } from "../render/text.ts";
import { bold, code, fitted, line, type Node } from "../render/tree.ts";
import { lasting } from "../render/units.ts";
import type { Command, Reply } from "./command.ts";
import { oneService, stretchOf, WINDOWS, windowIn, windowText } from "./past.ts";

/** What a person wants to see. */
interface Wish {
  /** None stands for all that were measured. */
  readonly metrics: readonly Metric[];
  readonly ms: number;
  /** Only as text. */
  readonly isText: boolean;
  /** A word that says none of it. */
  readonly stranger: string | undefined;
}

const MINUTE = 60_000;
/** Samples come with beats, a minute late or two: in a short time that is a large part of a chart. */
const LAG = 2 * MINUTE;
const LONG = 15 * MINUTE;
/** Most code points below a picture. @see https://core.telegram.org/bots/api#sendphoto */
const MOST_CAPTION = 1_024;
/** Characters of what names an alert, or of a word that is repeated to who wrote it. */
const MOST_LABEL = 24;

/** Metrics as people call them, in the order of a chart's panels. */
const NAMES: Readonly<Record<Metric, RegExp>> = {
  cpu: /^(?:cpu|load|processor)s?$/i,
  mem: /^(?:mem|memory|ram|rss)$/i,
  fds: /^(?:fds?|files?|handles?|sockets?)$/i,
  threads: /^threads?$/i,
  loop: /^(?:event-?)?(?:loop|lag|delay)(?:-?(?:lag|delay|ms))?$/i,
  errors: /^err(?:or)?s?$/i,
};
const METRICS = Object.keys(NAMES) as Metric[];
const ALL = /^(?:all|everything|vitals|\*)$/i;
const TEXT = /^(?:as|text|ascii)$/i;

/** What a sample calls them; errors are no sample's. */
const VITALS: Readonly<Record<Exclude<Metric, "errors">, Vital>> = {
  cpu: "cpu",
  mem: "rss",
  fds: "fds",
  threads: "threads",
  loop: "loopMs",
};

export const chart: Command = {
  name: "chart",
  summary: "Draw what a service measured: cpu, memory, files, threads, event loop, errors",
  usage: `[service] [${METRICS.join("|")}|all] [window]`,
  example: "/chart orders-api cpu 6h",
  async run(ask, { store }) {
    const wish = wishOf(ask.words);
    const service = oneService(ask, wish.stranger);
    if (typeof service !== "string") return service;
    if (wish.stranger !== undefined)
      return { kind: "usage", why: `"${clip(wish.stranger, MOST_LABEL)}" is no metric, time or service` };
    const lag = wish.ms < LONG ? LAG : 0;
    const history = await store.history(service, stretchOf(wish.ms + lag, ask.now), ask.now);
    const stretch = stretchOf(wish.ms, lag > 0 && history ? endOf(history, ask.now) : ask.now);
    const panels = history ? panelsOf(history, wish.metrics, stretch) : [];
    if (history === undefined || panels.length === 0) return nothing(service, wish);
    return drawn({ service, ...stretch, panels, marks: marksOf(history, stretch) }, wish);
  },
};

function wishOf(words: readonly string[]): Wish {
  const { ms, rest } = windowIn(words);
  const metricOf = (word: string) => METRICS.find((metric) => NAMES[metric].test(word));
  const named = METRICS.filter((metric) => rest.some((word) => NAMES[metric].test(word)));
  return {
    metrics: rest.some((word) => ALL.test(word)) ? [] : named,
    ms,
    isText: rest.some((word) => TEXT.test(word)),
    stranger: rest.find((word) => !metricOf(word) && !ALL.test(word) && !TEXT.test(word)),
  };
}

/** When the last of all that is to be seen came; now, where that is longer ago than a beat explains. */
function endOf({ traces, alerts, step }: History, now: number): number {
  const sampled = traces.map(({ samples }) => (samples.at(-1)?.at ?? 0) + step);
  const last = Math.max(0, ...sampled, ...alerts.map(({ tally }) => tally.last));
  return last > now - LAG ? Math.min(now, last) : now;
}

/** The panels with something to show: of the metrics asked for, or of all. */
function panelsOf(history: History, metrics: readonly Metric[], stretch: Stretch): readonly Panel[] {
  const asked = metrics.length > 0 ? metrics : METRICS;
  return asked
    .map((metric) => panelOf(history, metric, stretch))
    .filter(({ metric, lines }) => (metrics.length > 0 && metric === "errors") || lines.some(hasMeasures));
}

function panelOf(history: History, metric: Metric, stretch: Stretch): Panel {
  const limit = limitOf(history.alerts, metric);
  const lines = metric === "errors" ? [errorLine(history, stretch)] : vitalLines(history, VITALS[metric]);
  return { metric, lines, ...(limit !== undefined && { limit }) };
}

/** A line that has never left 0 is worth no panel of its own. */
const hasMeasures = ({ points }: Line): boolean => points.some(([, , high = 0]) => high > 0);

function vitalLines({ traces }: History, vital: Vital): readonly Line[] {
  return traces.map(({ instance, samples }) => ({ instance, points: samples.flatMap((it) => pointOf(it, vital)) }));
}

function pointOf({ at, mean, high }: Sample, vital: Vital): Point[] {
  const value = mean[vital];
  return value === undefined ? [] : [[at, value, high[vital] ?? value]];
}

/** Where there were none, there were 0: that is known, too. */
function errorLine({ step, errors }: History, { from, to }: Stretch): Line {
  const width = Math.max(step, MINUTE);
  const known = new Map(errors.map((it) => [it.at, it]));
  const first = Math.ceil(from / width);
  const points = Array.from({ length: Math.floor(to / width) - first + 1 }, (_, i): Point => {
    const at = (first + i) * width;
    const { mean = 0, high = 0 } = known.get(at) ?? {};
    return [at, mean, high];
  });
  return { instance: "errors", points };
}

/** The ceiling that the last anomaly of a metric told of: what a process watches for is its own business otherwise. */
function limitOf(alerts: readonly PastAlert[], metric: Metric): number | undefined {
  if (metric === "errors") return undefined;
  const anomalies = alerts.flatMap(({ alert }) => alert.event.anomaly ?? []);
  return anomalies.find((it) => it.metric === VITALS[metric] && it.limit !== undefined)?.limit;
}

/** When each alert came last, and when it came first, if that was in the chart's time. */
function marksOf({ alerts }: History, { from, to }: Stretch): readonly Mark[] {
  return alerts.flatMap(({ alert, severity, tally }) => {
    const times = new Set([tally.first, tally.last].filter((at) => at >= from && at <= to));
    return [...times].map((at) => ({ at, severity, label: labelOf(alert.event) }));
  });
}

/** A word or two. */
function labelOf({ kind, error, slow, anomaly, lifecycle }: Event): string {
  const words = error?.type || slow?.name || (anomaly && `${anomaly.metric} ${anomaly.mode}`) || lifecycle?.phase;
  return clip(words || kind, MOST_LABEL);
}

/** A picture, with the text where there is room; only the text where it is asked for, or where no picture can be made. */
async function drawn(it: Chart, wish: Wish): Promise<Reply> {
  const title = line("📈 ", bold(it.service), ` · ${namesOf(wish)} · ${lasting(wish.ms)}`);
  const nodes: Node[] = [title, { kind: "pre", text: chartText(it), keep: 0 }];
  const picture = wish.isText ? undefined : await chartPicture(it);
  const buttons = buttonsOf(it.service, wish, picture !== undefined);
  if (picture === undefined) return { kind: "message", message: answerOf(nodes, buttons) };
  return { kind: "photo", bytes: picture, caption: { ...fitted(nodes, MOST_CAPTION), buttons } };
}

function namesOf({ metrics }: Wish): string {
  return metrics.length > 0 ? metrics.join(", ") : "all";
}

/** Other times in a row; then all metrics, the other form, and the numbers. */
function buttonsOf(service: string, { metrics, ms, isText }: Wish, isPicture: boolean): readonly (readonly Button[])[] {
  const words = isText ? [...metrics, "text"] : metrics;
  const button = (text: string, command: string, asked: readonly string[]) =>
    askButton(text, command, asked, service) ?? [];
  const window = windowText(ms);
  const windows = WINDOWS.filter((it) => it !== ms).map(windowText);
  return [
    windows.flatMap((it) => button(it, "chart", [...words, it])),
    [
      ...(metrics.length > 0 ? [button("all", "chart", isText ? ["text", window] : [window])] : []),
      ...(isPicture ? [button("📄 text", "chart", [...metrics, "text", window])] : []),
      ...(isText ? [button("🖼 picture", "chart", [...metrics, window])] : []),
      button("💾 csv", "export", [window]),
    ].flat(),
  ];
}

/** Nothing is known: says how it would be. */
function nothing(service: string, wish: Wish): Reply {
  const nodes = [
    line("🤷 ", bold(service), ` measured nothing in the last ${lasting(wish.ms)} (${namesOf(wish)}).`),
    line(
      "Processes on Node, Deno and Bun measure themselves from ",
      code("snitch.init()"),
      " on, and send it with their heartbeat.",
    ),
    line("Functions at the edge have nothing to measure; ", code("/chart errors"), " works for all."),
  ];
  return { kind: "message", message: answerOf(nodes, buttonsOf(service, wish, false)) };
}
