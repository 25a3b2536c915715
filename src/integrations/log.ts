/** What loggers have in common: a line of log that is a warning or worse is told. */

import type { NotifyOptions, Snitch } from "../client/options.ts";
import { attempt, sentence } from "../client/plain.ts";
import { createStorage } from "../client/storage.ts";
import type { Severity } from "../event.ts";

/** A line of log, as its logger knows it. */
export interface Line {
  readonly text: string;
  /** What stands beside the text. */
  readonly fields?: object;
  /** @default the first error among the fields */
  readonly error?: unknown;
  /** Which part of the program says it: the logger's own name. */
  readonly caller?: unknown;
  /** What lines have in common whose texts differ, where the logger knows it. */
  readonly fingerprint?: string;
}

interface LogOptions extends NotifyOptions {
  readonly kind: "log";
}

const SEVERITIES = new Map<string, Severity>([
  ["warn", "warning"],
  ["warning", "warning"],
  ["err", "error"],
  ["error", "error"],
  ["fatal", "critical"],
  ["crit", "critical"],
  ["critical", "critical"],
  ["alert", "critical"],
  ["emerg", "critical"],
]);

/** Whatever is logged inside comes of telling a line, and would be told for ever. */
const telling = createStorage<true>();

/**
 * Tells a line if its level, a name or one of pino's numbers, is that of a warning or worse. Never throws; `line` is
 * only asked when it is told.
 */
export function tellLine(snitch: Snitch, level: unknown, line: () => Line): void {
  attempt(() => {
    const severity = severityOf(level);
    if (severity && !telling.getStore()) telling.run(true, () => tell(snitch, severity, line()));
  });
}

function tell(snitch: Snitch, severity: Severity, { text, fields = {}, caller, fingerprint, ...line }: Line): void {
  if (text.startsWith("snitchbot: ")) return; // what the client says of itself
  const error = line.error ?? Object.values(fields).find((value) => value instanceof Error);
  const extras = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== error));
  const how: LogOptions = {
    kind: "log",
    severity,
    error,
    ...(Object.keys(extras).length ? { extras } : {}),
    ...(caller ? { context: { caller } } : {}),
    ...(fingerprint ? { fingerprint } : {}),
  };
  snitch.notify(text || sentence(error ?? extras), how);
}

/** The line that a console is given: the signs of its first text are filled in, errors and objects kept as they are. */
export function lineOf(args: readonly unknown[]): Line {
  const rest = [...args];
  const head = typeof rest[0] === "string" ? filled(String(rest.shift()), rest) : "";
  const error = args.find((it) => it instanceof Error);
  const things = rest.filter((it) => typeof it === "object" && it !== null && it !== error) as object[];
  const words = rest.filter((it) => typeof it !== "object" || it === null).map(String);
  const [first = {}] = things;
  const fields = things.length > 1 || Array.isArray(first) ? { ...things } : first;
  return { text: [head, ...words].filter(Boolean).join(" "), error, fields };
}

/** Takes from `rest` what `%s`, `%d`, `%o` and their like stand for. */
function filled(text: string, rest: unknown[]): string {
  return text.replace(/%[sdifjoOc%]/g, (sign) => {
    if (sign === "%%") return "%";
    if (!rest.length) return sign;
    const value = sentence(rest.shift());
    return sign === "%c" ? "" : value; // a browser's styles
  });
}

function severityOf(level: unknown): Severity | undefined {
  if (typeof level !== "number") return SEVERITIES.get(String(level).toLowerCase());
  if (level >= 50) return level >= 60 ? "critical" : "error";
  return level >= 40 ? "warning" : undefined;
}
