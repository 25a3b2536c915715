/** What a service did, read again: vitals of its instances, its errors, what it told. */

import type { Severity } from "../../event.ts";
import type { Alert } from "../alert.ts";
import { RANK } from "../severity.ts";
import type { ErrorRate, History, PastAlert, Sample, Trace } from "../vitals.ts";
import { serviceKey } from "./keys.ts";
import {
  type Entry,
  ERROR_MINUTES,
  ERROR_QUARTERS,
  entriesOf,
  errorsAt,
  type Grade,
  MINUTES,
  measuresAt,
  pagesOf,
  QUARTERS,
  SAMPLES,
} from "./pages.ts";
import { maybeTexts, type Redis, readable, script } from "./redis.ts";
import { HISTORY } from "./vitals.lua.ts";

/** A stretch of time that is over by now. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface VitalsVerbs {
  /** What a service did in a stretch of the last seven days; `undefined` when nothing is known of the service. */
  history(service: string, stretch: Stretch, now: number): Promise<History | undefined>;
  /** What a service told, the newest first: the last fifty kinds at most; `undefined` when nothing is known of it. */
  told(service: string): Promise<readonly PastAlert[] | undefined>;
}

/** Entries that one instance may have in a history. */
const POINTS = 720;
/** Alerts that a history has. */
const MARKS = 12;
/** Alerts that are told of all: as many kinds as the store keeps. */
const KINDS = 50;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const SEVERITIES = Object.keys(RANK) as Severity[];

export function createVitalsVerbs(redis: Redis): VitalsVerbs {
  const read = script(redis, HISTORY);

  return {
    async history(service, { from, to }, now) {
      const grade = gradeOf(from, now);
      const errors = grade === QUARTERS ? ERROR_QUARTERS : ERROR_MINUTES;
      const errorPages = pagesOf(errors, from, to).map((page) => errors.field + page);
      const pages = pagesOf(grade, from, to);
      const given = [from, MARKS, grade.field, pages.join(" "), errorPages.join(" ")];
      const known = answerOf(await read([serviceKey(service)], given));
      if (known === undefined) return undefined;
      const step = stepOf(grade, to - from);
      const samples = known.instances.map((_, i) => {
        const first = errorPages.length + i * pages.length;
        return samplesOf(known.pages.slice(first, first + pages.length), grade, step, { from, to });
      });
      const traces = known.instances.map((instance, i): Trace => ({ instance, samples: samples[i] ?? [] }));
      return {
        step,
        traces: traces.filter((it) => it.samples.length > 0).reverse(),
        errors: ratesOf(known.pages.slice(0, errorPages.length), errors, Math.max(step, errors.step), { from, to }),
        alerts: known.alerts.filter(({ tally }) => tally.first <= to),
      };
    },

    async told(service) {
      return answerOf(await read([serviceKey(service)], [0, KINDS, "", "", ""]))?.alerts;
    },
  };
}

/** The finest that goes back so far. */
function gradeOf(from: number, now: number): Grade {
  const age = now - from;
  return age <= HOUR ? SAMPLES : age <= DAY ? MINUTES : QUARTERS;
}

/** As many entries of a grade in one as it takes for no more than {@link POINTS}. */
function stepOf({ step }: Grade, span: number): number {
  return step * Math.max(1, Math.ceil(span / step / POINTS));
}

interface Known {
  /** The one that was heard of last comes last. */
  readonly instances: readonly string[];
  readonly alerts: readonly PastAlert[];
  readonly pages: readonly (string | null)[];
}

function answerOf(answer: unknown): Known | undefined {
  const [instances, many, ...rest] = maybeTexts.parse(answer);
  if (instances == null) return undefined;
  const said = rest.slice(0, 2 * Number(many));
  return {
    instances: Array.from(instances.matchAll(/([^,=]+)=/g), ([, name = ""]) => name),
    alerts: said.flatMap((tally, i) =>
      i % 2 === 0 ? (readable(() => alertOf(tally, said[i + 1] ?? null)) ?? []) : [],
    ),
    pages: rest.slice(said.length),
  };
}

function alertOf(line: string | null, payload: string | null): PastAlert[] {
  const [first, last, count, severity] = (line ?? "").split(" ").map(Number);
  const named = SEVERITIES[severity ?? Number.NaN];
  if (payload === null || first === undefined || last === undefined || count === undefined || !named) return [];
  return [{ alert: JSON.parse(payload) as Alert, severity: named, tally: { first, last, count } }];
}

/** Entries of pages, those of one step together. */
function stepsOf<T>(
  pages: readonly (string | null)[],
  grade: Grade,
  step: number,
  { from, to }: Stretch,
  read: (page: string, entry: Entry) => T | undefined,
): readonly (readonly [at: number, entries: readonly T[]])[] {
  const steps = new Map<number, T[]>();
  for (const page of pages) {
    for (const entry of entriesOf(page ?? "", grade, from, to)) {
      const found = read(page ?? "", entry);
      const at = Math.floor(entry.at / step) * step;
      if (found !== undefined) steps.set(at, [...(steps.get(at) ?? []), found]);
    }
  }
  return [...steps];
}

function samplesOf(pages: readonly (string | null)[], grade: Grade, step: number, stretch: Stretch): readonly Sample[] {
  const steps = stepsOf(pages, grade, step, stretch, (page, entry) => {
    const measures = measuresAt(page, entry, grade);
    return Object.keys(measures.high).length > 0 ? measures : undefined;
  });
  return steps.map(([at, measures]) => ({
    at,
    mean: merged(
      measures.map(({ mean }) => mean),
      meanOf,
    ),
    high: merged(
      measures.map(({ high }) => high),
      (amounts) => Math.max(...amounts),
    ),
  }));
}

/** Each vital of several measures, as one. */
function merged(measures: readonly Sample["mean"][], merge: (amounts: readonly number[]) => number): Sample["mean"] {
  if (measures.length === 1) return measures[0] ?? {};
  const amounts = new Map<string, number[]>();
  for (const measure of measures) {
    for (const [vital, amount] of Object.entries(measure)) amounts.set(vital, [...(amounts.get(vital) ?? []), amount]);
  }
  return Object.fromEntries([...amounts].map(([vital, all]) => [vital, merge(all)]));
}

const meanOf = (amounts: readonly number[]): number => sumOf(amounts) / amounts.length;
const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

function ratesOf(
  pages: readonly (string | null)[],
  grade: Grade,
  step: number,
  stretch: Stretch,
): readonly ErrorRate[] {
  const steps = stepsOf(pages, grade, step, stretch, (page, entry) => {
    const errors = errorsAt(page, entry, grade);
    return errors.sum > 0 ? errors : undefined;
  });
  return steps.map(([at, errors]) => ({
    at,
    mean: (sumOf(errors.map(({ sum }) => sum)) * MINUTES.step) / step,
    high: Math.max(...errors.map(({ high }) => high)),
  }));
}
