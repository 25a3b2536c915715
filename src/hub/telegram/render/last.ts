/** What was told last. */
import { isMuted } from "../../health.ts";
import type { Mute } from "../../mute.ts";
import { RANK } from "../../severity.ts";
import type { Said } from "../../survey.ts";
import { type Button, buttonsOf } from "./callback.ts";
import { RULE } from "./heartbeat.ts";
import { lifecycleTitle } from "./lifecycle.ts";
import { ICONS, label, type Message } from "./message.ts";
import { KEEP, oneLine } from "./pairs.ts";
import { titleLine } from "./title.ts";
import { code, fitted, line, type Node, type Span } from "./tree.ts";
import { ago, grouped } from "./units.ts";

/** What was asked for, as the headline repeats it. */
export interface Asked {
  readonly service: string | undefined;
  /** Of a certain length, as a person says it; else all that is kept. */
  readonly window: string | undefined;
  /** At most so many. */
  readonly most: number;
  readonly what: "errors" | "all";
}

const MOST_TITLE = 90;
/** Those that have buttons, a row each. */
const BUTTONS = 3;

/** The newest first, each with a number that its buttons repeat. */
export function renderLast(said: readonly Said[], mutes: readonly Mute[], asked: Asked, now: number): Message {
  const shown = merged(said).slice(0, asked.most);
  if (shown.length === 0) return nothingSaid(asked);
  const nodes = shown.flatMap((it, i) => saidNodes(it, i + 1, asked, mutes, now));
  return { ...fitted([line(headOf(shown.length, asked)), line(RULE), ...nodes]), buttons: rowsOf(shown) };
}

/** `📜 Last 5 errors · orders-api · 24h` */
function headOf(count: number, { service, window, what }: Asked): string {
  const noun = what === "errors" ? "error" : "event";
  const head = count === 1 ? `Last ${noun}` : `Last ${grouped(count)} ${noun}s`;
  return ["📜", head, ...[service, window].flatMap((it) => (it === undefined ? [] : ["·", it]))].join(" ");
}

function nothingSaid({ service, window, what }: Asked): Message {
  const of = service === undefined ? "" : ` of ${service}`;
  const when = window === undefined ? " yet" : ` in the last ${window}`;
  const hint = what === "errors" ? [" ", code("/last all"), " shows warnings and notes too."] : [];
  return { ...fitted([line(`🟢 No ${what === "errors" ? "errors" : "events"}${of}${when}.`, ...hint)]), buttons: [] };
}

/** One kind has several windows when it got worse, or went on for an hour; the newest of them stands for all. */
function merged(said: readonly Said[]): readonly Said[] {
  const kinds = new Map<string, Said>();
  for (const it of said) {
    const { service, fingerprint } = it.alert;
    const key = fingerprint === "" ? `${kinds.size}` : `${service} ${fingerprint}`;
    const newer = kinds.get(key);
    kinds.set(key, newer ? { ...newer, tally: { ...newer.tally, count: newer.tally.count + it.tally.count } } : it);
  }
  return [...kinds.values()];
}

function saidNodes(it: Said, number: number, asked: Asked, mutes: readonly Mute[], now: number): Node[] {
  const { alert, tally } = it;
  const { service, fingerprint, event } = alert;
  const hushed = RANK[event.severity] < RANK.critical && isMuted(service, fingerprint, mutes, now);
  const head: readonly Span[] = [
    `${number}. ${hushed ? "🔕" : ""}${ICONS[event.severity]} ${label(event)}`,
    ...(asked.service === undefined ? [` · ${service}`] : []),
    ...(fingerprint === "" ? [] : [" · ", code(fingerprint)]),
    tally.count > 1 ? ` × ${grouped(tally.count)}` : "",
    " · ",
    ago(tally.last, now),
  ];
  return [line(...head), { ...line(`    ${titleOf(it)}`), keep: KEEP.place }];
}

/** Its title as its message has it, on one line. */
function titleOf({ alert }: Said): string {
  const { event } = alert;
  const words = (event.lifecycle ? lifecycleTitle(alert) : titleLine(event)).spans.map((span) =>
    typeof span === "string" ? span : span.text,
  );
  return oneLine(words.join(""), MOST_TITLE);
}

/** The trace and an hour's silence, as below the alert itself. */
function rowsOf(shown: readonly Said[]): readonly (readonly Button[])[] {
  return shown.slice(0, BUTTONS).flatMap(({ alert }, i) => {
    const row = (buttonsOf(alert)[0] ?? []).filter((it) => "data" in it && /^v1:(trace|m1h):/.test(it.data));
    return row.length > 0 ? [row.map((button) => ({ ...button, text: `${i + 1}. ${button.text}` }))] : [];
  });
}
