import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startUpstash, type Upstash } from "../../src/dev/upstash/front.ts";
import type { Severity, Vitals } from "../../src/event.ts";
import { RANK } from "../../src/hub/severity.ts";
import { connect, createStore, type Intake, type Store } from "../../src/hub/store/store.ts";
import type { History, Sample } from "../../src/hub/vitals.ts";
import { engines } from "../engines.ts";
import { notify, openStand, type Stand } from "../stand.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const QUARTER = 15 * MINUTE;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Midnight, and so the begin of a page of every grade. */
const NOW = 20_833 * DAY;
const SERVICE = "orders-api";
const ORIGIN = { service: SERVICE, serviceId: "5e71ce00", generation: 1 };

/** Twelve samples, one each 5 s, the first at `from`. */
const minuteOf = (from: number, vitals: (i: number) => Omit<Vitals, "at">): Vitals[] =>
  Array.from({ length: 12 }, (_, i) => ({ at: from + i * 5 * SECOND, ...vitals(i) }));

/** Times and amounts as a history has them. */
const pairs = (read: readonly Sample[]): [number, number][] => read.map(({ at, mean }) => [at, mean.cpu ?? Number.NaN]);

/** The highest amount of each step. */
function highest(samples: readonly { readonly at: number; readonly cpu: number }[], step: number): [number, number][] {
  const found = new Map<number, number>();
  for (const { at, cpu } of samples) {
    const begin = Math.floor(at / step) * step;
    found.set(begin, Math.max(cpu, found.get(begin) ?? 0));
  }
  return [...found].sort(([a], [b]) => a - b);
}

/** The average of each longer step, in whole tenths. */
function meansOf(steps: readonly (readonly [at: number, cpu: number])[], step: number): [number, number][] {
  const begins = new Set(steps.map(([at]) => Math.floor(at / step) * step));
  return [...begins].map((begin) => {
    const amounts = steps.filter(([at]) => at >= begin && at < begin + step).map(([, cpu]) => Math.round(10 * cpu));
    return [begin, Math.round(amounts.reduce((sum, cpu) => sum + cpu, 0) / amounts.length) / 10];
  });
}

describe.each(engines)("the vitals of a service, on the %s engine", (engine) => {
  let upstash: Upstash;
  let store: Store;
  let requests = 0;

  beforeAll(async () => {
    upstash = await startUpstash({ engine });
    store = createStore(connect(upstash.url, upstash.token));
  });
  afterAll(() => upstash.stop());
  beforeEach(() => upstash.command("FLUSHALL"));

  const beat = (vitals: readonly Vitals[], now: number, instance = "i-1", requestId = `request-${++requests}`) =>
    store.beat({
      ...{ ...ORIGIN, now, name: "", action: "success", exit: 0, run: "", requestId, instance, vitals },
      otherwise: { every: MINUTE, grace: 90 * SECOND },
    });
  const batch = (severity: Severity, count: number, given: Partial<Intake> = {}, at = given.now ?? NOW) => {
    const event = notify("it broke", { severity, at });
    const alert = { service: SERVICE, fingerprint: severity, event, origin: { instance: "i-1" } };
    const alerts = [{ id: severity, rank: RANK[severity], mutable: true, count, at, alert }];
    const batchId = `batch-${++requests}`;
    const rest = { ...ORIGIN, chatId: undefined, callId: batchId, registry: "{}", dropped: 0 };
    return store.ingest({ now: NOW, batchId, ...rest, alerts, ...given });
  };
  async function past(ms: number, now: number): Promise<History> {
    const history = await store.history(SERVICE, { from: now - ms, to: now }, now);
    if (history === undefined) throw new Error("nothing is known");
    return history;
  }
  const samples = async (ms: number, now: number): Promise<readonly Sample[]> =>
    (await past(ms, now)).traces[0]?.samples ?? [];
  const fields = async (): Promise<string[]> => (await upstash.command("HKEYS", `sb:s:${SERVICE}`)) as string[];

  test("are read as they were measured, what was not measured is absent", async () => {
    await beat(
      [{ at: NOW + 61 * SECOND, rss: 191_889_408, cpu: 99.7, fds: 40, threads: 11, loopMs: 0, heap: 5_242_880 }],
      NOW + MINUTE + 2_000,
    );
    await beat([{ at: NOW + 2 * MINUTE, cpu: 0.3 }], NOW + 2 * MINUTE);
    const read = await samples(HOUR, NOW + 2 * MINUTE);
    const first = { rss: 191_889_408, cpu: 99.7, fds: 40, threads: 11, loopMs: 0, heap: 5_242_880 };
    expect(read.map(({ at, mean }) => [at - NOW, mean])).toEqual([
      [MINUTE, { ...first, rss: expect.closeTo(first.rss, -5) }],
      [2 * MINUTE, { cpu: 0.3 }],
    ]);
    expect(read[0]?.high).toEqual(read[0]?.mean);
  });

  test("are the same after a resend, in any order, and when a beat carries them again", async () => {
    const all = minuteOf(NOW, (i) => ({ cpu: 10 * i, fds: i }));
    const now = NOW + MINUTE;
    await beat(all, now);
    const [once, minutes] = [await samples(HOUR, now), await samples(DAY, now)];
    for (const again of [all, all.toReversed(), all.slice(4, 8)]) await beat(again, now);
    expect(await samples(HOUR, now)).toEqual(once);
    expect(await samples(DAY, now)).toEqual(minutes);
    expect(once.map(({ mean }) => mean.cpu)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]);
    expect(minutes).toEqual([{ at: NOW, mean: { cpu: 55, fds: 6 }, high: { cpu: 110, fds: 11 } }]);
  });

  test("fill the place of what came late, and leave a gap where nothing came", async () => {
    const at = (...seconds: number[]) => seconds.map((second) => ({ at: NOW + second * SECOND, cpu: second }));
    await beat(at(300, 305), NOW + 305 * SECOND);
    await beat(at(100, 105), NOW + 306 * SECOND);
    await beat(at(200), NOW + 307 * SECOND);
    const read = await samples(HOUR, NOW + 310 * SECOND);
    expect(read.map(({ at, mean }) => [(at - NOW) / SECOND, mean.cpu])).toEqual([
      [100, 100],
      [105, 105],
      [200, 200],
      [300, 300],
      [305, 305],
    ]);
  });

  test("are the highest of each step and the averages of its minutes, in whatever order and however often they come", async () => {
    const sample = fc.record({ at: fc.nat(14 * MINUTE), cpu: fc.integer({ min: 0, max: 1_000 }) });
    const beats = fc.array(fc.array(sample, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 5 });
    let begin = NOW;
    await fc.assert(
      fc.asyncProperty(beats, async (lists) => {
        begin += 8 * DAY - 7 * MINUTE;
        const now = begin + 14 * MINUTE;
        const sent = lists.map((list) => list.map(({ at, cpu }) => ({ at: begin + at, cpu: cpu / 10 })));
        for (const list of [...sent, ...sent]) await beat(list, now);
        const steps = highest(sent.flat(), 5 * SECOND);
        expect(pairs(await samples(14 * MINUTE + 5 * SECOND, now))).toEqual(steps);
        expect(pairs(await samples(2 * HOUR, now))).toEqual(meansOf(steps, MINUTE));
      }),
      { numRuns: 10 },
    );
  });

  test("of two samples in one step the higher amounts count", async () => {
    await beat(
      [
        { at: NOW, cpu: 90, fds: 3 },
        { at: NOW + 4_999, cpu: 20, fds: 4, threads: 2 },
      ],
      NOW + MINUTE,
    );
    const [sample] = await samples(HOUR, NOW + MINUTE);
    expect(sample?.mean).toEqual({ cpu: 90, fds: 4, threads: 2 });
  });

  test.each([
    ["ahead", DAY],
    ["a day behind", -DAY],
  ])("of a process whose clock is %s are dated by the hub's", async (_, skew) => {
    await beat(
      [
        { at: NOW + skew, cpu: 1 },
        { at: NOW + skew + 5 * SECOND, cpu: 2 },
      ],
      NOW + 5 * SECOND,
    );
    const read = await samples(HOUR, NOW + 5 * SECOND);
    expect(read.map(({ at, mean }) => [at - NOW, mean.cpu])).toEqual([
      [0, 1],
      [5 * SECOND, 2],
    ]);
  });

  test("that are more than a quarter of an hour older than the newest are left out", async () => {
    await beat(
      [
        { at: NOW - QUARTER - 1, cpu: 1 },
        { at: NOW - QUARTER, cpu: 2 },
        { at: NOW, cpu: 3 },
      ],
      NOW,
    );
    expect((await samples(HOUR, NOW)).map(({ mean }) => mean.cpu)).toEqual([2, 3]);
  });

  test("go where a page is full: an hour of samples, a day of minutes and a week of quarters stay, none is older", async () => {
    // One sample an hour for eight days, the last of them a minute ago.
    const taken: Vitals[] = [];
    const load = (i: number) => 10 + ((i * 37) % 80);
    for (let i = 0; i < 8 * 24; i++) {
      const it = { at: NOW + i * HOUR, cpu: load(i) };
      taken.push(it);
      await beat([it], it.at);
    }
    const now = (taken.at(-1)?.at ?? 0) + MINUTE;
    for (const ms of [HOUR, DAY, 7 * DAY]) {
      const { step, traces } = await past(ms, now);
      const begin = Math.floor((now - ms) / QUARTER) * QUARTER;
      const expected = taken.filter(({ at }) => at > begin).map(({ at, cpu }) => [Math.floor(at / step) * step, cpu]);
      const read = traces[0]?.samples.filter(({ at }) => at > begin) ?? [];
      expect(read.map(({ at, mean }) => [at, mean.cpu])).toEqual(expected);
    }
    expect((await fields()).filter((field) => /^v[smq]:/.test(field)).length).toBeLessThanOrEqual(7 + 25 + 8);
  });

  test("lose no peak, however coarsely they are read", async () => {
    const peak = (minute: number) =>
      minuteOf(NOW + minute * MINUTE, (i) => ({ loopMs: minute === 7 && i === 5 ? 900 : 1, rss: 2 ** 30 }));
    for (let minute = 0; minute < 20; minute++) await beat(peak(minute), NOW + (minute + 1) * MINUTE - SECOND);
    const now = NOW + 20 * MINUTE;
    for (const [ms, step] of [
      [HOUR, 5 * SECOND],
      [DAY, 2 * MINUTE],
      [7 * DAY, QUARTER],
    ] as const) {
      const read = await past(ms, now);
      expect(read.step).toBe(step);
      const highs = read.traces[0]?.samples.map(({ high }) => high.loopMs ?? 0) ?? [];
      expect(highs.length).toBeLessThanOrEqual(720);
      expect(Math.max(...highs)).toBe(900);
      expect(read.traces[0]?.samples.every(({ mean, high }) => mean.rss === 2 ** 30 && high.rss === 2 ** 30)).toBe(
        true,
      );
    }
    const [first, second] = await samples(7 * DAY, now);
    expect([first?.mean.loopMs, second?.mean.loopMs]).toEqual([6, 1]); // (14 + 75.9 of its worst minute) / 15
  });

  test("of an instance come back within a tenth of a thousandth", async () => {
    const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
    const vitals = fc.record({
      rss: amount,
      heap: amount,
      cpu: fc.double({ min: 0, max: 6_400, noNaN: true }),
      fds: fc.nat(2 ** 30),
    });
    let now = NOW;
    await fc.assert(
      fc.asyncProperty(vitals, async (given) => {
        now += MINUTE;
        await beat([{ at: now, ...given }], now);
        const [read] = await samples(MINUTE - 5 * SECOND, now);
        for (const [vital, grain] of [
          ["rss", 1_024],
          ["heap", 1_024],
          ["cpu", 0.1],
          ["fds", 1],
        ] as const) {
          const off = Math.abs((read?.mean[vital] ?? Number.NaN) - given[vital]);
          expect(off).toBeLessThanOrEqual(grain / 2 + given[vital] / 10_000);
        }
      }),
      { numRuns: 25 },
    );
  });

  describe("of several instances", () => {
    const tell = (instance: string, now: number) => beat([{ at: now, cpu: 1 }], now, instance);
    const names = async (now: number) => (await past(DAY, now)).traces.map(({ instance }) => instance);
    const ten = Array.from({ length: 10 }, (_, i) => `i-${i}`);

    test("are apart, the one that beat last comes first", async () => {
      for (const name of ["a", "b", "a", "c", "b"]) await tell(name, NOW);
      expect(await names(NOW)).toEqual(["b", "c", "a"]);
    });

    test("are kept of ten: an eleventh waits until one of them is silent, and takes its place", async () => {
      for (const name of ten) await tell(name, NOW);
      await tell("i-11", NOW + MINUTE);
      expect(await names(NOW + MINUTE)).toEqual(ten.toReversed());
      for (const name of ten.slice(1)) await tell(name, NOW + 2 * MINUTE);
      await tell("i-11", NOW + 3 * MINUTE);
      expect(await names(NOW + 3 * MINUTE)).toEqual(["i-11", ...ten.slice(1).toReversed()]);
      expect((await fields()).filter((field) => field.includes(":i-0:"))).toEqual([]);
    });

    test("go a week after the last of them", async () => {
      await tell("old", NOW);
      await tell("new", NOW + 8 * DAY);
      const pages = (await fields()).filter((field) => /^v[smq]:/.test(field));
      expect(pages.sort()).toEqual(["vm:new:9", "vq:new:1", "vs:new:1"]);
    });
  });

  test("come with batches too, once for each batch", async () => {
    const given = {
      batchId: "batch-with-vitals",
      instance: "i-7",
      vitals: minuteOf(NOW - MINUTE, (i) => ({ cpu: i })),
    };
    for (const now of [NOW, NOW + SECOND]) await batch("error", 1, { ...given, now });
    const [trace] = (await past(DAY, NOW + SECOND)).traces;
    const samples = [{ at: NOW - 2 * MINUTE, mean: { cpu: 5.5 }, high: { cpu: 11 } }];
    expect(trace).toEqual({ instance: "i-7", samples });
  });

  test("and its errors: those of each minute, with the worst of what is merged; repeats of a batch count once", async () => {
    await batch("error", 3);
    await batch("critical", 40, { batchId: "batch-twice", now: NOW + MINUTE });
    await batch("critical", 40, { batchId: "batch-twice", now: NOW + 2 * MINUTE }, NOW + MINUTE);
    await batch("warning", 7, { now: NOW + MINUTE });
    await batch("error", 1, { now: NOW + 3 * HOUR }, NOW + 2 * MINUTE); // late
    const now = NOW + 3 * HOUR;
    const errors = async (ms: number) =>
      (await past(ms, now)).errors.map(({ at, mean, high }) => [(at - NOW) / MINUTE, mean, high]);
    expect(await errors(6 * HOUR)).toEqual([
      [0, 3, 3],
      [1, 40, 40],
      [2, 1, 1],
    ]);
    expect(await errors(DAY)).toEqual([
      [0, 21.5, 40],
      [2, 0.5, 1],
    ]);
    expect(await errors(7 * DAY)).toEqual([[0, 44 / 15, 40]]);
  });

  test("and more errors than can be told: as many as can", async () => {
    for (let i = 0; i < 3; i++) await batch("error", 2 ** 44);
    expect((await past(HOUR, NOW)).errors).toEqual([
      { at: NOW, mean: expect.closeTo(2 ** 44, -10), high: expect.any(Number) },
    ]);
  });

  test("and what it told in that time, with how bad it was and how often it came", async () => {
    await batch("warning", 2, { now: NOW - 2 * HOUR });
    await batch("error", 1, { now: NOW - MINUTE });
    await batch("critical", 5);
    const told = ({ severity, tally, alert }: History["alerts"][number]) => [severity, tally.count, alert.event.title];
    expect((await past(HOUR, NOW)).alerts.map(told)).toEqual([
      ["critical", 5, "it broke"],
      ["error", 1, "it broke"],
    ]);
    expect((await store.told(SERVICE))?.map(told)).toEqual([
      ["critical", 5, "it broke"],
      ["error", 1, "it broke"],
      ["warning", 2, "it broke"],
    ]);
  });

  test("are unknown of a service that never said anything, and none of one that has no processes", async () => {
    expect(await store.history("nobody", { from: NOW - HOUR, to: NOW }, NOW)).toBeUndefined();
    expect(await store.told("nobody")).toBeUndefined();
    await batch("info", 1);
    expect(await past(HOUR, NOW)).toMatchObject({ traces: [], errors: [] });
  });

  test("go with the service", async () => {
    await beat(
      minuteOf(NOW, () => ({ cpu: 1 })),
      NOW + MINUTE,
    );
    await upstash.command("HSET", `sb:s:${SERVICE}`, "b:", "p 0 0 0 0 0 0 0 0 0 - - - - -");
    await store.forget({ kind: "forget", service: SERVICE }, NOW + 31 * DAY, "5e71ce00");
    expect(await upstash.command("EXISTS", `sb:s:${SERVICE}`)).toBe(0);
  });

  test("that cannot be read are as good as none, and do not keep a beat", async () => {
    await beat([{ at: NOW, cpu: 1 }], NOW);
    for (const field of await fields()) {
      if (/^v[smq]:/.test(field)) await upstash.command("HSET", `sb:s:${SERVICE}`, field, "nonsense");
    }
    expect(await samples(HOUR, NOW)).toEqual([]);
    await beat([{ at: NOW + MINUTE, cpu: 2 }], NOW + MINUTE);
    expect((await samples(HOUR, NOW + MINUTE)).map(({ mean }) => mean.cpu)).toEqual([2]);
  });

  describe("cost", () => {
    const cost = async (work: () => Promise<unknown>) => {
      const { http, billed } = await upstash.meter.measure(work);
      return { http, billed };
    };
    const whole = (from: number) =>
      minuteOf(from, (i) => ({ cpu: i, rss: 2 ** 28 + i, fds: 1, threads: 1, loopMs: 1, heap: 1 }));

    test("a beat nothing, on whatever pages its samples are", async () => {
      for (const back of [8 * DAY, DAY, HOUR, MINUTE]) await beat(whole(NOW - back), NOW - back + MINUTE);
      expect(await cost(() => beat(whole(NOW - 30 * SECOND), NOW + 30 * SECOND))).toEqual({ http: 1, billed: 4 });
    });

    test("a batch nothing", async () => {
      const given = { instance: "i-1", vitals: whole(NOW - MINUTE) };
      await batch("error", 1);
      const without = await cost(() => batch("warning", 2));
      expect(await cost(() => batch("critical", 2, given))).toEqual(without);
    });

    test("one command more when an old instance goes for a new one", async () => {
      for (let i = 0; i < 10; i++) await beat(whole(NOW - HOUR), NOW - HOUR + MINUTE, `i-${i}`);
      await beat([], NOW, "i-0"); // it was silent
      expect(await cost(() => beat(whole(NOW), NOW + MINUTE, "new"))).toEqual({ http: 1, billed: 5 });
    });

    test("one call and three commands to read them, one more with what was told, two where nothing is known", async () => {
      await beat(whole(NOW), NOW + MINUTE);
      await store.history("warm-up", { from: NOW, to: NOW }, NOW);
      expect(await cost(() => past(7 * DAY, NOW + MINUTE))).toEqual({ http: 1, billed: 3 });
      await batch("error", 1);
      expect(await cost(() => past(HOUR, NOW + MINUTE))).toEqual({ http: 1, billed: 4 });
      expect(await cost(() => store.told("nobody"))).toEqual({ http: 1, billed: 2 });
    });
  });
});

describe("through the front door", () => {
  let stand: Stand;

  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.stop());
  beforeEach(() => stand.reset());

  test("all samples of a process' report are kept, also beside those that make no sense", async () => {
    const body = JSON.stringify({
      instance: "i 1",
      vitals: [
        { at: stand.now - 10_000, cpu: 1 },
        { cpu: 7 },
        { at: stand.now - 5_000, cpu: -1 },
        { at: stand.now, cpu: 2 },
      ],
    });
    expect((await stand.beat("", { method: "POST", body })).status).toBe(201);
    const store = createStore(connect(stand.upstash.url, stand.upstash.token));
    const history = await store.history(SERVICE, { from: stand.now - HOUR, to: stand.now }, stand.now);
    expect(history?.traces.map(({ instance, samples }) => [instance, samples.map(({ mean }) => mean)])).toEqual([
      ["i_1", [{ cpu: 1 }, { cpu: 2 }]],
    ]);
  });

  test("of more samples than a beat may carry the newest are kept", async () => {
    const vitals = Array.from({ length: 125 }, (_, i) => ({ at: stand.now - (124 - i) * 5 * SECOND, fds: i }));
    await stand.beat("", { method: "POST", body: JSON.stringify({ instance: "i-1", vitals }) });
    const store = createStore(connect(stand.upstash.url, stand.upstash.token));
    const history = await store.history(SERVICE, { from: stand.now - HOUR, to: stand.now }, stand.now);
    expect(history?.traces[0]?.samples.map(({ mean }) => mean.fds)).toEqual(
      Array.from({ length: 120 }, (_, i) => i + 5),
    );
  });
});
