import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startUpstash, type Upstash } from "../../src/dev/upstash/front.ts";
import type { Expectation, Notice } from "../../src/hub/monitor.ts";
import { type Beat, type Beaten, connect, createStore, LEASE, type Store } from "../../src/hub/store/store.ts";
import { engines } from "../engines.ts";
import {
  after,
  beat,
  type Deed,
  deadline,
  dueOf,
  type Hub,
  type Known,
  next,
  type Ping,
  pause,
  resume,
  slotsAround,
  tick,
  ticked,
  unknown,
} from "./monitor-model.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A full hour. */
const NOW = 1_800_000_000_000;
const SERVICE = "orders-api";

const EVERY: Expectation = { every: 10 * MINUTE, grace: 5 * MINUTE };
const CRON: Expectation = { cron: "0,10,30 * * * *", tz: "UTC", grace: 5 * MINUTE };

type Line = readonly [
  minute: number,
  what: Ping["action"] | "tick" | "pause" | "rest" | "resume",
  given?: Partial<Ping>,
];

/** Tells a monitor's story: a line is a minute and what comes in it. Without ticks nobody is blind. */
function story(expectation: Expectation, lines: readonly Line[], ticks: readonly number[] = []): Known {
  return lines.reduce((it, [minute, what, given], i) => {
    const now = NOW + minute * MINUTE;
    if (what === "tick") return tick(it, now, ticks);
    if (what === "resume") return resume(it, now);
    if (what === "pause" || what === "rest") return pause(it, what === "rest" ? "resting" : "paused", now);
    return beat(it, { now, action: what, exit: 0, run: "", requestId: `${i}`, ...given }, ticks);
  }, unknown(expectation));
}

/** A time as its minute in the story. */
const minuteOf = (time: number): number => (time - NOW) / MINUTE;

function spell(notice: Notice): string {
  const minute = minuteOf(notice.at);
  switch (notice.kind) {
    case "stuck":
      return `${minute} stuck: ${notice.run}, began ${minuteOf(notice.began)}`;
    case "failed":
      return `${minute} failed: ${notice.exit}`;
    case "up":
    case "reminder":
      return `${minute} ${notice.kind}, down since ${minuteOf(notice.downSince)}`;
    default:
      return `${minute} ${notice.kind}`;
  }
}

const told = (it: Known): string[] => it.notices.map(spell);
const status = (it: Known): string => `${it.status} since ${minuteOf(it.since)}`;
const due = (it: Known): number => minuteOf(dueOf(it));

describe("a monitor", () => {
  test("is new until its first beat, and then up without a word", () => {
    expect(story(EVERY, [[3, "log"]]).status).toBe("new");
    for (const first of ["success", "start"] as const) {
      const it = story(EVERY, [[3, first]]);
      expect([status(it), told(it), minuteOf(it.last), minuteOf(it.expected)]).toEqual(["up since 3", [], 3, 13]);
    }
  });

  test("is new for ever while nothing but log lines come", () => {
    expect(dueOf(story(EVERY, [[3, "log"]]))).toBe(Number.POSITIVE_INFINITY);
  });

  test("is down when a beat is later than its grace, at that very time", () => {
    expect(due(story(EVERY, [[0, "success"]]))).toBe(15);
    const it = story(EVERY, [
      [0, "success"],
      [77, "tick"],
    ]);
    expect([status(it), told(it)]).toEqual(["down since 15", ["15 silent"]]);
  });

  test("that beats when it is late, but within its grace, is up all the time", () => {
    const it = story(EVERY, [
      [0, "success"],
      [14.9, "success"],
      [29.8, "tick"],
    ]);
    expect([status(it), told(it)]).toEqual(["up since 0", []]);
  });

  test("that beats after its deadline was down, though no tick saw it", () => {
    const it = story(EVERY, [
      [0, "success"],
      [20, "success"],
    ]);
    expect([status(it), told(it)]).toEqual(["up since 20", ["15 silent", "20 up, down since 15"]]);
  });

  test.each(["log", "start", "fail"] as const)("that only says %s after its deadline is down since then", (action) => {
    const it = story(EVERY, [
      [0, "success"],
      [20, action],
    ]);
    expect([status(it), told(it)]).toEqual(["down since 15", ["15 silent"]]);
  });

  test("is down at once when it fails, and stays so when it fails again", () => {
    const it = story(EVERY, [
      [0, "success"],
      [1, "fail", { exit: 3 }],
      [2, "fail"],
      [3, "success"],
    ]);
    expect(told(it)).toEqual(["1 failed: 3", "3 up, down since 1"]);
  });

  test("that may fail twice is down with the third failure in a row", () => {
    const it = story({ ...EVERY, failures: 3 }, [
      [0, "fail"],
      [1, "fail"],
      [2, "success"],
      [3, "fail"],
      [4, "fail"],
      [5, "fail", { exit: 9 }],
    ]);
    expect([status(it), told(it)]).toEqual(["down since 5", ["5 failed: 9"]]);
  });

  test("that may fail is up after its first failure, which counts as a beat", () => {
    const it = story({ ...EVERY, failures: 2 }, [[3, "fail"]]);
    expect([status(it), told(it), due(it)]).toEqual(["up since 3", [], 18]);
  });

  test("reminds of itself while it is down, at most once a tick", () => {
    const REMINDED = { ...EVERY, remind: 10 * MINUTE };
    const silent = story(REMINDED, [
      [0, "success"],
      [15, "tick"],
      [24, "tick"],
      [26, "tick"],
      [47, "tick"],
    ]);
    expect(told(silent)).toEqual(["15 silent", "25 reminder, down since 15", "35 reminder, down since 15"]);
    expect(due(silent)).toBe(55);
    expect(due(story(REMINDED, [[2, "fail"]]))).toBe(12);
    expect(
      due(
        story(REMINDED, [
          [2, "fail"],
          [3, "success"],
        ]),
      ),
    ).toBe(18);
  });

  test("is never reminded of when nobody asked for it", () => {
    expect(dueOf(story(EVERY, [[2, "fail"]]))).toBe(Number.POSITIVE_INFINITY);
  });

  test("takes a request once, as long as it is one of its last four", () => {
    const twice = (between: number) =>
      story({ ...EVERY, failures: 9 }, [
        [0, "fail", { requestId: "a" }],
        ...Array.from({ length: between }, (): Line => [1, "log"]),
        [2, "fail", { requestId: "a" }],
      ]).fails;
    expect([twice(0), twice(3), twice(4)]).toEqual([1, 1, 2]);
  });

  test("takes what comes with an older clock as if it came just after the last", () => {
    const it = story(EVERY, [
      [5, "success"],
      [3, "start"],
      [2, "fail"],
    ]);
    expect([told(it), it.took]).toEqual([["5 failed: 0"], 0]);
  });

  test("does not come up before the tick that found it down", () => {
    const it = story(EVERY, [
      [0, "success"],
      [16, "tick"],
      [14, "success"],
    ]);
    expect(told(it)).toEqual(["15 silent", "16 up, down since 15"]);
  });
});

describe("a run", () => {
  const RUNS: Expectation = { every: HOUR, grace: 5 * MINUTE, max: 20 * MINUTE };

  test("is timed from its start to its end, whichever way it ends", () => {
    for (const end of ["success", "fail"] as const) {
      const it = story(RUNS, [
        [0, "start", { run: "a" }],
        [2, "start", { run: "b" }],
        [7, end, { run: "a" }],
      ]);
      expect([it.took, it.runs.map(({ id }) => id)]).toEqual([7 * MINUTE, ["b"]]);
    }
  });

  test("that was never begun ends without a time", () => {
    const it = story(RUNS, [
      [0, "start", { run: "a" }],
      [1, "success", { run: "a" }],
      [2, "success", { run: "b" }],
    ]);
    expect([it.took, it.fails]).toEqual([undefined, 0]);
  });

  test("begins anew with a second start", () => {
    expect(
      story(RUNS, [
        [0, "start"],
        [5, "start"],
        [6, "success"],
      ]).took,
    ).toBe(MINUTE);
  });

  test("may take as long as a beat may be late, when nothing is said of it", () => {
    const it = story(EVERY, [
      [0, "start", { run: "a" }],
      [9, "tick"],
    ]);
    expect(told(it)).toEqual(["5 stuck: a, began 0"]);
  });

  test("is stuck though a newer one has ended, and is told once", () => {
    const it = story(RUNS, [
      [0, "start", { run: "a" }],
      [5, "start", { run: "b" }],
      [6, "success", { run: "b" }],
      [30, "success"],
      [60, "tick"],
    ]);
    expect(told(it)).toEqual(["20 stuck: a, began 0", "30 up, down since 20"]);
  });

  test("that became too long while the monitor was down alarms nobody, and is still timed", () => {
    const it = story(RUNS, [
      [0, "fail"],
      [1, "start", { run: "a" }],
      [22, "success"],
      [23, "tick"],
      [31, "success", { run: "a" }],
    ]);
    expect([told(it), it.took]).toEqual([["0 failed: 0", "22 up, down since 0"], 30 * MINUTE]);
  });

  test("that has just become too long when the monitor comes up alarms nobody either", () => {
    const it = story(RUNS, [
      [0, "fail"],
      [1, "start", { run: "a" }],
      [21, "success"],
      [22, "tick"],
    ]);
    expect(told(it)).toEqual(["0 failed: 0", "21 up, down since 0"]);
  });

  test("that is not too long yet when the monitor comes up is stuck in its time", () => {
    const it = story(RUNS, [
      [0, "fail"],
      [10, "start", { run: "a" }],
      [20, "success"],
      [31, "tick"],
    ]);
    expect(told(it).at(-1)).toBe("30 stuck: a, began 10");
  });

  test("under way holds the schedule as long as a run may take, from the first unfinished start", () => {
    const held = (...starts: number[]) =>
      deadline(story({ ...RUNS, max: HOUR }, [[0, "success"], ...starts.map((at): Line => [at, "start"])]));
    expect(held(50, 55)).toEqual({ kind: "silent", at: NOW + 110 * MINUTE });
    expect(held(64)).toEqual({ kind: "silent", at: NOW + 124 * MINUTE });
    expect(held()).toEqual({ kind: "silent", at: NOW + 65 * MINUTE });
  });

  test("that is late together with the schedule leaves the word to the schedule", () => {
    expect(
      told(
        story({ ...RUNS, max: HOUR }, [
          [0, "success"],
          [60, "start"],
          [200, "tick"],
        ]),
      ),
    ).toEqual(["120 silent"]);
  });

  test("that was begun before the monitor was silenced is forgotten", () => {
    const it = story(RUNS, [
      [0, "start", { run: "a" }],
      [1, "rest"],
      [40, "success"],
      [41, "tick"],
    ]);
    expect([status(it), told(it)]).toEqual(["up since 40", []]);
  });

  test("is one of twenty at most, and goes after three days", () => {
    const starts = Array.from({ length: 21 }, (_, i): Line => [i / 60, "start", { run: `r${i}` }]);
    const many = story({ ...RUNS, max: 48 * HOUR }, starts);
    expect([many.runs.length, many.runs[0]?.id]).toEqual([20, "r1"]);
    const late = (minute: number) =>
      story(RUNS, [
        [0, "start"],
        [minute, "success"],
      ]).took;
    expect([late(72 * 60), late(72 * 60 + 1)]).toEqual([72 * HOUR, undefined]);
  });
});

describe("a monitor with a cron", () => {
  const expected = (minute: number, grace = 5 * MINUTE) => minuteOf(next({ ...CRON, grace }, NOW + minute * MINUTE));

  test("expects a beat at the next slot after one", () => {
    expect([0, 3, 10, 12, 30].map((minute) => expected(minute))).toEqual([10, 10, 30, 30, 60]);
  });

  test("takes a beat within a tenth of the gap before a slot for that slot's", () => {
    expect([8.9, 9].map((minute) => expected(minute))).toEqual([10, 30]);
    expect([27.9, 28].map((minute) => expected(minute))).toEqual([30, 60]);
  });

  test("takes none for it that is earlier than its grace, or than five minutes", () => {
    expect([28, 29].map((minute) => expected(minute, MINUTE))).toEqual([30, 60]);
    const daily = (minute: number) => next({ cron: "0 * * * *", grace: HOUR }, NOW + minute * MINUTE);
    expect([54.9, 55].map((minute) => minuteOf(daily(minute)))).toEqual([60, 120]);
  });

  test("is down when its slot and its grace have passed", () => {
    expect(
      told(
        story(CRON, [
          [0, "success"],
          [40, "success"],
        ]),
      ),
    ).toEqual(["15 silent", "40 up, down since 15"]);
  });
});

describe("a silenced monitor", () => {
  test("says nothing while it is paused, whatever comes", () => {
    const it = story(EVERY, [
      [0, "success"],
      [1, "pause"],
      [2, "fail"],
      [3, "start"],
      [40, "success"],
      [99, "tick"],
    ]);
    expect([status(it), told(it), it.runs]).toEqual(["paused since 1", [], []]);
  });

  test("that rests comes up with its next beat, without a word", () => {
    const it = story(EVERY, [
      [0, "fail"],
      [1, "rest"],
      [2, "start"],
      [40, "success"],
    ]);
    expect([status(it), told(it)]).toEqual(["up since 40", ["0 failed: 0"]]);
  });

  test("that rests and fails is down", () => {
    const it = story(EVERY, [
      [1, "rest"],
      [2, "fail"],
    ]);
    expect([status(it), told(it)]).toEqual(["down since 2", ["2 failed: 0"]]);
  });

  test("waits for its first beat again when that ends", () => {
    const it = story(EVERY, [
      [0, "start"],
      [1, "pause"],
      [2, "resume"],
    ]);
    expect([status(it), it.last, it.expected, it.runs]).toEqual(["new since 2", 0, 0, []]);
  });
});

describe("while the hub is blind", () => {
  const lines = (...rest: Line[]): Line[] => [[0, "success"], ...rest];
  const minutes = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => NOW + (from + i) * MINUTE);

  test("a deadline is put off as long as it was", () => {
    const ticks = minutes(0, 12);
    const waiting = story(EVERY, lines([20, "tick"]), ticks);
    expect([status(waiting), due(waiting)]).toEqual(["up since 0", 15 + 8]);
    expect(told(story(EVERY, lines([20, "tick"], [50, "tick"]), ticks))).toEqual(["23 silent"]);
  });

  test("a deadline is put off once", () => {
    expect(told(story(EVERY, lines([80, "tick"]), [...minutes(0, 12), ...minutes(20, 22)]))).toEqual(["23 silent"]);
  });

  test("a deadline before that stays what it is", () => {
    expect(told(story(EVERY, lines([40, "tick"]), minutes(0, 15)))).toEqual(["15 silent"]);
  });

  test("one that beats afterwards was never down", () => {
    expect(told(story(EVERY, lines([18, "success"], [30, "success"]), minutes(0, 12)))).toEqual([]);
  });

  test("a tick that is missing, or one more, makes nobody blind", () => {
    expect(told(story(EVERY, lines([16, "tick"]), minutes(0, 14)))).toEqual(["15 silent"]);
    expect(told(story(EVERY, lines([16.5, "tick"]), minutes(0, 14)))).toEqual(["15 silent"]);
    expect(told(story(EVERY, lines([16.51, "tick"]), minutes(0, 14)))).toEqual([]);
  });

  test("a minute's last tick is kept, for thirty-two minutes and until another takes its place", () => {
    const ticks = [...minutes(0, 40), NOW + 40.5 * MINUTE].reduce(ticked, []);
    expect([ticks.length, minuteOf(ticks[0] ?? 0), minuteOf(ticks.at(-1) ?? 0)]).toEqual([32, 9, 40.5]);
  });
});

/** A deed in the making. */
interface Step {
  /** How long after the one before, or how long before or after the next moment that matters. */
  readonly wait: number | { readonly off: number };
  /** How far the clock of who does it lags. */
  readonly lag: number;
  readonly name: string;
  readonly what: Ping["action"] | "again" | "tick" | "minutes" | "pause" | "rest" | "resume";
  readonly exit: number;
  readonly run: string;
  /** Of `again`: how many requests ago it was. Of `minutes`: how many of them the cron comes in. */
  readonly count: number;
}

/** What happens to two monitors of one service: every deed, and the hub as it is then. */
interface Play {
  readonly start: Hub;
  readonly scenes: readonly { readonly deed: Deed; readonly hub: Hub }[];
  /** How a counterexample is written. */
  readonly [fc.toStringMethod]: () => string;
}

function played(expectations: Hub["expectations"], steps: readonly Step[]): Play {
  const start: Hub = { expectations, monitors: {}, ticks: [] };
  const scenes: { deed: Deed; hub: Hub }[] = [];
  const sent: (Deed & { kind: "beat" })[] = [];
  let hub = start;
  let clock = NOW;
  for (const step of steps) {
    clock += typeof step.wait === "number" ? step.wait : Math.max(0, nextMoment(hub, clock) + step.wait.off - clock);
    for (const deed of deedsOf(step, clock - step.lag, sent)) {
      if (deed.kind === "beat") sent.push(deed);
      if (deed.kind === "tick") clock = Math.max(clock, deed.now);
      hub = after(hub, deed);
      scenes.push({ deed, hub });
    }
  }
  const lines = () => [expectations, ...scenes.map(({ deed }) => deed)].map((it) => `\n${JSON.stringify(it)}`);
  return { start, scenes, [fc.toStringMethod]: () => lines().join("") };
}

/** The next moment that matters to a monitor, a minute from now when there is none. */
function nextMoment({ monitors }: Hub, clock: number): number {
  const moment = Math.min(
    ...Object.values(monitors)
      .flatMap(momentsOf)
      .filter((time) => time > clock),
  );
  return Number.isFinite(moment) ? moment : clock + MINUTE;
}

/** When it is due, when a beat is expected, when its runs have had their time. */
function momentsOf(it: Known): readonly number[] {
  const { grace, max = grace } = it.expectation;
  return [dueOf(it), it.expected, ...it.runs.map(({ start }) => start + max)];
}

function deedsOf(step: Step, now: number, sent: readonly (Deed & { kind: "beat" })[]): readonly Deed[] {
  const { what, name, exit, run, count } = step;
  switch (what) {
    case "tick":
      return [{ kind: what, now }];
    case "minutes":
      return Array.from({ length: count }, (_, i) => ({ kind: "tick", now: now + (i + 1) * MINUTE }));
    case "again":
      return sent.slice(-count).slice(0, 1);
    case "pause":
    case "rest":
    case "resume":
      return [{ kind: what, name, now }];
    default: {
      const ping = { now, action: what, exit: what === "fail" ? exit : 0, run, requestId: `request-${sent.length}` };
      return [{ kind: "beat", name, ping }];
    }
  }
}

const NAMES = ["", "nightly-etl"] as const;
const oneOf = (...given: readonly number[]): fc.Arbitrary<number> => fc.constantFrom(...given);

const expectation: fc.Arbitrary<Expectation> = fc
  .tuple(
    fc.constantFrom<Pick<Expectation, "every" | "cron" | "tz">>(
      { every: MINUTE },
      { every: 10 * MINUTE },
      { every: HOUR },
      { cron: "0,10,30 * * * *", tz: "UTC" },
    ),
    fc.record(
      {
        grace: oneOf(10 * SECOND, MINUTE, 5 * MINUTE),
        max: oneOf(30 * SECOND, 4 * MINUTE, 25 * MINUTE),
        failures: fc.integer({ min: 1, max: 3 }),
        remind: oneOf(MINUTE, 20 * MINUTE),
      },
      { requiredKeys: ["grace"] },
    ),
  )
  .map(([schedule, rest]) => ({ ...schedule, ...rest }));

/** Clocks that lag and people who silence monitors are left out of promises that do not hold with them. */
interface Cast {
  readonly lags?: boolean;
  readonly people?: boolean;
  readonly length?: number;
}

const stepOf = ({ lags = true, people = true }: Cast): fc.Arbitrary<Step> =>
  fc.record({
    wait: fc.oneof(
      oneOf(0, 1, 10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 150 * SECOND, 150_001, 10 * MINUTE, HOUR),
      oneOf(-1, 0, 1).map((off) => ({ off })),
    ),
    lag: lags ? oneOf(0, 0, 0, 0, 0, 1, 30 * SECOND, 3 * MINUTE) : fc.constant(0),
    name: fc.constantFrom(...NAMES),
    what: fc.oneof(
      {
        weight: 12,
        arbitrary: fc.constantFrom<Step["what"]>("success", "start", "fail", "log", "again", "tick", "tick", "minutes"),
      },
      { weight: people ? 1 : 0, arbitrary: fc.constantFrom<Step["what"]>("pause", "rest", "resume") },
    ),
    exit: oneOf(0, 1, 255),
    run: fc.constantFrom("", "a", "b"),
    count: fc.integer({ min: 1, max: 4 }),
  });

const plays = (cast: Cast = {}): fc.Arbitrary<Play> =>
  fc
    .tuple(
      fc.record({ [NAMES[0]]: expectation, [NAMES[1]]: expectation }),
      fc.array(stepOf(cast), { minLength: 10, maxLength: cast.length ?? 40, size: "max" }),
    )
    .map(([expectations, steps]) => played(expectations, steps));

const flips = (it: Known | undefined): readonly Notice[] => it?.notices.filter(({ kind }) => kind !== "reminder") ?? [];
const finale = ({ start, scenes }: Play): Hub => scenes.at(-1)?.hub ?? start;

describe("whatever happens, a monitor", () => {
  test("goes down and up in turn, at times that never decrease", () => {
    fc.assert(
      fc.property(plays({ people: false }), (play) => {
        for (const it of Object.values(finale(play).monitors)) {
          expect(flips(it).map(({ kind }) => kind === "up")).toEqual(flips(it).map((_, i) => i % 2 === 1));
          const at = it.notices.map((notice) => notice.at);
          expect(at).toEqual(at.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  test("has the same flips with one tick in the end as with one at any second of each minute", () => {
    const seconds = fc.array(fc.nat(59), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(plays({ lags: false, people: false }), seconds, ({ start, scenes }, some) => {
        const once = new Set(scenes.map(({ deed }) => deed)); // what comes again, late, has an older clock
        const beats = [...once].filter((deed) => deed.kind === "beat");
        const deeds: Deed[] = [...beats, { kind: "tick", now: (beats.at(-1)?.ping.now ?? NOW) + HOUR }];
        const seldom = deeds.reduce(after, start).monitors;
        const often = withTicks(deeds, some).reduce(after, start).monitors;
        for (const name of NAMES) expect(flips(often[name])).toEqual(flips(seldom[name]));
      }),
    );
  });

  test("stays what it is when everything is done twice", () => {
    fc.assert(
      fc.property(plays(), (play) => {
        const twice = play.scenes.flatMap(({ deed }) => [deed, deed]);
        expect(twice.reduce(after, play.start)).toEqual(finale(play));
      }),
    );
  });
});

/** The same deeds, with a tick in each minute until the last, in these of its seconds by turns. */
function withTicks(deeds: readonly Deed[], seconds: readonly number[]): readonly Deed[] {
  let minute = 0;
  const tickAt = () => NOW + minute * MINUTE + (seconds[minute % seconds.length] ?? 0) * SECOND;
  return deeds.flatMap((deed) => {
    const before: Deed[] = [];
    for (; tickAt() <= (deed.kind === "beat" ? deed.ping.now : deed.now); minute++) {
      before.push({ kind: "tick", now: tickAt() });
    }
    return [...before, deed];
  });
}

/** What both can show of a monitor: its time on the wheel is `Infinity` for one that is far away. */
function shown(it: Known): unknown {
  const { status, since, last, expected, took, notices } = it;
  return { status, since, last, expected, took, notices, due: dueOf(it) };
}

const modelled = ({ monitors }: Hub): unknown =>
  Object.fromEntries(Object.entries(monitors).map(([name, it]) => [name, shown(it)]));

/** What an address asks for, with the slot before now and those after it. */
function slotted(expectation: Expectation, now: number): NonNullable<Beat["asks"]> {
  const { cron } = expectation;
  return { expectation, slots: cron === undefined ? [] : slotsAround(cron, now, 4) };
}

/** All that requests and any number of ticks at one time can lead to, whatever their order. */
function ends(it: Known, pings: readonly Ping[], now: number, ticks: readonly number[]): readonly unknown[] {
  const found = new Map<string, readonly [Known, readonly Ping[]]>();
  function visit(known: Known, left: readonly Ping[]): void {
    const kinds = left.map(({ action, run }) => action + run);
    const key = JSON.stringify([{ ...known, requests: [] }, kinds]);
    if (found.has(key)) return;
    found.set(key, [known, left]);
    visit(tick(known, now, ticks), left);
    for (const [i, ping] of left.entries())
      if (kinds.indexOf(kinds[i] ?? "") === i) visit(beat(known, ping, ticks), left.toSpliced(i, 1));
  }
  visit(it, pings);
  return [...found.values()].flatMap(([known, left]) => (left.length === 0 ? [shown(known)] : []));
}

describe.each(engines)("the store on the %s engine", (engine) => {
  let upstash: Upstash;
  let store: Store;

  beforeAll(async () => {
    upstash = await startUpstash({ engine });
    store = createStore(connect(upstash.url, upstash.token));
  });
  afterAll(() => upstash.stop());
  beforeEach(async () => {
    upstash.faults.clear();
    await upstash.command("FLUSHALL");
  });

  /** Fewer on the slower engine; and a failure is told before the test's time is over. */
  const runs = (many: number) => ({
    numRuns: Math.ceil(many / (engine === "server" ? 3 : 10)),
    interruptAfterTimeLimit: 15_000,
  });

  const idOf = (name: string) => ({ service: SERVICE, name });

  /** Sends a request, with what its address asks for if it is a monitor's first; brings slots when they are wanted. */
  async function send(name: string, ping: Partial<Beat>, asks?: Expectation): Promise<Exclude<Beaten, string>> {
    const usual = { now: NOW, action: "success", exit: 0, run: "", requestId: "request" } as const;
    const beat: Beat = { ...usual, ...idOf(name), serviceId: "5e71ce00", generation: 1, ...ping };
    const answer = await store.beat({ ...beat, ...(asks && { asks: slotted(asks, beat.now) }) });
    if (typeof answer === "string") throw new Error(answer);
    return answer.wants ? send(name, ping, answer.wants) : answer;
  }

  async function cron(now: number): Promise<void> {
    await store.tick(now);
    const monitors = (await store.claim(now, now + LEASE, 50, undefined)).dues.filter((due) => due.kind === "monitor");
    if (monitors.length > 0) await store.lapse(now, monitors);
  }

  /** Does to the store what is done to the hub; answers what a beat is answered. */
  async function perform(deed: Deed, { expectations, monitors }: Hub): Promise<unknown> {
    if (deed.kind === "tick") return cron(deed.now);
    if (deed.kind !== "beat") return store.tune(idOf(deed.name), { kind: deed.kind }, deed.now);
    return send(deed.name, deed.ping, monitors[deed.name] ? undefined : expectations[deed.name]);
  }

  /** The monitors as the store shows them. */
  async function stored(): Promise<Record<string, unknown>> {
    const [kept, wheel] = await Promise.all([store.readMonitors(NAMES.map(idOf)), dues()]);
    const monitors = kept.flatMap((it) => {
      if (!it) return [];
      const { name, status, since, last, expected, took } = it.monitor;
      const due = wheel.get(`h${SERVICE}\n${name}`);
      return [[name, { status, since, last, expected, took, notices: it.notices, due }] as const];
    });
    return Object.fromEntries(monitors);
  }

  const wheelOf = () => upstash.command("ZRANGE", "sb:wheel", 0, -1, "WITHSCORES") as Promise<string[]>;

  /** What waits on the wheel, until when. */
  async function dues(): Promise<ReadonlyMap<string, number>> {
    const flat = await wheelOf();
    const score = (i: number) => (Number(flat[i]) > 2 * NOW ? Number.POSITIVE_INFINITY : Number(flat[i]));
    return new Map(flat.flatMap((member, i) => (i % 2 === 0 ? [[member, score(i + 1)] as const] : [])));
  }

  /** Lets everything happen to the store, and compares after each deed. */
  async function follow({ start, scenes }: Play): Promise<void> {
    await upstash.command("FLUSHALL");
    for (const [i, { deed, hub }] of scenes.entries()) {
      await perform(deed, scenes[i - 1]?.hub ?? start);
      expect(await stored(), JSON.stringify(deed)).toEqual(modelled(hub));
    }
  }

  test("does what the model does, whatever comes in whatever order", async () => {
    await fc.assert(fc.asyncProperty(plays(), follow), runs(60));
  });

  test("expects a beat when the model does, however early the one before it was", async () => {
    const early = fc.tuple(oneOf(1, 2, 3, 5, 6), oneOf(-1, 0, 1)).map(([minutes, ms]) => minutes * MINUTE + ms);
    const crons = fc.constantFrom("0,10,30 * * * *", "0 * * * *");
    await fc.assert(
      fc.asyncProperty(crons, fc.nat(2), early, oneOf(1, 2, 5, 9), async (cron, which, before, grace) => {
        await upstash.command("FLUSHALL");
        const expected = { cron, tz: "UTC", grace: grace * MINUTE };
        const now = (slotsAround(cron, NOW, 4)[which + 1] ?? 0) - before;
        await send("", { now }, expected);
        expect((await store.readMonitors([idOf("")]))[0]?.monitor.expected).toBe(next(expected, now));
      }),
      runs(150),
    );
  });

  test("keeps twenty runs, and each for three days", async () => {
    const usual = { wait: 0, lag: 0, name: "", what: "success", exit: 0, run: "", count: 1 } as const;
    const starts = Array.from({ length: 21 }, (_, i): Step => ({ ...usual, wait: 1, what: "start", run: `r${i}` }));
    const ends = [0, 0, 72 * HOUR - 18, 2].map((wait, i): Step => ({ ...usual, wait, run: `r${i}` }));
    const play = played({ "": { every: 200 * HOUR, grace: HOUR, max: 48 * HOUR } }, [...starts, ...ends]);
    expect(play.scenes.slice(-4).map(({ hub }) => hub.monitors[""]?.took)).toEqual([
      undefined,
      19,
      72 * HOUR,
      undefined,
    ]);
    await follow(play);
  });

  /** All that is kept of the service. */
  async function bytes(): Promise<unknown> {
    const fields = (await upstash.command("HGETALL", `sb:s:${SERVICE}`)) as string[];
    return [new Map(fields.flatMap((field, i) => (i % 2 === 0 ? [[field, fields[i + 1]]] : []))), await wheelOf()];
  }

  test("answers a request that comes again as it did, and leaves every byte as it was", async () => {
    await fc.assert(
      fc.asyncProperty(plays({ length: 20 }), async ({ start, scenes }) => {
        await upstash.command("FLUSHALL");
        for (const [i, { deed }] of scenes.entries()) {
          const before = scenes[i - 1]?.hub ?? start;
          const answer = await perform(deed, before);
          if (deed.kind !== "beat") continue;
          const kept = await bytes();
          expect(await perform(deed, before)).toEqual(answer);
          expect(await bytes()).toEqual(kept);
        }
      }),
      runs(12),
    );
  });

  test("does nothing with a beat until it has the slots that it wants for it", async () => {
    await send("", { requestId: "first" }, CRON);
    const late = { ...idOf(""), serviceId: "5e71ce00", generation: 1, now: NOW + 9 * HOUR, requestId: "late" };
    const before = await bytes();
    const answer = await store.beat({ ...late, action: "success", exit: 0, run: "" });
    expect(answer).toMatchObject({ created: false, news: false, wants: CRON });
    expect(await bytes()).toEqual(before);
    expect(await send("", late)).toMatchObject({ created: false, news: true });
  });

  test("counts a failure once when its answer was lost", async () => {
    await send("", { requestId: "a" }, { ...EVERY, failures: 2 });
    upstash.faults.set({ kind: "lost", times: 1 });
    expect(await send("", { requestId: "b", action: "fail", now: NOW + 1 })).toMatchObject({
      created: false,
      news: false,
    });
    expect(await send("", { requestId: "c", action: "fail", now: NOW + 2 })).toMatchObject({
      created: false,
      news: true,
    });
  });

  test("takes thirty-two beats and ticks at once as if they came in some order", async () => {
    const kinds = fc.shuffledSubarray(["success", "success a", "start a", "fail", "log"], {
      minLength: 1,
      maxLength: 3,
    });
    const due = oneOf(-1, 0, 30 * MINUTE);
    await fc.assert(
      fc.asyncProperty(expectation, kinds, due, async (expected, some, wait) => {
        await upstash.command("FLUSHALL");
        const first = { now: NOW, action: "success", exit: 0, run: "", requestId: "first" } as const;
        await send("", first, expected);
        const it = beat(unknown(expected), first, []);
        const now = dueOf(it) + wait;
        const pings = Array.from({ length: 12 }, (_, i): Ping => {
          const [action, run = ""] = (some[i % some.length] ?? "").split(" ");
          return { now, action: action as Ping["action"], exit: 0, run, requestId: `request-${i}` };
        });
        const works = Array.from({ length: 32 }, (_, i) => {
          const ping = i % 8 < 3 ? pings[(i >> 3) * 3 + (i % 8)] : undefined;
          return ping ? send("", ping) : cron(now);
        });
        await Promise.all(works);
        expect(ends(it, pings, now, [now])).toContainEqual((await stored())[""]);
      }),
      runs(12),
    );
  });

  test.each([10, 45, 600])("forgives %i blind minutes to those who could not be heard", async (blind) => {
    const expected: Expectation = { every: 5 * MINUTE, grace: MINUTE };
    let requests = 0;
    const say = (name: string, minute: number) =>
      send(name, { now: NOW + minute * MINUTE, requestId: `${requests++}` }, expected);
    const news = async (name: string) => (await store.readMonitors([idOf(name)]))[0]?.notices.map(spell);
    const minutes = async (from: number, to: number) => {
      for (let minute = from; minute <= to; minute++) await cron(NOW + minute * MINUTE);
    };

    for (const name of ["dead", "dying", "well", "quick"]) await say(name, 0);
    await minutes(0, 4);
    for (const name of ["dying", "well", "quick"]) await say(name, 4);
    await minutes(5, 7);
    const back = 7 + blind;
    await say("quick", back - 0.1);
    await minutes(back, back);
    await say("well", back + 0.1);
    await minutes(back + 1, back + 2);
    expect(await news("dying")).toEqual([]);
    await minutes(back + 3, back + 4);
    expect(await news("dead")).toEqual(["6 silent"]);
    expect(await news("dying")).toEqual([`${10 + blind} silent`]);
    expect(await news("well")).toEqual([]);
    expect(await news("quick")).toEqual([]);
  });

  describe("what an operation costs, in HTTP calls and billed commands", () => {
    const billed = async (work: () => Promise<unknown>) => {
      const { http, billed } = await upstash.meter.measure(work);
      return { http, billed };
    };
    const WHOLE = { instance: "i-1", vitals: [{ at: NOW, rss: 1 }], output: "done\n".repeat(2_000), run: "a" } as const;

    beforeEach(async () => {
      await send("warm-up", {}, EVERY);
      await store.lapse(NOW, [idOf("warm-up")]);
      await send("", { requestId: "first" }, EVERY);
    });

    test.each(["success", "start", "fail", "log"] as const)("a %s, with vitals and output", async (action) => {
      const request = { ...WHOLE, action, requestId: "next", now: NOW + 1 };
      expect(await billed(() => send("", request))).toEqual({ http: 1, billed: 4 });
    });

    test("a beat that comes again", async () => {
      expect(await billed(() => send("", { requestId: "first" }))).toEqual({ http: 1, billed: 2 });
    });

    test("a monitor's first beat", async () => {
      expect(await billed(() => send("nightly-etl", WHOLE, CRON))).toEqual({ http: 1, billed: 5 });
    });

    test("the beat that ends a silence", async () => {
      const late = { ...WHOLE, requestId: "next", now: NOW + HOUR };
      expect(await billed(() => send("", late))).toEqual({ http: 1, billed: 5 });
    });

    test.each([1, 20])("the end of %i monitors", async (many) => {
      const names = Array.from({ length: many }, (_, i) => `job-${i}`);
      for (const name of names) await send(name, {}, EVERY);
      const cost = await billed(() => store.lapse(NOW + HOUR, names.map(idOf)));
      expect(cost).toEqual({ http: 1, billed: 3 + 2 * many });
    });
  });
});
