import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageText } from "../../src/dev/telegram/text.ts";
import type { ErrorDetail, Event, Kind, Severity } from "../../src/event.ts";
import type { Alert } from "../../src/hub/alert.ts";
import { fingerprintOf } from "../../src/hub/fingerprint.ts";
import { renderAlert, renderDigest, renderTrace } from "../../src/hub/telegram/render/message.ts";
import { clean, clip, codePoints, type Entity, type Formatted } from "../../src/hub/telegram/render/text.ts";
import { bold, code, fitted, italic, line, type Node } from "../../src/hub/telegram/render/tree.ts";

const covered = ({ text, entities }: Formatted): [string, string][] =>
  entities.map(({ type, offset, length }) => [type, text.substr(offset, length)]);

describe("a tree becomes", () => {
  test("lines, blocks and entities", () => {
    const tree: Node[] = [
      line("🔴 ", bold("title")),
      {
        kind: "block",
        name: "Details",
        nodes: [line("pid ", code("1")), { kind: "block", nodes: [line(italic("deep"))] }],
      },
      { kind: "pre", text: "a ─┼\nb", language: "text" },
      { kind: "block", quote: "expandable", nodes: [line("one"), line(code("two"))] },
      { kind: "block", quote: "open", nodes: [line("three")] },
      { kind: "block", name: "Nothing", nodes: [] },
    ];
    const message = fitted(tree);
    expect(message.text).toBe("🔴 title\nDetails\n  pid 1\n  deep\na ─┼\nb\none\ntwo\nthree");
    expect(covered(message)).toEqual([
      ["bold", "title"],
      ["bold", "Details"],
      ["code", "1"],
      ["italic", "deep"],
      ["pre", "a ─┼\nb"],
      ["expandable_blockquote", "one\ntwo"],
      ["code", "two"],
      ["blockquote", "three"],
    ]);
    expect(message.entities[4]).toEqual({ type: "pre", language: "text", offset: 32, length: 6 });
  });

  test("text that Telegram leaves as it is", () => {
    const message = fitted([
      line("\n  "),
      line("a\r\tb\u0000\u202e", bold(" \u200b\u2028c\ud83d"), "\udd34 "),
      line(" \n"),
    ]);
    expect(message.text).toBe("a b  \u200bc\ufffd\ufffd");
    expect(covered(message)).toEqual([["bold", " \u200bc\ufffd"]]);
  });

  test.each([[[]], [[line("")]], [[line(" \u200b"), line(bold("\u2800"))]]])(
    "something to see, even from nothing: %j",
    (tree) => {
      expect(fitted(tree)).toEqual({ text: "(no text)", entities: [] });
    },
  );
});

describe("too long a tree", () => {
  const note = (hidden: number): string => (hidden > 0 ? `… ${hidden} more` : "");

  test("loses its least important nodes, the last of them first, and says how many", () => {
    const item = (text: string, keep: number): Node => ({ ...line(text), keep });
    const nodes = [item("aaaa", 2), item("bbbb", 1), item("cccc", 2), item("dddd", 1)];
    const tree: Node[] = [line("title"), { kind: "block", name: "List", nodes, hidden: 5, note }];
    const text = (limit: number): string => fitted(tree, limit).text;
    expect(text(99)).toBe("title\nList\n  aaaa\n  bbbb\n  cccc\n  dddd\n  … 5 more");
    expect(text(45)).toBe("title\nList\n  aaaa\n  bbbb\n  cccc\n  … 6 more");
    expect(text(40)).toBe("title\nList\n  aaaa\n  cccc\n  … 7 more");
    expect(text(30)).toBe("title\nList\n  aaaa\n  … 8 more");
    expect(text(25)).toBe("title\nList\n  … 9 more");
    expect(text(8)).toBe("title\nL…");
  });

  test("counts what a node stands for, and loses what it holds with it", () => {
    const inner: Node = { kind: "block", keep: 1, weight: 3, nodes: [{ ...line("x".repeat(50)), keep: 2 }] };
    expect(fitted([line("title"), { kind: "block", nodes: [inner], note }], 20).text).toBe("title\n… 3 more");
  });

  test("is cut between characters, its entities along with it", () => {
    const message = fitted([line(bold("🔴🔴🔴🔴"), code("x"))], 4);
    expect(message.text).toBe("🔴🔴🔴…");
    expect(covered(message)).toEqual([["bold", "🔴🔴🔴"]]);
  });

  test("is measured in code points", () => {
    expect(fitted([line("🔴".repeat(4096))]).text).toHaveLength(8192);
    expect(codePoints("a🔴é")).toBe(3);
  });

  test("is also one of more than a hundred entities", () => {
    const nodes = Array.from({ length: 150 }, (_, i): Node => ({ ...line(code(`${i}`)), keep: 1 }));
    const message = fitted([{ kind: "block", nodes, note }]);
    expect(message.entities).toHaveLength(100);
    expect(message.text).toMatch(/\n99\n… 50 more$/);
  });

  test("loses entities where nothing may go", () => {
    const tree = Array.from({ length: 300 }, (_, i): Node => line(code(`${i}`)));
    expect(fitted(tree).entities).toHaveLength(100);
  });

  test("of hundreds of nodes is laid out in no time", () => {
    const nodes = Array.from({ length: 500 }, (_, i): Node => ({ ...line(code("x".repeat(300))), keep: i % 7 }));
    const started = performance.now();
    fitted([{ kind: "block", nodes, note }]);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

test.each([
  ["short", 9, "short"],
  ["abcdef", 4, "abc…"],
  ["a🔴🔴", 4, "a🔴…"],
  ["a🔴🔴", 3, "a…"],
  ["ab  cd", 5, "ab…"],
])("%j clipped at %i is %j", (text, most, result) => expect(clip(text, most)).toBe(result));

test("cleaning twice changes nothing more", () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(clean(clean(text))).toBe(clean(text));
    }),
  );
});

/** Whatever a string can hold: halves of pairs, control and direction characters, markup, and far too much of it. */
function anyText(): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((it) => String.fromCharCode(it)),
    fc.constantFrom(
      ..."<&>*_`\r\n\t \u0000\u200b\u200f\u2028\u202e\u030a\ufeff\u2800",
      "\ud83d",
      "\udd34",
      "🔴",
      "at f (/a.js:1:2)\n",
    ),
  );
  const short = fc.array(unit, { maxLength: 40 }).map((units) => units.join(""));
  const huge = fc
    .tuple(short, fc.constantFrom(500, 5_000, 100_000))
    .map(([text, size]) => (text || "x").repeat(size).slice(0, size));
  return fc.oneof({ weight: 20, arbitrary: short }, { weight: 1, arbitrary: huge });
}

function anyRecord(): fc.Arbitrary<Record<string, unknown>> {
  const record = fc.dictionary(anyText(), fc.oneof(anyText(), fc.double(), fc.jsonValue(), fc.constant(undefined)), {
    maxKeys: 8,
  });
  const many = anyText().map((text) =>
    Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`${text.slice(0, 50)}${i}`, text.slice(0, 99)])),
  );
  return fc.oneof({ weight: 8, arbitrary: record }, { weight: 1, arbitrary: many });
}

function anyError(depth: number): fc.Arbitrary<ErrorDetail> {
  const own = { type: anyText(), message: anyText(), stack: anyText() };
  const inner = depth > 0 && { cause: anyError(depth - 1), errors: fc.array(anyError(depth - 1), { maxLength: 4 }) };
  return fc.record({ ...own, ...inner }, { requiredKeys: ["type", "message"] }) as fc.Arbitrary<ErrorDetail>;
}

const anyNumber = fc.oneof(fc.double(), fc.integer());
const anyEvent = fc.record(
  {
    kind: fc.constantFrom<Kind>("crash", "error", "notify", "log", "slow", "watchdog", "anomaly", "lifecycle"),
    severity: fc.constantFrom<Severity>("info", "warning", "error", "critical"),
    at: anyNumber,
    title: anyText(),
    error: anyError(2),
    extras: anyRecord(),
    context: anyRecord(),
    slow: fc.record({ name: anyText(), ms: anyNumber, thresholdMs: anyNumber, location: anyText() }),
    watchdog: fc.record({ ms: anyNumber, thresholdMs: anyNumber, stack: anyText(), label: anyText() }),
    anomaly: fc.record({
      metric: anyText(),
      mode: fc.constantFrom("ceiling", "spike", "drop"),
      current: anyNumber,
      baseline: anyNumber,
      limit: anyNumber,
      window: anyText(),
    }),
    lifecycle: fc.record({ phase: fc.constantFrom("start", "stop"), reason: anyText(), exitCode: fc.integer() }),
  },
  { requiredKeys: ["kind", "severity", "at", "title"] },
) as fc.Arbitrary<Event>;

const anyAlert: fc.Arbitrary<Alert> = fc.record({
  service: fc.constantFrom("orders-api", "s".repeat(63)),
  fingerprint: fc.constant("a1b2c3d4"),
  event: anyEvent,
  origin: fc.record({
    instance: anyText(),
    runtime: anyText(),
    release: anyText(),
    env: anyText(),
    host: anyText(),
    pid: fc.nat(),
    role: anyText(),
  }),
});
const anyTally = fc.record({ count: fc.nat(), first: anyNumber, last: anyNumber });

describe("whatever happens", () => {
  test("the message is one that Telegram takes, and keeps as it is", () => {
    fc.assert(
      fc.property(anyAlert, anyTally, anyNumber, (alert, tally, now) => {
        const { text, entities } = renderAlert(alert, tally, now);
        expect(codePoints(text)).toBeLessThanOrEqual(4096);
        expect(entities.length).toBeLessThanOrEqual(100);
        for (const entity of entities) expect(isSound(entity, text)).toBe(true);
        expect(messageText({ text, entities: [...entities] })).toEqual({ text, entities });
      }),
      { numRuns: 200 },
    );
  });

  test("a fingerprint and a trace can be had", () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        expect(fingerprintOf(alert.service, alert.event)).toMatch(/^(?:[\da-f]{8})?$/);
        expect(typeof renderTrace(alert)).toBe("string");
      }),
    );
  });

  test("a digest is told", () => {
    const kind = fc.record({ id: fc.constant("a1b2c3d4"), rank: fc.nat(3), count: fc.nat(), title: anyText() });
    const merged = fc.record({
      service: fc.constant("s"),
      from: anyNumber,
      count: fc.integer({ min: 1 }),
      lost: fc.nat(),
      kinds: fc.array(kind, { maxLength: 400 }),
    });
    fc.assert(
      fc.property(fc.array(merged, { minLength: 1, maxLength: 5 }), anyNumber, (services, now) => {
        const { text, entities } = renderDigest(services, now);
        expect(text).toMatch(/^📦 .*s/);
        expect([...text].length).toBeLessThanOrEqual(4096);
        expect(entities.every((entity) => isSound(entity, text))).toBe(true);
      }),
    );
  });
});

function isSound({ offset, length }: Entity, text: string): boolean {
  const isPairAt = (i: number): boolean => /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(i - 1, i + 1));
  const end = offset + length;
  return offset >= 0 && length > 0 && end <= text.length && !isPairAt(offset) && !isPairAt(end);
}
