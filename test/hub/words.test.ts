import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distance, nearest } from "../../src/hub/telegram/commands/nearest.ts";
import { parseWindow, takeWindow } from "../../src/hub/telegram/commands/window.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a window", () => {
  test.each([
    ["15m", 15 * MINUTE, "15m"],
    ["15 min", 15 * MINUTE, "15m"],
    ["15 Minutes", 15 * MINUTE, "15m"],
    ["1h", HOUR, "1h"],
    ["1 hour", HOUR, "1h"],
    ["90m", 1.5 * HOUR, "1h 30m"],
    ["1h 30m", 1.5 * HOUR, "1h 30m"],
    ["1h30m", 1.5 * HOUR, "1h 30m"],
    ["1.5 hours", 1.5 * HOUR, "1h 30m"],
    ["1,5h", 1.5 * HOUR, "1h 30m"],
    ["24h", DAY, "1d"],
    ["7d", 7 * DAY, "7d"],
    ["last 7 days", 7 * DAY, "7d"],
    ["the last hour", HOUR, "1h"],
    ["week", 7 * DAY, "7d"],
    ["today", DAY, "1d"],
    ["365d", 30 * DAY, "30d"],
  ])("is read from %j", (text, ms, told) => {
    expect(parseWindow(text.split(" "))).toEqual({ ms, text: told });
  });

  test.each(["", "15", "15 apples", "5mm", "m", "-5m", "0m", "1h orders-api", "now", "constructor"])(
    "is not read from %j",
    (text) => {
      expect(parseWindow(text.split(" "))).toBeUndefined();
    },
  );

  test.each([
    ["10 1h all", HOUR, ["10", "all"]],
    ["10 last 2 hours all", 2 * HOUR, ["10", "all"]],
    ["orders-api 1h 30m", 1.5 * HOUR, ["orders-api"]],
    ["1h 7d", HOUR + 7 * DAY, []],
    ["10 all", undefined, ["10", "all"]],
  ])("is found among other words: %j", (text, ms, rest) => {
    const found = takeWindow(text.split(" "));
    expect([found.window?.ms, found.rest]).toEqual([ms, rest]);
  });

  test("is a second to thirty days long, whatever the words", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,7} ?[smhdw]?$/))), (words) => {
        const ms = takeWindow(words).window?.ms ?? HOUR;
        expect(ms >= 1_000 && ms <= 30 * DAY).toBe(true);
      }),
    );
  });
});

describe("the nearest names", () => {
  const names = ["billing", "orders-api", "orders-worker", "shop", "shop-eu"];

  test.each([
    ["ordrs-api", ["orders-api"]],
    ["orders-apu", ["orders-api"]],
    ["roders-api", ["orders-api"]],
    ["ORDERS-API", ["orders-api"]],
    ["orders", ["orders-api", "orders-worker"]],
    ["worker", ["orders-worker"]],
    ["shpo", ["shop"]],
    ["shop", ["shop", "shop-eu"]],
    ["zebra", []],
    ["", []],
  ])("to %j are %j", (word, found) => {
    expect(nearest(word, names)).toEqual(found);
  });

  test("are three at most, or as many as asked for", () => {
    const many = Array.from({ length: 9 }, (_, i) => `shop-${i}`);
    expect(nearest("shop", many)).toEqual(["shop-0", "shop-1", "shop-2"]);
    expect(nearest("shop", many, 5)).toHaveLength(5);
  });

  test("are a distance apart that is the same both ways and 0 only between equals", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
