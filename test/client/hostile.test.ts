import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../src/mod.ts";
import { createScrub } from "../../src/mod.ts";
import { listen } from "./hub.ts";

async function told(error: unknown, extras?: Record<string, unknown>): Promise<Event> {
  const hub = listen();
  hub.snitch.capture(error, extras && { extras });
  return hub.first();
}

describe("what was thrown is told", () => {
  it.each<[string, unknown, string, string]>([
    ["a text", "boom", "String", "boom"],
    ["a number", 42, "Number", "42"],
    ["nothing", undefined, "undefined", "undefined"],
    ["null", null, "object", "null"],
    ["an object", { code: 7, why: "no" }, "Object", '{"code":7,"why":"no"}'],
    ["an object with a message", { message: "no rows", code: "PGRST116" }, "Object", "no rows"],
    ["a symbol", Symbol("s"), "Symbol", "Symbol(s)"],
    ["a big number", 10n, "BigInt", "10"],
    ["a function", function fail() {}, "fail", "fail()"],
    ["a DOMException", new DOMException("too slow", "TimeoutError"), "TimeoutError", "too slow"],
    ["an error of another realm", vm.runInNewContext('new RangeError("far")'), "RangeError", "far"],
    [
      "an error class without a name of its own",
      new (class PaymentError extends Error {})("declined"),
      "PaymentError",
      "declined",
    ],
    ["a frozen error", Object.freeze(new SyntaxError("cold")), "SyntaxError", "cold"],
    ["an error without a message", new Error(), "Error", ""],
  ])("%s", async (_, thrown, type, message) => {
    const { error } = await told(thrown);
    expect(error).toMatchObject({ type, message });
  });

  it("with its causes, five deep", async () => {
    let error = new Error("1");
    for (let depth = 2; depth <= 9; depth++) error = new Error(String(depth), { cause: error });
    const messages: string[] = [];
    for (let it = (await told(error)).error; it; it = it.cause) messages.push(it.message);
    expect(messages).toEqual(["9", "8", "7", "6", "5"]);
  });

  it("with a cause that is no error", async () => {
    expect((await told(new Error("x", { cause: "why" }))).error?.cause).toEqual({ type: "String", message: "why" });
  });

  it("with causes that close a circle, once each", async () => {
    const a = new Error("a");
    const b = new Error("b", { cause: a });
    a.cause = b;
    expect((await told(a)).error).toMatchObject({ message: "a", cause: { message: "b" } });
    expect((await told(a)).error?.cause).not.toHaveProperty("cause");
  });

  it("with five members of an AggregateError", async () => {
    const members = Array.from({ length: 9 }, (_, i) => new Error(`member ${i}`));
    const { error } = await told(new AggregateError(members, "all failed"));
    expect(error?.errors?.map(({ message }) => message)).toEqual([
      "member 0",
      "member 1",
      "member 2",
      "member 3",
      "member 4",
    ]);
  });

  it("with the frames of its stack, however long the message", async () => {
    const { error, title } = await told(new Error("long ".repeat(1e6)));
    expect(error?.stack).toContain("hostile.test.ts");
    expect(error?.stack?.length).toBeLessThanOrEqual(8193);
    expect(error?.message.length).toBeLessThanOrEqual(1025);
    expect(title.length).toBeLessThanOrEqual(501);
  });

  it("without half a secret where it is cut", async () => {
    const { error } = await told(new Error(`${"word ".repeat(203)}ghp_abcdefghijklmnopqrstuvwxyz`));
    expect(error?.message).not.toContain("ghp_");
  });

  it("within the size of an event, even when every character is escaped", async () => {
    const stack = `Error: x\n    at ${"\u0001".repeat(8000)}`;
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k${i}`, "\u0001".repeat(1000)]));
    const hub = listen();
    hub.snitch.capture(Object.assign(new Error("x"), { stack }), { extras: many, context: many, fingerprint: "f" });
    expect(await hub.first()).toEqual({
      kind: "error",
      severity: "error",
      at: expect.any(Number),
      title: "Error: x",
      fingerprint: "f",
      error: { type: "Error", message: "x" },
    });
  });
});

describe("extras are told", () => {
  it.each<[string, unknown, unknown]>([
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a URL", new URL("https://a.test/b"), "https://a.test/b"],
    ["a map", new Map([["a", new Set([1, 2])]]), { a: [1, 2] }],
    [
      "headers, without their secrets",
      new Headers({ accept: "*/*", cookie: "a=b" }),
      { accept: "*/*", cookie: "[REDACTED]" },
    ],
    ["search parameters", new URLSearchParams("a=1&b=2"), { a: "1", b: "2" }],
    ["an error", new TypeError("inner"), "TypeError: inner"],
    ["bytes", new Uint8Array(12), "Uint8Array(12)"],
    ["a buffer", new ArrayBuffer(3), "ArrayBuffer(3)"],
    ["a big number", 12n, "12"],
    ["no number", Number.NaN, "NaN"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["a function", function handler() {}, "handler()"],
    ["nothing", undefined, undefined],
    ["plain data named like methods", { entries: 5, toJSON: 1 }, { entries: 5, toJSON: 1 }],
    ["a key named __proto__", JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
    ["what lies too deep", { b: { c: { d: {} } } }, { b: { c: { d: "[Object]" } } }],
  ])("%s", async (_, value, expected) => {
    expect((await told(new Error("x"), { value })).extras).toEqual({ value: expected });
  });

  it("to a breadth of fifty", async () => {
    const { extras } = await told(new Error("x"), { list: Array.from({ length: 1e5 }, (_, i) => i) });
    expect(extras?.list).toHaveLength(50);
  });

  it("to 8 KB in all, with texts of 1 KB", async () => {
    const { extras } = await told(
      new Error("x"),
      Object.fromEntries(Array.from({ length: 50 }, (_, i) => [i, "x".repeat(1e6)])),
    );
    expect(String(extras?.["0"]).length).toBeLessThanOrEqual(1025);
    expect(JSON.stringify(extras).length).toBeLessThan(9_000);
  });

  it("where getters throw and circles close", async () => {
    const circle: Record<string, unknown> = {
      get bad() {
        throw new Error("getter");
      },
      good: 1,
    };
    circle.self = circle;
    const { extras } = await told(new Error("x"), circle);
    expect(extras).toMatchObject({ good: 1, self: { good: 1 } });
  });

  it("without calling methods that are only named like a Map's", async () => {
    let calls = 0;
    const repository = {
      name: "orders",
      async entries() {
        calls++;
        throw new Error("an unhandled rejection would end the process");
      },
    };
    const { extras } = await told(new Error("x"), { repository });
    expect(extras?.repository).toEqual({ name: "orders", entries: "entries()" });
    expect(calls).toBe(0);
  });

  it("without reading more properties than are told", async () => {
    let reads = 0;
    const many = Object.defineProperties(
      {},
      Object.fromEntries(
        Array.from({ length: 1000 }, (_, i) => [`k${i}`, { enumerable: true, get: () => ++reads }] as const),
      ),
    );
    await told(new Error("x"), { many });
    expect(reads).toBeLessThanOrEqual(50);
  });

  it("though null is given for options", async () => {
    const hub = listen();
    hub.snitch.capture(new Error("x"), null as never);
    hub.snitch.notify("y", null as never);
    expect(hub.snitch.watchSlow(() => 7, null as never)()).toBe(7);
    await hub.snitch.flush();
    expect(hub.events().map(({ title }) => title)).toEqual(["Error: x", "y"]);
  });

  it("where an iterator has no end", async () => {
    class Endless extends Map<string, number> {
      override *[Symbol.iterator](): MapIterator<[string, number]> {
        for (let i = 0; ; i++) yield [`k${i}`, i];
      }
    }
    const { extras } = await told(new Error("x"), { endless: new Endless() });
    expect(Object.keys(extras?.endless as object)).toHaveLength(50);
  });
});

const angry = (): never => {
  throw new Error("hands off");
};
const traps: ProxyHandler<object> = Object.fromEntries(
  ["get", "has", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor"].map((trap) => [trap, angry]),
);
const trouble: readonly unknown[] = [
  new Proxy({}, traps),
  new Proxy(new Error("x"), traps),
  new Proxy(() => {}, traps),
  { toString: angry, toJSON: angry, message: { toString: angry } },
  { name: Symbol("n"), stack: 5, message: 10n, cause: new Proxy({}, traps), errors: [null, undefined] },
  Object.create(null),
  { name: { toString: angry }, constructor: { name: { toJSON: angry } }, message: "x" },
  Object.defineProperty(new Error("x"), "stack", { get: angry }),
  Object.assign(new Error("x"), { name: "n".repeat(1e5), constructor: null }),
  "\ud800".repeat(2000),
  "x".repeat(1e7),
];
const all = {
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
};
/** In functions: fast-check looks at the values that it makes. */
const hostile = fc.oneof(
  fc.anything(all).map((value) => () => value),
  fc.nat(trouble.length - 1).map((index) => () => trouble[index]),
);

describe("whatever it is given", () => {
  it("capture does not throw, and tells or counts it", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (thrown, given) => {
        const [hub, error, more] = [listen(), thrown(), given()];
        hub.snitch.capture(error, { extras: more as never, context: { more } });
        hub.snitch.capture(error, more as never);
        hub.snitch.notify(more as never, error as never);
        await hub.snitch.flush();
        const { captured, sent, dropped, pending } = hub.snitch.stats();
        expect([captured, sent + dropped, pending]).toEqual([3, 3, 0]);
        expect(hub.told() + hub.dropped()).toBe(3);
      }),
      { numRuns: 150 },
    );
  });

  it("context and wrap pass through what the function returns and throws", () => {
    fc.assert(
      fc.property(hostile, (make) => {
        const [{ snitch }, value] = [listen(), make()];
        expect(snitch.context(value as never, () => value)).toBe(value);
        const throwing = snitch.wrap(() => {
          throw value;
        });
        let thrown: unknown;
        try {
          throwing();
        } catch (error) {
          thrown = error;
        }
        expect(Object.is(thrown, value)).toBe(true);
      }),
    );
  });
});

describe("rules of one's own", () => {
  const extras = { iban: "x", note: "to DE89370400440532013000", session_count: 3, password: "hunter2" };

  it("hide more, and less; the hub is told which names only sound secret", async () => {
    const hub = listen({
      scrub: createScrub({ redact: ["iban", /\bDE\d{20}\b/], allow: ["session_count"] }),
    });
    hub.snitch.capture(new Error("no"), { extras });
    expect((await hub.first()).extras).toEqual({
      iban: "[REDACTED]",
      note: "to [REDACTED]",
      session_count: 3,
      password: "[REDACTED]",
    });
    expect(hub.requests[0]?.batch.allow).toEqual(["session_count"]);
  });

  it("that throw lose the event, and count it", async () => {
    const hub = listen({
      scrub() {
        throw new Error("no rules");
      },
    });
    hub.snitch.notify("x");
    await hub.snitch.flush();
    expect(hub.snitch.stats()).toMatchObject({ captured: 1, sent: 0, dropped: 1 });
  });
});
