/** What makes two events the same. */
import type { ErrorDetail, Event } from "../event.ts";
import { type Frame, framesOf, parseStack } from "./stack.ts";

/**
 * An event's fingerprint: eight hex digits, or "" for lifecycle events, which are never deduplicated.
 *
 * The user's own grouping is the whole of it, where there is one. Otherwise it is the kind and
 *
 * - crash and error: type, and file and function of the top three user frames; without a stack the message's template;
 * - notify and log: the title's template and the call site;
 * - slow: the name; watchdog: the top blocked frame or label; anomaly: metric and mode.
 *
 * Lines and messages are left out, so an unrelated edit or another user's id does not make it a new event.
 */
export function fingerprintOf(service: string, event: Event): string {
  if (event.kind === "lifecycle") return "";
  const traits = event.fingerprint === undefined ? [event.kind, ...traitsOf(event)] : ["own", event.fingerprint];
  return hash([service, ...traits].join("\n"));
}

/** A service's name as eight hex digits, short enough for a button. */
export function serviceId(service: string): string {
  return hash(service);
}

function traitsOf(event: Event): readonly string[] {
  const { kind, title, error, slow, watchdog, anomaly } = event;
  switch (kind) {
    case "crash":
    case "error":
      return error ? errorTraits(error) : [template(title)];
    case "notify":
    case "log":
      return [template(title), callSite(event)];
    case "slow":
      return [slow?.name ?? template(title)];
    case "watchdog":
      return [top(parseStack(watchdog?.stack ?? ""), 1)[0] ?? watchdog?.label ?? ""];
    case "anomaly":
      return [anomaly?.metric ?? template(title), anomaly?.mode ?? ""];
    case "lifecycle":
      return [];
  }
}

function errorTraits(error: ErrorDetail): readonly string[] {
  const places = top(framesOf(error), 3);
  return [error.type, ...(places.length > 0 ? places : [template(error.message)])];
}

function callSite({ error, context }: Event): string {
  const caller = typeof context?.caller === "string" ? context.caller : "";
  return top(error ? framesOf(error) : [], 1)[0] ?? template(caller);
}

/** The places of the top user frames, or of any when no frame is the user's. */
function top(frames: readonly Frame[], count: number): string[] {
  const own = frames.filter(({ kind }) => kind === "user");
  return (own.length > 0 ? own : frames).slice(0, count).map(placeOf);
}

/** Bundles have frames without a function's name; only line and column tell those apart. */
function placeOf({ file, line, column, function: name }: Frame): string {
  return `${withoutHash(file)} ${name ?? `${line}:${column}`}`;
}

/**
 * `index-3f2a9c.js` → `index.js`: bundlers name files after their content, so each deploy would be a new error.
 * A hash is hex with a digit, or eight characters with a digit or a capital after the first, as Vite writes them.
 */
function withoutHash(file: string): string {
  return file.replace(
    /[-._](?=[\da-f]*\d)[\da-f]{4,64}(?=\.)|[-.](?=[\w-]{0,7}[A-Z\d])(?!\w[a-z]{7})[\w-]{8}(?=\.\w+$)/g,
    "",
  );
}

/** A text without what varies: ids, numbers, quoted strings. */
function template(text: string): string {
  return text
    .slice(0, 1_000)
    .replace(/"[^"\n]*"|`[^`\n]*`|(?<!\w)'[^'\n]*'/g, "*")
    .replace(/\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b/gi, "*")
    .replace(/\b0x[\da-f]+\b|\b(?=[a-f]*\d)[\da-f]{6,}\b/gi, "*")
    .replace(/\d+(?:[.,:]\d+)*/g, "*");
}

/**
 * FNV-1a over UTF-16 units, and MurmurHash3's finaliser so that each bit of the input moves each bit of the result.
 *
 * 32 bits suffice: only the fingerprints of one service that live at the same time can be taken for one another, and
 * among a hundred of them the odds of a pair are one in a million.
 */
function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, "0");
}
