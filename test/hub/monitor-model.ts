/** What monitors do, without a store: plain data and pure functions, to hold the store against. */
import type { Expectation, Notice, Status } from "../../src/hub/monitor.ts";

/** All that is known of a monitor. Times are the hub's; 0 is none. */
export interface Known {
  readonly expectation: Expectation;
  readonly status: Status;
  readonly since: number;
  /** The latest time anything was taken. */
  readonly at: number;
  readonly last: number;
  readonly expected: number;
  /** Failures in a row. */
  readonly fails: number;
  /** The first start since the last success or failure. */
  readonly begun: number;
  /** How long the deadline was put off because the hub was blind. */
  readonly blind: number;
  readonly remindAt: number;
  /** Open runs, oldest first; "" is the one without an id. */
  readonly runs: readonly Run[];
  /** How long the last run took, when it was timed. */
  readonly took?: number;
  /** The last four requests. */
  readonly requests: readonly string[];
  /** Everything that was to be told so far. */
  readonly notices: readonly Notice[];
}

interface Run {
  readonly id: string;
  readonly start: number;
  /** It has had its time, nobody is alarmed by it any more. */
  readonly told: boolean;
}

/** What a request says. */
export interface Ping {
  readonly now: number;
  readonly action: "success" | "start" | "fail" | "log";
  readonly exit: number;
  readonly run: string;
  readonly requestId: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Two ticks further apart leave a blind window, unless they come seldom. */
const GAP = 150_000;
const OPEN_RUNS = 20;
const RUN_LIFE = 72 * HOUR;

/** The times of a cron that names its minutes, as `0,10,30 * * * *` does: the last one up to `now`, and those after it. */
export function slotsAround(cron: string, now: number, count: number): readonly number[] {
  const minutes = (cron.split(" ")[0] ?? "").split(",").map(Number);
  const hours = Array.from({ length: count + 2 }, (_, i) => Math.floor(now / HOUR) - 1 + i);
  const slots = hours.flatMap((hour) => minutes.map((minute) => hour * HOUR + minute * MINUTE));
  const first = slots.findLastIndex((slot) => slot <= now);
  return slots.slice(first, first + count);
}

/** When a beat is expected after one at `now`. A beat shortly before its slot fills that slot. */
export function next({ every = 0, cron, grace }: Expectation, now: number): number {
  if (cron === undefined) return now + every;
  const [before = 0, slot = 0, after = 0] = slotsAround(cron, now, 3);
  const early = Math.min(grace, (slot - before) / 10, 5 * MINUTE);
  return slot - now <= early ? after : slot;
}

/** What will be told, and when, if nothing comes any more. */
export function deadline({ status, since, expectation, expected, begun, blind, runs }: Known): Notice | undefined {
  if (status !== "up") return undefined;
  const { grace, max = grace } = expectation;
  const late = expected + grace;
  const isHeld = begun !== 0 && begun <= late; // by a run under way
  const silent = { kind: "silent", at: isHeld ? Math.max(late, begun + max) : late } as const;
  const stuck = runs
    .filter(({ told }) => !told)
    .map(({ id, start }) => ({ kind: "stuck", at: start + max, run: id, began: start }) as const);
  const first = [silent, ...stuck].reduce((a, b) => (b.at < a.at ? b : a));
  return { ...first, at: Math.max(first.at + blind, since) };
}

/** When the tick has to look at it; `Infinity` for never. */
export function dueOf(it: Known): number {
  const reminder = it.status === "down" && it.remindAt !== 0 ? it.remindAt : Number.POSITIVE_INFINITY;
  return deadline(it)?.at ?? reminder;
}

/** The times of the cron's last ticks, one of each minute, as a ring of 32 minutes keeps them. */
export function ticked(ticks: readonly number[], now: number): readonly number[] {
  const place = (time: number) => Math.floor(time / MINUTE) % 32;
  return [...ticks.filter((tick) => place(tick) !== place(now)), now];
}

/** How long the window without ticks is in which a time lies; 0 where it lies in none. */
function blindAround(time: number, now: number, ticks: readonly number[]): number {
  const times = [...ticks, now].sort((a, b) => a - b);
  const end = times.findIndex((tick) => tick >= time);
  const span = (times[end] ?? 0) - (times[end - 1] ?? Number.POSITIVE_INFINITY);
  return span > seldom(times) ? span : 0;
}

/** How far two ticks may be apart: where they come seldom, two and a half times what is usual. */
function seldom(times: readonly number[]): number {
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  const usual = gaps.sort((a, b) => a - b)[Math.ceil(gaps.length / 2) - 1] ?? 0;
  return Math.max(GAP, gaps.length < 8 ? 0 : usual * 2.5);
}

/** What has happened to it by `now` without anybody saying anything. */
export function settle(it: Known, now: number, ticks: readonly number[]): Known {
  const end = deadline(it);
  if (!end || end.at > now) return aged(it, now);
  const blind = it.blind === 0 ? blindAround(end.at, now, ticks) : 0;
  return blind > 0 ? settle({ ...it, blind }, now, ticks) : aged(goneDown(it, end), now);
}

function aged(it: Known, now: number): Known {
  const { grace, max = grace } = it.expectation;
  const isTold = (run: Run) => run.told || (it.status === "down" && run.start + max <= now);
  const open = it.runs.filter(({ start }) => now - start <= RUN_LIFE);
  return { ...it, runs: open.map((run) => ({ ...run, told: isTold(run) })) };
}

function goneDown(it: Known, notice: Notice): Known {
  const { remind } = it.expectation;
  const remindAt = remind === undefined ? 0 : notice.at + remind;
  return { ...it, status: "down", since: notice.at, remindAt, notices: [...it.notices, notice] };
}

/** A monitor that nothing is known of but what is expected. */
export function unknown(expectation: Expectation): Known {
  const none = { since: 0, at: 0, last: 0, expected: 0, fails: 0, begun: 0, blind: 0, remindAt: 0 };
  return { expectation, status: "new", ...none, runs: [], requests: [], notices: [] };
}

/** A request comes. The same one again has no effect, a clock that lags does not turn time back. */
export function beat(it: Known, ping: Ping, ticks: readonly number[]): Known {
  if (it.requests.includes(ping.requestId)) return it;
  const now = Math.max(ping.now, it.at);
  const after = taken(settle(it, now, ticks), ping, now);
  return { ...after, since: after.since || now, at: now, requests: [...it.requests, ping.requestId].slice(-4) };
}

function taken(it: Known, { action, run, exit }: Ping, now: number): Known {
  switch (action) {
    case "log":
      return it;
    case "start":
      return started(it, run, now);
    case "success":
      return exit === 0 ? succeeded(ended(it, run, now), now) : failed(ended(it, run, now), exit, now);
    case "fail":
      return failed(ended(it, run, now), exit, now);
  }
}

function started(it: Known, id: string, now: number): Known {
  if (it.status === "paused" || it.status === "resting") return it;
  const runs = [...it.runs.filter((run) => run.id !== id), { id, start: now, told: false }].slice(-OPEN_RUNS);
  const running = { ...it, runs, begun: it.begun || now };
  if (it.status !== "new") return running;
  return { ...running, status: "up", since: now, last: now, expected: next(it.expectation, now) };
}

/** A success or a failure ends its run, and with it all waiting. */
function ended({ took: _, ...it }: Known, id: string, now: number): Known {
  const start = it.runs.find((run) => run.id === id)?.start;
  const rest = { runs: it.runs.filter((run) => run.id !== id), begun: 0, blind: 0 };
  const timed = start === undefined ? {} : { took: now - start };
  return { ...it, ...rest, ...timed, last: now, expected: next(it.expectation, now) };
}

/** Why it is down: what was noticed last of that. */
function reasonOf(notices: readonly Notice[]): "silent" | "stuck" | "failed" {
  for (const { kind } of notices.toReversed())
    if (kind === "silent" || kind === "stuck" || kind === "failed") return kind;
  return "silent";
}

function succeeded(it: Known, now: number): Known {
  const well = { ...it, fails: 0 };
  if (it.status === "paused" || it.status === "up") return well;
  const up = { ...well, status: "up", since: now, remindAt: 0 } as const;
  if (it.status !== "down") return up;
  return { ...up, notices: [...it.notices, { kind: "up", at: now, downSince: it.since, after: reasonOf(it.notices) }] };
}

function failed(before: Known, exit: number, now: number): Known {
  const it = { ...before, fails: before.fails + 1 };
  if (it.status === "paused" || it.status === "down") return it;
  if (it.fails >= (it.expectation.failures ?? 1)) return goneDown(it, { kind: "failed", at: now, exit });
  return it.status === "up" ? it : { ...it, status: "up", since: now };
}

/** The tick comes. It looks only at what is due. */
export function tick(given: Known, clock: number, ticks: readonly number[]): Known {
  if (dueOf(given) > clock) return given;
  const now = Math.max(clock, given.at);
  const it = { ...settle(given, now, ticks), at: now };
  const { remind = 0 } = it.expectation;
  if (it.status !== "down" || it.remindAt === 0 || it.remindAt > now) return it;
  const reminder = { kind: "reminder", at: it.remindAt, downSince: it.since } as const;
  const missed = Math.floor((now - it.remindAt) / remind);
  return { ...it, remindAt: it.remindAt + (missed + 1) * remind, notices: [...it.notices, reminder] };
}

/** It is silenced, and its runs are forgotten: nobody is to be alarmed by one of them when it comes up again. */
export function pause(it: Known, status: "paused" | "resting", now: number): Known {
  return { ...it, status, since: now, begun: 0, remindAt: 0, runs: [] };
}

/** A person ends that. It waits for its first beat again. */
export function resume(it: Known, now: number): Known {
  return { ...pause(it, "paused", now), status: "new", last: 0, expected: 0, blind: 0, fails: 0 };
}

/** What can happen to a hub. */
export type Deed =
  | { readonly kind: "beat"; readonly name: string; readonly ping: Ping }
  | { readonly kind: "tick"; readonly now: number }
  | { readonly kind: "pause" | "rest" | "resume"; readonly name: string; readonly now: number };

/** Monitors by their names, what is expected of each, and the cron's last ticks. */
export interface Hub {
  readonly expectations: Readonly<Record<string, Expectation>>;
  readonly monitors: Readonly<Record<string, Known>>;
  readonly ticks: readonly number[];
}

export function after(hub: Hub, deed: Deed): Hub {
  if (deed.kind === "tick") {
    const ticks = ticked(hub.ticks, deed.now);
    const looked = Object.entries(hub.monitors).map(([name, it]) => [name, tick(it, deed.now, ticks)]);
    return { ...hub, ticks, monitors: Object.fromEntries(looked) };
  }
  const known = hub.monitors[deed.name];
  const it = deed.kind === "beat" ? (known ?? unknown(hub.expectations[deed.name] ?? { grace: 0 })) : known;
  return it ? { ...hub, monitors: { ...hub.monitors, [deed.name]: changed(it, deed, hub.ticks) } } : hub;
}

function changed(it: Known, deed: Exclude<Deed, { kind: "tick" }>, ticks: readonly number[]): Known {
  switch (deed.kind) {
    case "beat":
      return beat(it, deed.ping, ticks);
    case "pause":
      return pause(it, "paused", deed.now);
    case "rest":
      return pause(it, "resting", deed.now);
    case "resume":
      return resume(it, deed.now);
  }
}
