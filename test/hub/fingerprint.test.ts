import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/event.ts";
import { fingerprintOf, serviceId } from "../../src/hub/fingerprint.ts";

const of = (event: Partial<Event>, service = "shop"): string =>
  fingerprintOf(service, { kind: "error", severity: "error", at: 1, title: "title", ...event });

const failed = (stack: string, { type = "TypeError", message = "x" } = {}, kind: Event["kind"] = "error"): string =>
  of({ kind, error: { type, message, stack: `${type}: ${message}\n${stack}` } });

test("a fingerprint is eight hex digits", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (title) => /^[\da-f]{8}$/.test(of({ kind: "notify", title }))));
});

test("lifecycle events have none", () => {
  const lifecycle = { phase: "start", reason: "" } as const;
  expect(of({ kind: "lifecycle", lifecycle })).toBe("");
  expect(of({ kind: "lifecycle", lifecycle, fingerprint: "mine" })).toBe("");
});

test("fingerprints stay what they are from version to version", () => {
  expect(of({ kind: "notify", title: "hello" })).toMatchInlineSnapshot(`"90b4f043"`);
  expect(failed("    at f (/app/a.js:1:2)")).toMatchInlineSnapshot(`"4232a653"`);
  expect(serviceId("orders-api")).toMatchInlineSnapshot(`"4e108d57"`);
});

test("the user's own grouping wins over everything else", () => {
  const own = of({ fingerprint: "payments" });
  expect(of({ fingerprint: "payments", kind: "notify", title: "other" })).toBe(own);
  expect(of({ fingerprint: "refunds" })).not.toBe(own);
});

test("services and kinds are told apart", () => {
  expect(of({}, "shop")).not.toBe(of({}, "shed"));
  expect(of({ kind: "notify" })).not.toBe(of({ kind: "log" }));
});

describe("an error", () => {
  const stack = (edit: (text: string) => string = (text) => text): string =>
    edit(`    at acquire (/app/src/pool.ts:47:11)
    at connect (/app/node_modules/pg/lib/client.js:12:3)
    at fetchAll (/app/src/orders.ts:88:28)
    at list (/app/src/routes.ts:12:7)
    at main (/app/src/main.ts:3:1)`);

  test("is the same when lines move", () => {
    expect(failed(stack((text) => text.replaceAll(/:(\d+):/g, ":1$1:")))).toBe(failed(stack()));
  });

  test("is the same whatever it says", () => {
    expect(failed(stack(), { message: "user 7 is gone" })).toBe(failed(stack(), { message: "user 8 is gone" }));
  });

  test("is the same on each machine", () => {
    expect(failed(stack((text) => text.replaceAll("/app/", "/home/ann/code/shop/")))).toBe(failed(stack()));
  });

  test("is the same when a library or a far caller changes", () => {
    expect(failed(stack((text) => text.replace("client.js", "connection.js").replace("main.ts", "start.ts")))).toBe(
      failed(stack()),
    );
  });

  test.each([
    ["another type", failed(stack(), { type: "RangeError" })],
    ["another function", failed(stack((text) => text.replace("fetchAll", "fetchOne")))],
    ["another file", failed(stack((text) => text.replace("pool.ts", "lake.ts")))],
    ["another kind", failed(stack(), {}, "crash")],
  ])("is another with %s", (_, other) => {
    expect(other).not.toBe(failed(stack()));
  });

  test("counts any frames where none is the user's", () => {
    const [a, b] = ["afterConnect", "onTimeout"].map((name) => failed(`    at ${name} (node:net:1636:16)`));
    expect(a).not.toBe(b);
  });

  test("counts line and column of frames without a function", () => {
    expect(failed("    at /app/index.js:1:48213")).not.toBe(failed("    at /app/index.js:1:99"));
  });

  test("without a stack counts its message, but for what varies in it", () => {
    const [a, b, c] = [
      `user 41 with id 6fa459ea-ee8a-3ca4-894e-db77e160355e and key deadbeef01 not found in "eu"`,
      `user 7 with id 16fd2706-8baf-433b-82eb-8c7fada847da and key 0123abcdef not found in "us"`,
      `order 41 with id 6fa459ea-ee8a-3ca4-894e-db77e160355e and key deadbeef01 not found in "eu"`,
    ].map((message) => of({ error: { type: "Error", message } }));
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  test.each([
    ["index-3f2a9c.js", "index-81d0e4.js"],
    ["chunk.8d7f.js", "chunk.1e2b.js"],
    ["index-BxY12z_a.js", "index-Qr9sTuVw.js"],
    ["main.8d7f1e2b3c4d5e6f7081.mjs", "main.00112233445566778899.mjs"],
  ])("is the same in %s and %s: the hash of a bundle counts for nothing", (one, other) => {
    expect(failed(`    at f (/app/dist/${one}:1:2)`)).toBe(failed(`    at f (/app/dist/${other}:1:2)`));
  });

  test.each([
    ["user-store.js", "user-cache.js"],
    ["page.tsx", "layout.tsx"],
    ["order-routes.js", "order-service.js"],
  ])("is another in %s and %s: a word is no hash", (one, other) => {
    expect(failed(`    at f (/app/src/${one}:1:2)`)).not.toBe(failed(`    at f (/app/src/${other}:1:2)`));
  });
});

test("a note is the same whatever its numbers, but not from another place", () => {
  const note = (title: string, caller?: string): string =>
    of({ kind: "notify", title, ...(caller && { context: { caller } }) });
  expect(note("3 of 0x1f orders late")).toBe(note("14 of 0x2a orders late"));
  expect(note("it isn't 'red'")).toBe(note("it isn't 'blue'"));
  expect(note("late", "a.ts:6 in main()")).toBe(note("late", "a.ts:9 in main()"));
  expect(note("late", "a.ts:6 in main()")).not.toBe(note("late", "b.ts:6 in main()"));
});

test("a slow call is its name", () => {
  const slow = (name: string, ms: number) => of({ kind: "slow", title: `${ms}`, slow: { name, ms, thresholdMs: 100 } });
  expect(slow("fetchUser", 120)).toBe(slow("fetchUser", 900));
  expect(slow("fetchUser", 120)).not.toBe(slow("fetchCart", 120));
});

test("a stall is what blocked, or its label", () => {
  const stall = (ms: number, rest: { stack?: string; label?: string }) =>
    of({ kind: "watchdog", watchdog: { ms, thresholdMs: 500, ...rest } });
  expect(stall(600, { stack: "at hash (/app/a.js:1:2)\nat f (/app/a.js:1:2)" })).toBe(
    stall(9_000, { stack: "at hash (/app/a.js:3:2)" }),
  );
  expect(stall(600, { label: "GET /a" })).toBe(stall(700, { label: "GET /a" }));
  expect(stall(600, { label: "GET /a" })).not.toBe(stall(600, { label: "GET /b" }));
  expect(stall(600, {})).toBe(stall(900, {}));
});

test("an anomaly is its metric and mode", () => {
  const anomaly = (metric: string, mode: "spike" | "drop", current: number) =>
    of({ kind: "anomaly", title: `${current}`, anomaly: { metric, mode, current, window: "1m" } });
  expect(anomaly("rss", "spike", 1)).toBe(anomaly("rss", "spike", 2));
  expect(anomaly("rss", "spike", 1)).not.toBe(anomaly("rss", "drop", 1));
  expect(anomaly("rss", "spike", 1)).not.toBe(anomaly("cpu", "spike", 1));
});

test("ten thousand names give no pair", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => serviceId(`service-${i}`));
  expect(new Set(names).size).toBe(names.length);
});

test.each(["'", '"', "`", "0", "a-", "0x", "1:", "f0"])("a long text of %j takes no time", (piece) => {
  const text = piece.repeat(100_000);
  const started = performance.now();
  of({ kind: "notify", title: text });
  failed(`    at f (/app/${text.slice(0, 8_000)}.js:1:2)`);
  expect(performance.now() - started).toBeLessThan(100);
});
