/** What a service did, read again: vitals of its instances, its errors, what it told. */

import type { Severity } from "../../event.ts";
import type { Alert } from "../alert.ts";
import { RANK } from "../severity.ts";
import type { History, PastAlert, Trace } from "../vitals.ts";
import { serviceKey } from "./keys.ts";
import {
  ERROR_MINUTES,
  ERROR_QUARTERS,
  type Grade,
  MINUTES,
  pagesOf,
  QUARTERS,
  ratesOf,
  SAMPLES,
  type Stretch,
  samplesOf,
} from "./pages.ts";
import { maybeTexts, type Redis, readable, script } from "./redis.ts";
import { HISTORY } from "./vitals.lua.ts";

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
    async history(service, stretch, now) {
      const { from, to } = stretch;
      const grade = gradeOf(from, now);
      const errors = grade === QUARTERS ? ERROR_QUARTERS : ERROR_MINUTES;
      const places = pagesOf(grade, stretch);
      const errorFields = pagesOf(errors, stretch).map((page) => errors.field + page);
      const given = [from, MARKS, grade.field, places.join(" "), errorFields.join(" ")];
      const known = answerOf(await read([serviceKey(service)], given));
      if (known === undefined) return undefined;
      const step = stepOf(grade, to - from);
      const traces = known.instances.map((instance, i): Trace => {
        const first = errorFields.length + i * places.length;
        const pages = known.pages.slice(first, first + places.length);
        return { instance, samples: samplesOf(pages, grade, step, stretch) };
      });
      const errorPages = known.pages.slice(0, errorFields.length);
      return {
        step,
        traces: traces.filter(({ samples }) => samples.length > 0).reverse(),
        errors: ratesOf(errorPages, errors, Math.max(step, errors.step), stretch),
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
