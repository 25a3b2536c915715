/** What there is to tell about one monitor, each thing with a headline. */
import type { Monitor, Notice } from "../../monitor.ts";
import { about, exactly, expectationSpans, lasted, scheduleSpans } from "./expectation.ts";
import { counted } from "./frames.ts";
import { type Down, downTime, type Of, type Outage, outagesOf } from "./outages.ts";
import { oneLine } from "./pairs.ts";
import { instancesBlock, MOST_INSTANCES, MOST_NAME, more, outputBlock, saidBlock } from "./said.ts";
import { code, type Line, line, type Node, type Span } from "./tree.ts";
import { ago, clock, grouped } from "./units.ts";

/** A headline, and what there is to know about it. */
export interface Story {
  /** `🔴 silent` */
  readonly title: string;
  /** ` · since 14:18:10 UTC` */
  readonly when: readonly Span[];
  readonly nodes: readonly Node[];
}

/** A deadline told later than this was noticed late, or could not be told. */
const LATE = 90_000;
const MOST_RUN = 64;

/** How it stands first, then what else is pending. */
export function storiesOf(monitor: Monitor, notices: readonly Notice[], now: number, missed: number): Story[] {
  const { over, open } = outagesOf(notices);
  const newest = [...notices].sort((a, b) => b.at - a.at);
  const of = <Kind extends Notice["kind"]>(kind: Kind): Of<Kind>[] =>
    newest.filter((notice): notice is Of<Kind> => notice.kind === kind);
  // What is silent has neither instances nor vitals left.
  const beats = open?.kind !== "silent";
  const [lost, [blind], [offer]] = [beats ? of("lost") : [], beats ? of("blind") : [], of("offer")];
  return [
    ...(open ? [downStory(monitor, open, over, now)] : upStories(over, now, missed)),
    ...(lost[0] ? [lostStory(monitor, lost, lost[0].alive, now)] : []),
    ...(blind ? [blindStory(monitor, blind, now)] : []),
    ...(offer ? [offerStory(monitor, offer)] : []),
  ];
}

function downStory(monitor: Monitor, down: Down, over: readonly Outage[], now: number): Story {
  const past = pastLines(monitor, down, over, now);
  switch (down.kind) {
    case "silent":
      return silentStory(monitor, down, past, now);
    case "stuck":
      return { title: "🔴 stuck", when: since(down.at, now), nodes: [runLine(monitor, down, now), ...past] };
    case "failed":
      return {
        title: "🔴 failed",
        when: [" · ", clock(down.at, now)],
        nodes: [exitLine(monitor, down), ...past, outputBlock(monitor.output ?? "")],
      };
    case "reminder":
      return {
        title: "🟠 still down",
        when: since(down.downSince, now),
        nodes: [...lastBeat(monitor, down.downSince, now), expectedLine(monitor, now), ...past],
      };
  }
}

function silentStory(monitor: Monitor, { at }: Of<"silent">, past: readonly Line[], now: number): Story {
  const { lastSaid } = monitor;
  const silence = lastBefore(monitor, at) ?? at;
  return {
    title: "🔴 silent",
    when: since(at, now),
    nodes: [
      ...lastBeat(monitor, at, now),
      expectedLine(monitor, now),
      ...past,
      ...(lastSaid ? [saidBlock(lastSaid, silence)] : []),
      instancesBlock(monitor, now),
    ],
  };
}

/** The last beat, unless it is one that came after it was down. */
export function lastBefore({ last }: Monitor, down: number): number | undefined {
  return last > 0 && last <= down ? last : undefined;
}

/** `last beat 3m ago` */
function lastBeat(monitor: Monitor, down: number, now: number): Line[] {
  const last = lastBefore(monitor, down);
  return last === undefined ? [] : [line("last beat ", ago(last, now))];
}

/** `expected every 60 s, 2 min grace`; of a cron expression also which of its times it was. */
function expectedLine({ expectation, expected }: Monitor, now: number): Line {
  const slot = expectation.cron !== undefined && expected > 0 && expected <= now ? [clock(expected, now), ", "] : [];
  return line("expected ", ...slot, ...scheduleSpans(expectation));
}

/** `run etl-7 began 03:00:00 UTC (40m ago), may take 30 min` */
function runLine({ expectation: { max, grace } }: Monitor, { run, began }: Of<"stuck">, now: number): Line {
  const which = run === "" ? ["a run"] : ["run ", code(oneLine(run, MOST_RUN))];
  return line(...which, " began ", clock(began, now), " (", ago(began, now), `), may take ${exactly(max ?? grace)}`);
}

/** `exit status 1 after 4m 12s`; how long is only known of the last run. */
function exitLine({ took, last }: Monitor, { exit, at }: Of<"failed">): Line {
  const how = exit === 0 ? "it reported a failure" : `exit status ${exit}`;
  return line(took === undefined || last > at ? how : `${how} after ${lasted(took)}`);
}

/** What happened besides: since it is down, when that is told late, and before. */
function pastLines({ last }: Monitor, { kind, at }: Down, over: readonly Outage[], now: number): Line[] {
  const hasDeadline = kind === "silent" || kind === "stuck";
  return [
    // A success would have brought it up.
    ...(kind !== "reminder" && last > at ? [line("only failures came since, the last one ", ago(last, now))] : []),
    ...(hasDeadline && now - at > LATE ? [line("due by ", clock(at, now), ", told ", clock(now, now))] : []),
    ...(over[0] ? [line("before that ", ...severalSpans(over, over[0].from, now))] : []),
  ];
}

function upStories(over: readonly Outage[], now: number, missed: number): Story[] {
  const [first, last] = [over[0], over.at(-1)];
  if (!first || !last) return [];
  const spans = over.length > 1 ? severalSpans(over, first.from, now) : outageSpans(last, now);
  const beats = missed > 0 ? `; missed ${counted(missed, "beat")}` : "";
  return [{ title: "✅ up again", when: [" · ", clock(last.to, now)], nodes: [line(...spans, beats)] }];
}

/** `was silent for 6 min, since 14:18:10 UTC, and beats again` */
function outageSpans({ from, to, by, after }: Outage, now: number): readonly Span[] {
  const time = about(to - from);
  const why = by === undefined || by.kind === "reminder" ? after : by.kind;
  if (why !== "failed") return [`was ${why} for ${time}, since `, clock(from, now), ", and beats again"];
  const exit = by?.kind === "failed" && by.exit > 0 ? ` with exit status ${by.exit}` : "";
  return [`failed${exit} at `, clock(from, now), ` and succeeded ${time} later`];
}

/** `down 3 times since 14:02:10 UTC, 14 min in all` */
function severalSpans(over: readonly Outage[], from: number, now: number): readonly Span[] {
  const times = over.length === 1 ? "once" : `${grouped(over.length)} times`;
  return [`down ${times} since `, clock(from, now), `, ${about(downTime(over))} in all`];
}

/** The newest of several says how many are left. */
function lostStory({ instances }: Monitor, lost: readonly Of<"lost">[], alive: number, now: number): Story {
  const beats = new Map(Object.entries(instances));
  const times = new Map(lost.map(({ instance, at }) => [instance, beats.get(instance) ?? at]));
  const total = Math.max(beats.size, alive + times.size);
  const nodes = [...times]
    .slice(0, MOST_INSTANCES)
    .map(([instance, at]) => line(code(oneLine(instance, MOST_NAME)), " last beat ", ago(at, now)));
  return {
    title: `🟠 ${grouped(alive)} of ${counted(total, "instance")} alive`,
    when: since(Math.min(...times.values()), now),
    nodes: [{ kind: "block", nodes, hidden: times.size - nodes.length, note: more }],
  };
}

function blindStory({ last }: Monitor, { lastVitals }: Of<"blind">, now: number): Story {
  return {
    title: "🟠 no vitals",
    when: since(lastVitals, now),
    nodes: [line("its last beat came ", ago(last, now), ", its last vitals ", ago(lastVitals, now))],
  };
}

function offerStory(monitor: Monitor, { expectation }: Of<"offer">): Story {
  const nodes = [
    line("its beats now ask for: ", ...expectationSpans(expectation)),
    line("expected so far: ", ...expectationSpans(monitor.expectation)),
  ];
  return { title: "💡 another schedule", when: [], nodes };
}

function since(at: number, now: number): readonly Span[] {
  return [" · since ", clock(at, now)];
}
