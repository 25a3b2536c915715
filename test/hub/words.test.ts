/** What people write after a command. */
import { describe, expect, test } from "vitest";
import { nearest, spanIn } from "../../src/hub/telegram/commands/words.ts";
import { askButton, parseCallback } from "../../src/hub/telegram/render/callback.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  ["5m", 5 * MINUTE, ""],
  ["orders-api 1h30m", 90 * MINUTE, "orders-api"],
  ["1 h 30 m", 90 * MINUTE, ""],
  ["for 2 Hours please", 2 * HOUR, "for please"],
  ["an hour", HOUR, ""],
  ["one week", 7 * 24 * HOUR, ""],
  ["90min shop", 90 * MINUTE, "shop"],
  ["2d", 48 * HOUR, ""],
])("%s is a span of time", (text, ms, rest) => {
  expect(spanIn(text.split(" "))).toEqual({ ms, rest: rest.split(" ").filter(Boolean) });
});

test.each(["", "5", "12 13", "m", "an", "-5m", "1.5h", "shop", "5 shop m"])("%j is none", (text) => {
  const words = text.split(" ").filter(Boolean);
  expect(spanIn(words)).toEqual({ ms: undefined, rest: words });
});

describe("the nearest names", () => {
  const names = ["orders-api", "orders-web", "shop", "warehouse"];

  test.each([
    ["order-api", ["orders-api", "orders-web"]],
    ["ordres-api", ["orders-api", "orders-web"]],
    ["SHOP", ["shop"]],
    ["ware", ["warehouse"]],
    ["orders", ["orders-api", "orders-web"]],
    ["zzzzzzzz", []],
  ])("of %s", (word, near) => {
    expect(nearest(word, names)).toEqual(near);
  });

  test("are no more than asked for, however long the word", () => {
    expect(
      nearest(
        "s",
        Array.from({ length: 50 }, (_, i) => `s${i}`),
      ),
    ).toHaveLength(4);
    expect(nearest("x".repeat(300), names)).toEqual([]);
  });
});

describe("a button that asks", () => {
  test("says what a person could have written", () => {
    const { data = "" } = askButton("6h", "chart", ["cpu", "6h"], "shop") ?? {};
    expect(parseCallback(data)).toEqual({
      verb: "ask",
      command: "chart",
      words: ["cpu", "6h"],
      service: expect.stringMatching(/^[\da-f]{8}$/),
    });
    expect(parseCallback(askButton("all", "unmute", ["*"])?.data ?? "")).toEqual({
      verb: "ask",
      command: "unmute",
      words: ["*"],
    });
  });

  test("is none when that is longer than Telegram lets it be", () => {
    expect(askButton("x", "last", ["x".repeat(43)], "shop")?.data).toHaveLength(64);
    expect(askButton("x", "last", ["x".repeat(44)], "shop")).toBeUndefined();
    expect(askButton("x", "last", ["ü".repeat(22)], "shop")).toBeUndefined();
  });
});
