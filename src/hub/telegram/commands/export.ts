/** `/export`: what a service measured as a table for a spreadsheet, or what it told as lines of JSON. */
import type { Stretch } from "../../store/store.ts";
import type { History, PastAlert, Sample, Vital } from "../../vitals.ts";
import { answerOf } from "../render/answer.ts";
import { clip } from "../render/text.ts";
import { bold, code, line, type Node } from "../render/tree.ts";
import { clock, grouped, lasting } from "../render/units.ts";
import type { Command, Means, Reply } from "./command.ts";
import { oneService, stretchOf, windowIn } from "./past.ts";

const EVENTS = /^(?:events?|errors?|alerts?|jsonl?)$/i;
const VITALS = /^(?:vitals|csv|all)$/i;
const MEGABYTE = 2 ** 20;
/** Characters of a word that are repeated to who wrote it. */
const MOST_WORD = 24;

/** The columns of the table, between the time and the instance. */
const COLUMNS: readonly (readonly [name: string, vital: Vital, size: number, digits: number])[] = [
  ["cpu_pct", "cpu", 1, 1],
  ["rss_mb", "rss", MEGABYTE, 1],
  ["fds", "fds", 1, 0],
  ["threads", "threads", 1, 0],
  ["loop_ms", "loopMs", 1, 1],
  ["heap_mb", "heap", MEGABYTE, 1],
];

export const exportCommand: Command = {
  name: "export",
  summary: "Send what a service measured as CSV, or what it told as JSON",
  usage: "[service] [window] or [service] events",
  example: "/export orders-api 1d",
  async run(ask, { store }) {
    const { ms, rest } = windowIn(ask.words);
    const stranger = rest.find((word) => !EVENTS.test(word) && !VITALS.test(word));
    const service = oneService(ask, stranger);
    if (typeof service !== "string") return service;
    if (stranger !== undefined) return { kind: "usage", why: `"${clip(stranger, MOST_WORD)}" is no time or service` };
    if (rest.some((word) => EVENTS.test(word))) return events(service, ask.now, store);
    return vitals(service, stretchOf(ms, ask.now), ask.now, store);
  },
};

type Store = Means["store"];

async function vitals(service: string, stretch: Stretch, now: number, store: Store): Promise<Reply> {
  const history = await store.history(service, stretch, now);
  const rows = history ? rowsOf(history) : [];
  const span = lasting(stretch.to - stretch.from);
  if (history === undefined || rows.length === 0) {
    return saying(
      line("🤷 ", bold(service), ` measured nothing in the last ${span}.`),
      line("What it told: ", code(`/export ${service} events`)),
    );
  }
  const head = ["sampled_at", ...COLUMNS.map(([name]) => name), "instance"].join(",");
  const apart = `the last ${span}, an average for each ${lasting(history.step)}`;
  return document(
    `${service}_vitals.csv`,
    [head, ...rows],
    [line(`Vitals export: ${counted(rows.length, "sample")}`), line(bold(service), ` · ${apart}`)],
  );
}

/** A row for each sample of each instance, oldest first. */
function rowsOf({ traces }: History): readonly string[] {
  const rows = traces.flatMap(({ instance, samples }) => samples.map((sample) => ({ instance, sample })));
  return rows.sort((a, b) => a.sample.at - b.sample.at).map(({ instance, sample }) => rowOf(sample, instance));
}

function rowOf({ at, mean }: Sample, instance: string): string {
  const cells = COLUMNS.map(([, vital, size, digits]) => {
    const amount = mean[vital];
    return amount === undefined ? "" : String(Number((amount / size).toFixed(digits)));
  });
  return [new Date(at).toISOString().replace(".000Z", "Z"), ...cells, instance].join(",");
}

async function events(service: string, now: number, store: Store): Promise<Reply> {
  const told = (await store.told(service)) ?? [];
  const oldest = told.at(-1);
  if (oldest === undefined) return saying(line("🤷 ", bold(service), " told nothing that is still known."));
  return document(`${service}_events.jsonl`, told.map(lineOf), [
    line(`Events export: ${counted(told.length, "kind")} of events`),
    line(bold(service), " · since ", clock(oldest.tally.last, now), ", the newest first"),
  ]);
}

/** The event that stands for its kind, and how often that came; times as a person reads them. */
function lineOf({ alert, severity, tally }: PastAlert): string {
  const { fingerprint, origin, event } = alert;
  const [first, last] = [new Date(tally.first).toISOString(), new Date(tally.last).toISOString()];
  return JSON.stringify({ fingerprint, severity, count: tally.count, first, last, origin, event });
}

function document(name: string, lines: readonly string[], caption: readonly Node[]): Reply {
  const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
  return { kind: "document", name, bytes, caption: answerOf(caption) };
}

function saying(...nodes: Node[]): Reply {
  return { kind: "message", message: answerOf(nodes) };
}

/** `128 samples` */
function counted(many: number, what: string): string {
  return `${grouped(many)} ${what}${many === 1 ? "" : "s"}`;
}
