import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { notify, openStand, type Stand } from "../stand.ts";

let stand: Stand;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

const event = {
  kind: "error",
  severity: "error",
  at: 1_795_000_000_000,
  title: "TypeError: x is undefined",
  error: {
    type: "TypeError",
    message: "x is undefined",
    stack: "TypeError: x\n    at f (/app/a.ts:1:2)",
    cause: { type: "E", message: "m" },
  },
  extras: { a: 1, b: ["c", { d: null }] },
  context: { path: "/" },
};

/** A batch with one of its values, at any depth, replaced by something else. */
const mutated = fc
  .tuple(
    fc.constantFrom(
      "v",
      "id",
      "instance",
      "events",
      "kind",
      "severity",
      "at",
      "title",
      "count",
      "error",
      "stack",
      "cause",
      "extras",
      "context",
      "fingerprint",
      "slow",
      "watchdog",
      "anomaly",
      "lifecycle",
      "vitals",
      "dropped",
    ),
    fc.jsonValue({ maxDepth: 5 }),
  )
  .map(([field, value]) => {
    const batch = { v: 1, id: `mutant-${Math.random().toString(36).slice(2)}`, instance: "i", events: [event] };
    const put = (at: object): object =>
      Object.fromEntries(
        Object.entries({ ...at, ...(at === event && { [field]: value }) }).map(([name, it]) => [
          name,
          name === field ? value : it,
        ]),
      );
    return JSON.stringify(
      field in batch
        ? { ...batch, [field]: value }
        : { ...batch, events: [put(event), { ...event, error: { ...event.error, [field]: value } }] },
    );
  });

/** Text with a few of its characters cut out, doubled or flipped. */
const broken = fc
  .tuple(mutated, fc.nat(), fc.nat(40), fc.string())
  .map(
    ([text, at, length, graft]) => text.slice(0, at % text.length) + graft + text.slice((at % text.length) + length),
  );

test("two thousand mutated bodies cause no 5xx, and the hub lives on", async () => {
  const statuses = new Map<number, number>();
  const bodies = fc.sample(fc.oneof(mutated, broken, fc.string(), fc.json()), { numRuns: 2_000, seed: 7 });
  bodies.push(
    nested(20_000),
    `{"v":1,"id":"nested-01","instance":"i","events":[{"kind":"notify","severity":"info","at":1,"title":"t","extras":${nested(20_000)}}]}`,
  );
  for (const body of bodies) {
    const { status } = await stand.post(body);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses.keys()].filter((status) => ![202, 400].includes(status))).toEqual([]);
  expect(statuses.get(202)).toBeGreaterThan(200);
  expect(statuses.get(400)).toBeGreaterThan(200);
  expect((await stand.tell([notify("Still here")])).status).toBe(202);
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
