import { expect, test } from "vitest";
import { readBatch } from "../../src/hub/schema.ts";

const event = { kind: "notify", severity: "info", at: 1, title: "hello" };
const batch = { v: 1, id: "batch-0001", instance: "i-1", events: [event] };

test("a batch is read", () => {
  expect(readBatch(batch)).toMatchObject({ batch, refused: [] });
});

test("unknown fields are ignored", () => {
  expect(readBatch({ ...batch, colour: "red", events: [{ ...event, mood: "fine" }] })).toMatchObject({
    batch,
    refused: [],
  });
});

test.each([
  ["body", undefined],
  ["body", [batch]],
  ["v", { ...batch, v: 2 }],
  ["id", { ...batch, id: "short" }],
  ["id", { ...batch, id: "has space in it" }],
  ["instance", { ...batch, instance: undefined }],
  ["events", { ...batch, events: Array(51).fill(event) }],
  ["vitals", { ...batch, vitals: Array(121).fill({ at: 1 }) }],
  ["dropped", { ...batch, dropped: -1 }],
])("the envelope's fault is named: %s", (field, body) => {
  const found = readBatch(body);
  expect("fault" in found && found.fault.startsWith(`${field}: `)).toBe(true);
});

test.each([
  ["events[1].severity", { ...event, severity: "awful" }],
  ["events[1].kind", { ...event, kind: "gossip" }],
  ["events[1].at", { ...event, at: "yesterday" }],
  ["events[1].title", { ...event, title: undefined }],
  ["events[1].count", { ...event, count: 0 }],
  ["events[1].error.cause.message", { ...event, error: { type: "E", message: "m", cause: { type: "E" } } }],
  ["events[1].slow", { ...event, kind: "slow" }],
  ["events[1].lifecycle.phase", { ...event, kind: "lifecycle", lifecycle: { phase: "pause", reason: "x" } }],
  ["events[1]", null],
])("one bad event is named and does not lose its batch: %s", (field, bad) => {
  const found = readBatch({ ...batch, events: [event, bad, event] });
  expect(found).toMatchObject({ batch: { events: [event, event] }, refused: [{ index: 1, code: "bad_event" }] });
  expect("refused" in found && found.refused[0]?.message.startsWith(`${field}: `)).toBe(true);
});

test("a long text is cut, not refused", () => {
  const found = readBatch({ ...batch, events: [{ ...event, title: "x".repeat(5_000) }] });
  expect("batch" in found && found.batch.events[0]?.title).toHaveLength(1_000);
});

test("a bad sample does not cost the alerts beside it", () => {
  const vitals = [{ at: 1, cpu: null }, { at: 2, rss: 7 }, "nonsense"];
  expect(readBatch({ ...batch, vitals })).toMatchObject({
    batch: { ...batch, vitals: [{ at: 2, rss: 7 }] },
    refused: [],
  });
});

test("extras are bounded, and a field that is too large does not keep out the others", () => {
  const extras = { before: 1, huge: "x".repeat(9_000), after: { fine: true } };
  const found = readBatch({ ...batch, events: [{ ...event, extras }] });
  expect("batch" in found && found.batch.events[0]?.extras).toEqual({ before: 1, after: { fine: true } });
});

test("a thousand nested causes end at the fourth", () => {
  const nested = (n: number): object => (n === 0 ? {} : { type: "E", message: String(n), cause: nested(n - 1) });
  const deep = nested(1_000);
  expect(readBatch({ ...batch, events: [{ ...event, kind: "error", error: deep }] })).toMatchObject({ refused: [] });
});
