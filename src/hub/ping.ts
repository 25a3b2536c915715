/**
 * What a beat says: liberal in what it carries, since a typo must not lose a heartbeat; strict in what it asks for, since
 * a schedule that is misread alarms nobody.
 */
import * as z from "zod";
import { parseDuration } from "../duration.ts";
import type { Vitals } from "../event.ts";
import { parseJson } from "./http.ts";
import { instanceName } from "./ingest.ts";
import { NAME } from "./keys.ts";
import type { Expectation } from "./monitor.ts";
import { readSchedule } from "./schedule.ts";
import { readVitals } from "./schema.ts";
import { scrubOutput } from "./secrets.ts";

/** Which monitor, and what happened. */
interface Place {
  /** "" is the service itself. */
  readonly name: string;
  readonly action: "success" | "start" | "fail" | "log";
  /** A run's exit status; 0 where it said none. */
  readonly exit: number;
}

/** What an address says. */
export interface Ping extends Place {
  /** The id of a run; "" for none. */
  readonly run: string;
  /** What it asks of the monitor. */
  readonly asks?: Expectation;
}

/** What a body holds: the output of a job, or what a process says of itself. */
export interface Said {
  readonly output?: string;
  readonly instance?: string;
  /** Oldest first; absent when there are none. */
  readonly vitals?: readonly Vitals[];
}

type Faulty = { readonly fault: string };

/** The longest output that is kept, bytes. */
export const MAX_OUTPUT = 10_000;
/** As much of a body's end is looked at, bytes: a process may send a batch of vitals. */
const MAX_READ = 64 * 1024;

const ACTION = /^(?:start|fail|log|\d+)$/;

/** Reads an address: what stands behind `/beat`, and the query. The fault names the part that is wrong, and its mend. */
export function pingOf(path: string, query: URLSearchParams, now: number): Ping | Faulty {
  const place = placeOf(path);
  if ("fault" in place) return place;
  const asks = askedOf(query, now);
  if (asks === undefined) return { ...place, run: runOf(query) };
  return "fault" in asks ? asks : { ...place, run: runOf(query), asks };
}

/** `[/name][/start|/fail|/log|/0-255]` */
function placeOf(path: string): Place | Faulty {
  const steps = path.toLowerCase().split("/").filter(Boolean);
  const [name, action = ""] = ACTION.test(steps[0] ?? "") ? ["", ...steps] : steps;
  if (steps.length > (name === "" ? 1 : 2)) return { fault: "path: more than a name and what happened" };
  if (name && !NAME.test(name)) {
    return { fault: `name: not 1 to 63 of a-z 0-9 _ -, the first a letter or digit, such as nightly-etl` };
  }
  if (action !== "" && !ACTION.test(action)) {
    return { fault: `path: after the name stands start, fail, log, an exit status from 0 to 255, or nothing` };
  }
  const exit = /^\d+$/.test(action) ? Number(action) : 0;
  if (exit > 255) return { fault: "exit status: from 0 to 255" };
  return { name: name ?? "", action: /^\d/.test(action) ? (exit > 0 ? "fail" : "success") : actionOf(action), exit };
}

function actionOf(word: string): Place["action"] {
  return word === "start" || word === "fail" || word === "log" ? word : "success";
}

const options = z.object({
  failures: z.coerce.number().int().min(1).max(100).optional(),
  remind: z
    .string()
    .transform((text) => parseDuration(text) ?? 0)
    .refine((ms) => ms >= 60_000, "not a time of a minute or more, such as 30m or 6h")
    .optional(),
});

const SCHEDULE = ["every", "grace", "max", "cron", "tz"];
const OPTIONS = ["failures", "remind"];

/** What was made out before, by the query's words: a job says the same with each of its beats. */
const known = new Map<string, Expectation | undefined>();
const REMEMBERED = 500;

/** What the query asks of the monitor; `undefined` when it asks for nothing. */
function askedOf(query: URLSearchParams, now: number): Expectation | Faulty | undefined {
  const words = [...SCHEDULE, ...OPTIONS].map((name) => query.get(name)?.trim() ?? "").join("\n");
  if (known.has(words)) return known.get(words);
  const asked = readAsked(query, now);
  if (asked && "fault" in asked) return asked;
  if (known.size >= REMEMBERED) known.clear();
  known.set(words, asked);
  return asked;
}

function readAsked(query: URLSearchParams, now: number): Expectation | Faulty | undefined {
  const given = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, query.get(name)?.trim() || undefined]));
  const schedule = readSchedule(given(SCHEDULE), now);
  if (schedule !== undefined && "fault" in schedule) return schedule;
  const more = options.safeParse(given(OPTIONS));
  if (!more.success) {
    const [issue] = more.error.issues;
    return { fault: `${issue?.path.join(".")}: ${issue?.message}` };
  }
  const { failures, remind } = more.data;
  if (schedule === undefined) {
    const alone = failures !== undefined ? "failures" : remind !== undefined ? "remind" : undefined;
    return alone && { fault: `${alone}: stands without a schedule; give every or cron too` };
  }
  const { kind: _, ...expected } = schedule;
  return { ...expected, ...(failures && { failures }), ...(remind && { remind }) };
}

/** The id of a run; "" for none, and for what is none. */
function runOf(query: URLSearchParams): string {
  const rid = query.get("rid") ?? "";
  return /^[\w-]{1,64}$/.test(rid) ? rid : "";
}

const PREVIEW =
  /TelegramBot|Slackbot|Slack-ImgProxy|Discordbot|WhatsApp|Twitterbot|facebookexternalhit|LinkedInBot|SkypeUriPreview|Googlebot|bingbot/i;

/** Whether nobody meant to beat: a chat that shows where a link leads, a browser that guesses where one will go next. */
export function isPreview({ method, headers }: Request): boolean {
  if (method === "POST") return false;
  const isGuess = /prefetch|preview|prerender/.test(`${headers.get("sec-purpose")} ${headers.get("purpose")}`);
  return isGuess || PREVIEW.test(headers.get("user-agent") ?? "");
}

const saying = z.object({ instance: z.string().min(1), vitals: z.unknown().optional() });

/** Reads a body: of what is too long the end is kept, what is no process's report is a job's output. */
export async function saidOf(request: Request): Promise<Said> {
  if (request.method !== "POST") return {};
  const text = new TextDecoder().decode(await readEnd(request, MAX_READ));
  const report = text.startsWith("{") ? saying.safeParse(parseJson(text)) : undefined;
  if (report?.success) {
    const vitals = readVitals(report.data.vitals);
    return { instance: instanceName(report.data.instance), ...(vitals.length > 0 && { vitals }) };
  }
  // Scrubbed as a whole: half a secret would not be known for one.
  const output = endOf(scrubOutput(text).trimEnd(), MAX_OUTPUT);
  return output === "" ? {} : { output };
}

/** The last `limit` bytes of a text, from where a character begins. */
function endOf(text: string, limit: number): string {
  const bytes = new TextEncoder().encode(text);
  let from = Math.max(0, bytes.length - limit);
  while (from > 0 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
  return new TextDecoder().decode(bytes.subarray(from));
}

/**
 * The last bytes of a body. It is read to its end, or its sender would not hear our answer; past a megabyte nobody is owed
 * one. A caller that hangs up has said what came until then.
 */
async function readEnd({ body }: Request, limit: number): Promise<Uint8Array> {
  let end = new Uint8Array();
  const reader = body?.getReader();
  for (let size = 0; reader && size <= limit * 16; ) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }) as const);
    if (done || value === undefined) return end;
    size += value.byteLength;
    const both = new Uint8Array(end.length + value.byteLength);
    both.set(end);
    both.set(value, end.length);
    end = both.subarray(Math.max(0, both.length - limit));
  }
  reader?.cancel().catch(() => undefined);
  return end;
}
