import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WINDOW } from "../../src/hub/store/store.ts";
import { notify, openStand, type Stand } from "../stand.ts";

let stand: Stand;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

const error = { type: "TypeError", message: "x is undefined", stack: "TypeError: x\n    at f (/app/a.ts:1:2)" };
const event = {
  kind: "error",
  severity: "error",
  at: 1_795_000_000_000,
  title: "TypeError: x is undefined",
  error: { ...error, cause: { type: "E", message: "m" } },
  extras: { a: 1, b: ["c", { d: null }] },
  context: { path: "/" },
  slow: { name: "f", ms: 200, thresholdMs: 100 },
  watchdog: { ms: 700, thresholdMs: 500, stack: error.stack },
  anomaly: { metric: "rss", mode: "spike", current: 2e8, baseline: 1e8, window: "1m" },
  lifecycle: { phase: "stop", reason: "crash", exitCode: 1 },
};
const KINDS = ["crash", "error", "notify", "log", "slow", "watchdog", "anomaly", "lifecycle"] as const;

const inBatch = fc.constantFrom("v", "id", "instance", "events", "runtime", "pid", "vitals", "dropped");
const inEvent = fc.constantFrom(...(Object.keys(event) as (keyof typeof event)[]), "count", "fingerprint");
const inError = fc.constantFrom("type", "message", "stack", "cause", "errors");
const value = fc.oneof(fc.jsonValue({ maxDepth: 5 }), fc.string({ unit: "binary", maxLength: 400 }), fc.double());

let bodies = 0;
const batchOf = (one: object, given: object = {}): string =>
  JSON.stringify({ v: 1, id: `mutant-${++bodies}`, instance: "i", events: [one], ...given });

/** A batch with one of its values replaced: its own, its event's or its error's. */
const mutated = fc
  .tuple(fc.constantFrom(...KINDS), value, fc.oneof(inBatch, inEvent, inError), fc.integer({ min: 0, max: 2 }))
  .map(([kind, value, field, depth]) => {
    if (depth === 0) return batchOf({ ...event, kind }, { [field]: value });
    if (depth === 1) return batchOf({ ...event, kind, [field]: value });
    return batchOf({ ...event, kind, error: { ...event.error, [field]: value } });
  });

/** Text with a few of its characters cut out, doubled or flipped. */
const broken = fc
  .tuple(mutated, fc.nat(), fc.nat(40), fc.string())
  .map(
    ([text, at, length, graft]) => text.slice(0, at % text.length) + graft + text.slice((at % text.length) + length),
  );

test("a thousand mutated bodies cause no 5xx, and what was accepted of them is told", async () => {
  const statuses = new Map<number, number>();
  const samples = fc.sample(fc.oneof({ weight: 3, arbitrary: mutated }, broken, fc.string(), fc.json()), {
    numRuns: 1_000,
    seed: 7,
  });
  const deep = `{"v":1,"id":"nested-01","instance":"i","events":[{"kind":"notify","severity":"info","at":1,"title":"t","extras":${nested(20_000)}}]}`;
  for (const body of [...samples, nested(20_000), deep]) {
    stand.now += 10_000;
    const { status } = await stand.post(body);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses.keys()].sort()).toEqual([202, 400]);
  expect(statuses.get(202)).toBeGreaterThan(250);
  expect(stand.texts().length).toBeGreaterThan(75);
  for (let i = 0; i < 5; i++) await stand.tick(WINDOW);
  const health = await stand.open().fetch(new Request("http://hub.test/health"), { waitUntil: () => undefined });
  expect(await health.json()).toMatchObject({ outbox: 0 });
  const expected = /not modified|the chat is not a forum/;
  expect(stand.telegram.calls.filter(({ answer }) => !answer?.ok && !expected.test(JSON.stringify(answer)))).toEqual(
    [],
  );
}, 60_000);

test("three hundred titles of any Unicode arrive, and Telegram refuses none", async () => {
  stand.telegram.reset();
  const titles = fc.sample(
    fc.string({
      unit: fc.oneof(
        fc.constantFrom("<", "&", ">", '"', "\n", "\u202e", "\ud83d", "🦊"),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      ),
      minLength: 1,
      maxLength: 300,
    }),
    { numRuns: 300, seed: 7 },
  );
  for (const [i, title] of titles.entries()) {
    stand.now += 10_000;
    await stand.tell([notify(title, { fingerprint: `title-${i}` })]);
  }
  expect(stand.telegram.calls.filter(({ answer }) => !answer?.ok)).toEqual([]);
  expect(stand.telegram.violations).toEqual([]);
  expect(stand.texts()).toHaveLength(300);
}, 60_000);
