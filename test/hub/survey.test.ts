import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startUpstash, type Upstash } from "../../src/dev/upstash/front.ts";
import type { Event } from "../../src/event.ts";
import { LATELY } from "../../src/hub/health.ts";
import {
  type Beat,
  connect,
  createStore,
  type Intake,
  type IntakeAlert,
  SERVICES,
  type Store,
} from "../../src/hub/store/store.ts";
import { engines } from "../engines.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A full hour. */
const NOW = 1_800_000_000_000;

let ids = 0;

/** An error, or what it is said to be; its fingerprint is its title. */
function alertOf(title: string, event: Partial<Event> = {}, count = 1): IntakeAlert {
  const whole: Event = { kind: "error", severity: "error", at: NOW, title, ...event };
  const rank = ["info", "warning", "error", "critical"].indexOf(whole.severity);
  const alert = { service: "", fingerprint: title, event: whole, origin: { instance: "i-1", role: "worker" } };
  const id = whole.kind === "lifecycle" ? `batch-${++ids}.0` : title;
  return { id, rank, mutable: rank < 3, count, at: whole.at, alert };
}

function batchOf(service: string, alerts: readonly IntakeAlert[], now = NOW): Intake {
  return {
    ...{ now, service, chatId: undefined, generation: 1, dropped: 0 },
    ...{ batchId: `batch-${++ids}`, callId: `call-${ids}`, serviceId: service.padEnd(8, "0").slice(-8) },
    registry: JSON.stringify({ runtime: "node 22", release: "1.2.3", sdk: "snitchbot 1" }),
    alerts: alerts.map((it) => ({ ...it, at: Math.min(now, it.at), alert: { ...it.alert, service } })),
  };
}

const beatOf = (service: string, name: string, given: Partial<Beat> = {}): Beat => ({
  ...{ now: NOW, service, serviceId: service.padEnd(8, "0").slice(-8), generation: 1, name, action: "success" },
  ...{ exit: 0, run: "", requestId: `r-${++ids}`, asks: { expectation: { every: MINUTE, grace: MINUTE }, slots: [] } },
  ...given,
});

describe.each(engines)("a survey on the %s engine", (engine) => {
  let upstash: Upstash;
  let store: Store;

  beforeAll(async () => {
    upstash = await startUpstash({ engine });
    store = createStore(connect(upstash.url, upstash.token));
  });
  afterAll(() => upstash.stop());
  beforeEach(async () => {
    await upstash.command("FLUSHALL");
  });

  const told = (service: string, alerts: readonly IntakeAlert[], now = NOW) =>
    store.ingest(batchOf(service, alerts, now));
  const look = (services: readonly string[], now = NOW, window = HOUR) =>
    store.survey({ services, now, since: now - window, lately: LATELY });
  const both = () => look(["orders-api", "shop"]);
  const one = async (service: string, now = NOW, window = HOUR) => (await look([service], now, window)).services[0];
  const last = (given: { services?: readonly string[]; since?: number; rank?: number; most?: number } = {}) =>
    store.lastTold({ services: ["orders-api", "shop"], now: NOW, since: 0, rank: 2, most: 5, ...given });
  const titles = async (given?: Parameters<typeof last>[0]) =>
    (await last(given)).said.map(({ alert }) => alert.event.title);

  test("of nothing is empty", async () => {
    expect(await look([])).toEqual({ services: [], mutes: [] });
    expect(await last({ services: [] })).toEqual({ said: [], mutes: [] });
    const nothing = { errors: 0, warnings: 0, slow: 0, watchdog: 0 };
    const unknown = {
      service: "shop",
      seen: 0,
      traffic: nothing,
      kinds: [],
      monitors: [],
      instances: [],
      digested: 0,
      lost: 0,
    };
    expect(await one("shop")).toEqual(unknown);
  });

  test("tells what is known of each service", async () => {
    await told("shop", [alertOf("a"), alertOf("b", { severity: "warning" }, 3)]);
    await store.beat(beatOf("orders-api", "", { vitals: [{ at: NOW, rss: 5 * 2 ** 20 }], instance: "i-1" }));
    await store.beat(beatOf("orders-api", "etl", { action: "fail", now: NOW + 1 }));
    await store.mute({ service: "shop", fingerprint: "b" }, NOW + HOUR, "b is known");
    const { services, mutes } = await both();
    expect(mutes).toMatchObject([{ service: "shop", fingerprint: "b", until: NOW + HOUR }]);
    expect(services).toMatchObject([
      {
        ...{ service: "orders-api", seen: NOW + 1, vitals: { rss: 5 * 2 ** 20 }, kinds: [] },
        monitors: [
          { name: "", status: "up", last: NOW, expected: NOW + MINUTE },
          { name: "etl", status: "down", why: "failed" },
        ],
      },
      {
        ...{ service: "shop", seen: NOW, runtime: "node 22", release: "1.2.3", monitors: [] },
        traffic: { errors: 1, warnings: 3, slow: 0, watchdog: 0 },
        kinds: [
          { fingerprint: "a", last: NOW, rank: 2, isWaiting: true },
          { fingerprint: "b", last: NOW, rank: 1, isWaiting: true },
        ],
      },
    ]);
  });

  test("of one service tells its instances too, when it started, and every kind that is kept", async () => {
    const start: Partial<Event> = {
      kind: "lifecycle",
      severity: "info",
      lifecycle: { phase: "start", reason: "start" },
    };
    await told("shop", [alertOf("old")], NOW - DAY);
    await told("shop", [alertOf("started", { ...start, at: NOW - HOUR })], NOW - HOUR);
    await store.beat(beatOf("shop", "", { instance: "i-1" }));
    await store.beat(
      beatOf("shop", "", { instance: "i-2", vitals: [{ at: NOW - 1_000, rss: 4_096, cpu: 5 }], now: NOW + 9 }),
    );
    expect(await one("shop")).toMatchObject({
      ...{ started: NOW - HOUR, seen: NOW + 9 },
      instances: [
        { name: "i-2", seen: NOW + 9, vitals: { rss: 4_096, cpu: 5 } },
        { name: "i-1", seen: NOW, started: NOW - HOUR, role: "worker" },
      ],
    });
    expect((await one("shop", NOW + HOUR))?.instances[0]?.vitals).toBeUndefined();
    expect((await one("shop"))?.kinds).toContainEqual({
      ...{ fingerprint: "old", last: NOW - DAY, rank: 2, isWaiting: true },
    });
    expect((await both()).services[1]).toMatchObject({ kinds: [], instances: [] });
    expect((await both()).services[1]?.started).toBeUndefined();
    const stop: Partial<Event> = {
      kind: "lifecycle",
      severity: "info",
      lifecycle: { phase: "stop", reason: "sigterm" },
    };
    await told("shop", [alertOf("stopped", stop)]);
    expect((await one("shop"))?.started).toBeUndefined();
  });

  test("of a monitor tells what only a survey has to know", async () => {
    const asks = { expectation: { every: MINUTE, grace: MINUTE, remind: HOUR }, slots: [] };
    await store.beat(beatOf("shop", "etl", { action: "fail", asks }));
    const standing = { remindAt: NOW + HOUR, lacksVitals: false, why: "failed" };
    expect((await one("shop"))?.monitors).toMatchObject([standing]);
    await store.beat(beatOf("shop", "", { instance: "i-1", vitals: [{ at: NOW, rss: 1_024 }] }));
    await store.beat(beatOf("shop", "", { instance: "i-1", now: NOW + 10 * MINUTE }));
    expect((await one("shop"))?.monitors.map(({ lacksVitals }) => lacksVitals)).toEqual([true, false]);
  });

  test("counts each event once, by what it is, whatever became of it", async () => {
    await store.mute({ service: "shop" }, NOW + HOUR, "");
    await told("shop", [
      alertOf("e", {}, 3),
      alertOf("c", { kind: "crash", severity: "critical" }),
      alertOf("w", { severity: "warning" }, 5),
      alertOf("i", { severity: "info" }, 100),
      alertOf("s", { kind: "slow", severity: "warning" }, 2),
      alertOf("d", { kind: "watchdog", severity: "error" }, 7),
      alertOf("l", { kind: "lifecycle", severity: "error", lifecycle: { phase: "stop", reason: "crash" } }),
    ]);
    await told("shop", [alertOf("e")]);
    expect((await one("shop"))?.traffic).toEqual({ errors: 5, warnings: 5, slow: 2, watchdog: 7 });
  });

  test("counts what happened in a window, in a hundred slots that grow with age, for thirty days", async () => {
    const times: number[] = [];
    const step = (age: number) => (age > 3 * DAY ? DAY : age > 3 * HOUR ? 2 * HOUR : 5 * MINUTE);
    for (let age = 30 * DAY - MINUTE; age >= 0; age -= step(age)) times.push(NOW - age);
    for (const now of times) await told("shop", [alertOf("e")], now);
    const errors = async (window: number) => (await one("shop", NOW, window))?.traffic.errors;
    const within = (ms: number) => times.filter((it) => it > NOW - ms).length;
    expect(await errors(30 * DAY)).toBe(times.length);
    for (const [window, slot] of [
      [HOUR, 5 * MINUTE],
      [DAY, HOUR],
      [7 * DAY, DAY],
    ] as const) {
      expect(await errors(window)).toBeGreaterThanOrEqual(within(window));
      expect(await errors(window)).toBeLessThanOrEqual(within(window + slot));
    }
    const text = String(await upstash.command("HGET", "sb:s:shop", "traffic"));
    expect(text.split(" ").length / 6).toBeLessThan(times.length);
    await told("shop", [alertOf("e")], NOW + 31 * DAY);
    expect((await one("shop", NOW + 31 * DAY, 90 * DAY))?.traffic.errors).toBe(1);
  });

  test("the last that was told is the newest of all services, by severity and time", async () => {
    await told("shop", [alertOf("a", { at: NOW - 5 }), alertOf("w", { severity: "warning", at: NOW - 1 })]);
    await told("orders-api", [alertOf("b", { at: NOW - 3 }, 4), alertOf("c", { at: NOW - HOUR })]);
    expect(await titles()).toEqual(["b", "a", "c"]);
    expect(await titles({ most: 2 })).toEqual(["b", "a"]);
    expect(await titles({ rank: 0 })).toEqual(["w", "b", "a", "c"]);
    expect(await titles({ services: ["shop"] })).toEqual(["a"]);
    expect(await titles({ since: NOW - MINUTE })).toEqual(["b", "a"]);
    expect((await last()).said[0]).toMatchObject({
      alert: { service: "orders-api" },
      tally: { count: 4, last: NOW - 3 },
    });
  });

  test("what cannot be read does not keep the others", async () => {
    await told("shop", [alertOf("a"), alertOf("b")]);
    await upstash.command("HSET", "sb:s:shop", "p:a", "{", "b:x", "?", "bc:x", "?", "monitors", "x,");
    expect(await titles()).toEqual(["b"]);
    expect((await one("shop"))?.monitors).toEqual([]);
  });

  const cost = async (work: () => Promise<unknown>) => {
    const { http, billed } = await upstash.meter.measure(work);
    return { http, billed };
  };

  test("costs one call, and commands by how much there is to tell", async () => {
    const quiet = Array.from({ length: 10 }, (_, i) => `quiet-${i}`);
    for (const service of quiet) await store.beat(beatOf(service, ""));
    await told("shop", [alertOf("a"), alertOf("b")]);
    await told("orders-api", [alertOf("c", { at: NOW - 2 * DAY })], NOW - 2 * DAY);
    const services = ["orders-api", ...quiet, "shop"];
    // The script, the mutes, each service, and the kinds of the one that told something lately.
    expect(await cost(() => look(services))).toEqual({ http: 1, billed: 1 + 1 + 12 + 1 });
    expect(await cost(() => look(["shop"]))).toEqual({ http: 1, billed: 4 });
    expect(await cost(() => look(["quiet-1"]))).toEqual({ http: 1, billed: 3 });
    // Both have told something, and both are among the answers.
    expect(await cost(() => last({ services }))).toEqual({ http: 1, billed: 1 + 1 + 12 + 2 + 2 });
    expect(await cost(() => last({ services: ["shop"] }))).toEqual({ http: 1, billed: 5 });
  });

  test("of many services reads so many at a time, at two commands each at most", async () => {
    const many = Array.from({ length: SERVICES + 5 }, (_, i) => `s-${1_000 + i}`);
    const kinds = Array.from({ length: 50 }, (_, i) => i.toString(16).padStart(8, "0"));
    const tallies = kinds.flatMap((id) => [`d:${id}`, `${NOW} ${NOW} 3 2 ${NOW} ${NOW} 2 0`, `c:${id}`, "-1:7:3"]);
    for (const name of many) {
      await upstash.command("HSET", `sb:s:${name}`, "ring", kinds.join(" "), "bucket", `30 ${NOW}`, ...tallies);
    }
    const { services } = await look(many);
    expect(services.map(({ service }) => service)).toEqual(many.slice(0, SERVICES));
    expect(services.every((it) => it.kinds.length === kinds.length)).toBe(true);
    expect(await cost(() => look(many))).toEqual({ http: 1, billed: 2 + 2 * SERVICES });
    const { http, billed: most } = await cost(() => last({ services: many, most: 40 }));
    expect(http).toBe(1);
    expect(most).toBeLessThanOrEqual(2 + 2 * SERVICES + 40);
  });
});
