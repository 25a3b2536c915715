/** Monitors: what beats are expected of, and what became of it. */
import * as z from "zod";
import type { Vitals } from "../../event.ts";
import type { Expectation, LastSaid, Monitor, Notice, Status } from "../monitor.ts";
import { HUB, memberOf, serviceKey, TICKS, WHEEL } from "./keys.ts";
import { BEAT, HEARD, LAPSE, TUNE } from "./monitor.lua.ts";
import { newestOf, wordsOf } from "./pages.ts";
import { maybeTexts, type Redis, readable, script, texts } from "./redis.ts";
import { together } from "./together.ts";

/** One beat on its way in. */
export interface Beat {
  readonly now: number;
  readonly service: string;
  readonly serviceId: string;
  readonly generation: number;
  /** "" is the service itself. */
  readonly name: string;
  readonly action: "success" | "start" | "fail" | "log";
  /** Of a run that failed; 0 where it said none. */
  readonly exit: number;
  /** Tells overlapping runs apart; "" for a run without an id. */
  readonly run: string;
  /** Names this request: a resend of it has no effect. */
  readonly requestId: string;
  /** What the address asks for, with the slot before now and the next ones; taken when the monitor is made. */
  readonly asks?: Slotted;
  /** Taken when nothing is asked for. */
  readonly otherwise?: Expectation;
  readonly output?: string;
  readonly instance?: string;
  /** What the instance measured since it beat last, oldest first; kept of one that has a name. */
  readonly vitals?: readonly Vitals[];
}

export interface Slotted {
  readonly expectation: Expectation;
  /** Of a cron expression: the slot before now and the next ones; else empty. */
  readonly slots: readonly number[];
}

/** What became of a beat. */
export type Beaten =
  | "revoked"
  /** Its service has all the monitors that it may have. */
  | "full"
  | {
      readonly created: boolean;
      /** The chat has something to hear. */
      readonly news: boolean;
      /** How often it is to beat, where that is said in milliseconds. */
      readonly every?: number;
      /** Nothing happened yet: what the store knew of its slots is used up. Beat again, with this and its slots in `asks`. */
      readonly wants?: Expectation;
    };

/** A monitor, by its service and its name. */
export interface MonitorId {
  readonly service: string;
  readonly name: string;
}

/** A monitor as the store holds it. */
export interface Watched {
  readonly monitor: Monitor;
  /** What the chat has not heard, oldest first. */
  readonly notices: readonly Notice[];
  /** What its beats ask for instead of what is expected of it. */
  readonly offered?: Expectation;
  /** The message that told that it is down. */
  readonly alert?: AlertPlace;
  /** Ids of what its service told last, newest first. */
  readonly recent: readonly string[];
  /** The service's topic in the chat, as the store keeps it. */
  readonly topic?: string;
  /** What {@link MonitorVerbs.heard} compares. */
  readonly seen: string;
}

/** Where it stands that a monitor is down. */
export interface AlertPlace {
  readonly chatId: number;
  readonly messageId: number;
  /** The message is about others too. */
  readonly isShared: boolean;
}

/** What was told of a monitor. */
export interface Heard extends MonitorId {
  /** What was read of it. */
  readonly seen: string;
  /** Kinds of notices that were not told with the others. */
  readonly without?: readonly Notice["kind"][];
  /** Absent when it is not down. */
  readonly alert?: AlertPlace | undefined;
}

/** What a person may decide about a monitor. */
export type Tuning =
  | { readonly kind: "pause" | "rest" | "resume" | "ack" | "keep" }
  | { readonly kind: "snooze"; readonly until: number }
  /** Takes what its beats ask for, if that is still what its button said; `slots` as in {@link Slotted}. */
  | { readonly kind: "take"; readonly offer: string; readonly slots: readonly number[] };

export interface MonitorVerbs {
  /** Takes one beat. */
  beat(beat: Beat): Promise<Beaten>;
  /** Settles monitors whose time has come. Answers how many changed their status. */
  lapse(now: number, dues: readonly MonitorId[]): Promise<number>;
  /** Reads monitors, and what waits to be told of each; `undefined` for what is not known any more. */
  readMonitors(ids: readonly MonitorId[], chatId?: number): Promise<readonly (Watched | undefined)[]>;
  /** What a service said last, of the ids that it told last. */
  lastSaid(service: string, ids: readonly string[]): Promise<LastSaid>;
  /** The chat has heard what was read of these. What came meanwhile waits on. */
  heard(of: readonly Heard[], now: number): Promise<void>;
  /** What waits to be told of these waits on, each until its time. */
  delay(of: readonly (MonitorId & { readonly until: number })[]): Promise<void>;
  /** Does what a person decided. Answers how it stands then; `undefined` when there is no such monitor, or no such offer. */
  tune(id: MonitorId, tuning: Tuning, now: number): Promise<Status | undefined>;
  /** The names of a service's monitors. */
  monitorsOf(service: string): Promise<readonly string[]>;
  /** How many other monitors are expected to beat between two times. */
  awaited(from: number, to: number): Promise<number>;
  /** When we were blind, and how many deadlines were put off for it. */
  blindness(): Promise<{ readonly from: number; readonly to: number; readonly deadlines: number } | undefined>;
  /** The chat has heard that we were blind. */
  confessed(): Promise<void>;
}

/** Monitors that a service may have. */
export const MONITORS: number = 100;
/** A process that sends no vitals for so long, though it did before, is told of. */
const VITALS_MISSED = 5 * 60_000;
/** How long the return of many that fell silent together is gathered. */
const TOGETHER = 30_000;
/** What is expected of a monitor whose first beat asks for nothing: once a day, an hour late at most. */
const USUAL: Expectation = { every: 24 * 3_600_000, grace: 3_600_000 };

const STATUSES: Readonly<Record<string, Status>> = { n: "new", u: "up", d: "down", p: "paused", r: "resting" };

export function createMonitorVerbs(redis: Redis, isShared = false): MonitorVerbs {
  const beat = isShared ? together(redis, BEAT) : script(redis, BEAT);
  const lapse = script(redis, LAPSE);
  const heard = script(redis, HEARD);
  const tune = script(redis, TUNE);

  return {
    async beat(it) {
      const asked = it.asks && textOf(it.asks.expectation);
      const answer = await beat(
        [serviceKey(it.service), WHEEL, TICKS, HUB],
        [
          ...[it.now, it.service, it.serviceId, it.generation, it.name, it.action, it.exit, it.run, it.requestId],
          ...[asked ?? "", asked ? hashOf(asked) : "", it.asks?.slots.join(" ") ?? ""],
          ...[
            textOf(it.otherwise ?? USUAL),
            it.output ?? "",
            it.instance ?? "",
            newestOf(it.vitals),
            MONITORS,
            VITALS_MISSED,
            TOGETHER,
            it.instance ? wordsOf(it.vitals ?? [], it.now) : "",
          ],
        ],
      );
      const [kind, text = "", every = ""] = texts.parse(answer);
      if (kind === "X") return "revoked";
      if (kind === "F") return "full";
      if (kind === "N") return { created: false, news: false, wants: expectationOf(text) };
      return { created: text.includes("c"), news: text.includes("n"), ...(every > "0" && { every: Number(every) }) };
    },

    async lapse(now, dues) {
      const keys = [WHEEL, TICKS, HUB, ...dues.map(({ service }) => serviceKey(service))];
      const given = [now, ...dues.flatMap(({ service, name }) => [service, name])];
      const [flips = 0, broken = 0] = z.array(z.number()).parse(await lapse(keys, given));
      if (broken > 0) console.error(`snitchbot: ${broken} of ${dues.length} monitors cannot be read`);
      return flips;
    },

    async readMonitors(ids, chatId) {
      if (ids.length === 0) return [];
      const pipeline = redis.pipeline();
      for (const { service, name } of ids) {
        const own = ["b:", "bc:", "bo:", "bm:", "bx:", "n:"].map((field) => field + name);
        pipeline.hmget(serviceKey(service), ...own, "ring", `topic:${chatId}`);
      }
      const replies = await pipeline.exec<unknown[]>();
      return ids.map((id, i) => readable(() => watchedOf(id, maybeTexts.parse(replies[i]))));
    },

    async lastSaid(service, ids) {
      const some = ids.slice(0, 3);
      const fields = ["vitals", ...some.flatMap((id) => [`p:${id}`, `d:${id}`])];
      const [vitals, ...rest] = maybeTexts.parse(await redis.hmget(serviceKey(service), ...fields));
      const alerts = some.flatMap((_, i) => readable(() => saidOf(rest[i * 2] ?? null, rest[i * 2 + 1] ?? null)) ?? []);
      return { ...(vitals && { vitals: JSON.parse(vitals) }), alerts };
    },

    async heard(of, now) {
      const keys = [WHEEL, ...of.map(({ service }) => serviceKey(service))];
      const given = of.map(({ service, name, seen, without, alert }) => {
        return [service, name, seen, linesOf(seen, without), alert ? placeOf(alert) : ""];
      });
      await heard(keys, [now, ...given.flat()]);
    },

    async delay(of) {
      const [first, ...more] = of.map(({ service, name, until }) => {
        return { score: until, member: memberOf({ kind: "notice", service, name }) };
      });
      if (first) await redis.zadd(WHEEL, { xx: true }, first, ...more);
    },

    async tune({ service, name }, tuning, now) {
      const [what, slots] = detailsOf(tuning);
      const given = [now, service, name, tuning.kind, what, slots];
      const [status] = texts.parse(await tune([serviceKey(service), WHEEL], given));
      return status === undefined ? undefined : STATUSES[status];
    },

    async monitorsOf(service) {
      const [names] = maybeTexts.parse(await redis.hmget(serviceKey(service), "monitors"));
      return (names ?? "").split(",").slice(0, -1);
    },

    async awaited(from, to) {
      const members = await redis.zrange(WHEEL, from, to, { byScore: true, offset: 0, count: 1_000 });
      return texts.parse(members).filter((member) => member.startsWith("h")).length;
    },

    async blindness() {
      const [text] = maybeTexts.parse(await redis.hmget(HUB, "blind"));
      const [from, to, deadlines] = (text ?? "").split(" ").map(Number);
      return from === undefined || to === undefined || deadlines === undefined ? undefined : { from, to, deadlines };
    },

    async confessed() {
      await redis.pipeline().hdel(HUB, "blind").zrem(WHEEL, "b").exec();
    },
  };
}

function detailsOf(tuning: Tuning): readonly [what: string | number, slots: string] {
  if (tuning.kind === "take") return [tuning.offer, tuning.slots.join(" ")];
  return [tuning.kind === "snooze" ? tuning.until : "", ""];
}

function placeOf({ chatId, messageId, isShared }: AlertPlace): string {
  return `${chatId}:${messageId}${isShared ? ":shared" : ""}`;
}

function alertOf(place: string): AlertPlace | undefined {
  const [chatId, messageId, shared] = place.split(":");
  return messageId === undefined
    ? undefined
    : { chatId: Number(chatId), messageId: Number(messageId), isShared: shared === "shared" };
}

/** Of lines of notices those of some kinds. */
function linesOf(seen: string, kinds: readonly Notice["kind"][] = []): string {
  const lines = seen.split("\n").filter((line) => kinds.includes(KINDS[line[0] ?? ""] ?? "silent"));
  return lines.join("\n");
}

const KINDS: Readonly<Record<string, Notice["kind"]>> = {
  s: "silent",
  t: "stuck",
  f: "failed",
  u: "up",
  r: "reminder",
  l: "lost",
  v: "blind",
  o: "offer",
};

/** An expectation on one line: what the scripts need of it as numbers, a name for all of it, and the whole. */
function textOf(expectation: Expectation): string {
  const { every = 0, cron, tz, grace, max = grace, failures = 1, remind = 0 } = expectation;
  const json = JSON.stringify({
    every: every || undefined,
    cron,
    tz,
    grace,
    max,
    failures,
    remind: remind || undefined,
  });
  return `${every} ${grace} ${max} ${failures} ${remind} ${nameOf(json)} ${json}`;
}

const hashOf = (line: string): string => line.split(" ")[5] ?? "";

/** Eight hex digits, as fingerprints have; only to see that two differ. */
function nameOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

function expectationOf(line: string): Expectation {
  return JSON.parse(line.slice(line.indexOf("{"))) as Expectation;
}

/** Reads a monitor from its fields, the state and what is expected of it first; what else there is may be left out. */
export function watchedOf(
  { service, name }: MonitorId,
  [state, config, output, alert, offered, news, ring, topic]: readonly (string | null)[],
): Watched | undefined {
  if (state == null || config == null) return undefined;
  const [status = "", since, , last, expected, , begun, , , , , , instances = "-", took = "-"] = state.split(" ");
  const beats = instances.split(",").flatMap((it) => {
    const [instance, at] = it.split("=");
    return instance && at ? [[instance, Number(at)] as const] : [];
  });
  const [printedAt, ...printed] = (output ?? "").split("\n");
  const place = alertOf(alert ?? "");
  return {
    monitor: {
      ...{ service, name, status: STATUSES[status] ?? "new", since: Number(since) },
      ...{ last: Number(last), expected: Number(expected), expectation: expectationOf(config) },
      isRunning: begun !== "0",
      instances: Object.fromEntries(beats),
      ...(took !== "-" && { took: Number(took) }),
      ...(printedAt && Number(printedAt) >= Number(last) && { output: printed.join("\n") }),
    },
    notices: (news ?? "").split("\n").flatMap((line) => noticeOf(line, offered ?? null) ?? []),
    recent: (ring ?? "").split(" ").filter(Boolean).reverse(),
    seen: news ?? "",
    ...(topic && { topic }),
    ...(offered && { offered: expectationOf(offered) }),
    ...(place && { alert: place }),
  };
}

function noticeOf(line: string, offered: string | null): Notice | undefined {
  const [letter = "", time, more = "", ...rest] = line.split(" ");
  const at = Number(time);
  const number = Number(more);
  const word = rest.join(" ");
  const kind = KINDS[letter];
  switch (kind) {
    case "silent":
      return { kind, at };
    case "stuck":
      return { kind, at, began: number, run: word };
    case "failed":
      return { kind, at, exit: number };
    case "up":
      return { kind, at, downSince: number, after: word === "t" ? "stuck" : word === "f" ? "failed" : "silent" };
    case "reminder":
      return { kind, at, downSince: number };
    case "lost":
      return { kind, at, alive: number, instance: word };
    case "blind":
      return { kind, at, lastVitals: number };
    case "offer":
      return offered !== null && hashOf(offered) === more
        ? { kind, at, id: more, expectation: expectationOf(offered) }
        : undefined;
    default:
      return undefined;
  }
}

const told = z.object({ event: z.object({ kind: z.string(), title: z.string() }) });

function saidOf(payload: string | null, tally: string | null): LastSaid["alerts"][number][] {
  const [, last, count] = (tally ?? "").split(" ").map(Number);
  if (payload === null || last === undefined || count === undefined) return [];
  const { kind, title } = told.parse(JSON.parse(payload)).event;
  return [{ kind, title, count, last }];
}
