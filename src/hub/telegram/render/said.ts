/** What a monitor said last: what shows why it is down. */
import type { Vitals } from "../../../event.ts";
import type { LastSaid, Monitor } from "../../monitor.ts";
import { about } from "./expectation.ts";
import { KEEP, oneLine, type Pair, pairLines } from "./pairs.ts";
import { type Block, code, type Line, line } from "./tree.ts";
import { ago, grouped, megabytes, milliseconds } from "./units.ts";

const MOST_ALERTS = 3;
const MOST_TITLE = 120;
/** Instances that are told of. */
export const MOST_INSTANCES = 10;
/** Most characters of an instance's name. */
export const MOST_NAME = 40;
/** A phone shows as much of it without scrolling far. */
const MOST_LINES = 15;
const MOST_OUTPUT = 1_200;

/** The newest alerts and the last vitals of what fell silent at a time. */
export function saidBlock({ vitals, alerts }: LastSaid, silence: number): Block {
  const nodes = [
    ...alerts.slice(0, MOST_ALERTS).map((it) => alertLine(it, silence)),
    ...(vitals ? vitalsLines(vitals, silence) : []),
  ];
  return { kind: "block", name: "Last said", nodes };
}

/** `12 × OutOfMemory: heap limit, 40 s before it fell silent` */
function alertLine({ title, count, last }: LastSaid["alerts"][number], silence: number): Line {
  const times = count > 1 ? `${grouped(count)} × ` : "";
  return line(`${times}${oneLine(title, MOST_TITLE) || "(no title)"}, ${relative(last, silence)}`);
}

function vitalsLines(vitals: Vitals, silence: number): Line[] {
  return pairLines([...vitalsPairs(vitals), ["measured", relative(vitals.at, silence)]], KEEP.extra);
}

/** One sample, as far as it was measured. */
export function vitalsPairs({ rss, cpu, heap, loopMs, fds, threads }: Vitals): readonly Pair[] {
  const told = (value: number | undefined, write: (value: number) => string) =>
    value === undefined ? undefined : code(write(value));
  return [
    ["rss", told(rss, megabytes)],
    ["cpu", told(cpu, (percent) => `${grouped(percent)}%`)],
    ["heap", told(heap, megabytes)],
    ["loop", told(loopMs, milliseconds)],
    ["fds", told(fds, grouped)],
    ["threads", told(threads, grouped)],
  ];
}

/** Processes may say more after their last beat. */
function relative(at: number, silence: number): string {
  return at > silence ? `${about(at - silence)} after its last beat` : `${about(silence - at)} before it fell silent`;
}

/** When each instance beat last, where there are several; the latest first. */
export function instancesBlock({ instances }: Monitor, now: number): Block {
  const beats = Object.entries(instances).sort(([, a], [, b]) => b - a);
  const shown = beats.length > 1 ? beats.slice(0, MOST_INSTANCES) : [];
  const pairs = shown.map(([name, at]): Pair => [oneLine(name, MOST_NAME), ago(at, now)]);
  const hidden = beats.length > 1 ? beats.length - shown.length : 0;
  return { kind: "block", name: "Last beats", nodes: pairLines(pairs, KEEP.detail), hidden, note: more };
}

/** `… 4 more` */
export function more(hidden: number): string {
  return hidden > 0 ? `… ${grouped(hidden)} more` : "";
}

/** The end of what a run printed, since that is where it says what went wrong. */
export function outputBlock(output: string): Block {
  const nodes = output.trim() === "" ? [] : [{ kind: "pre", text: tail(output.trimEnd()) } as const];
  return { kind: "block", name: "Output", nodes };
}

function tail(output: string): string {
  const lines = output.split("\n");
  const characters = [...lines.slice(-MOST_LINES).join("\n")];
  if (characters.length > MOST_OUTPUT) return `…${characters.slice(1 - MOST_OUTPUT).join("")}`;
  return `${lines.length > MOST_LINES ? "…\n" : ""}${characters.join("")}`;
}
