import { expect, test } from "vitest";
import { windowIn } from "../../src/hub/telegram/commands/window.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  ["15m", 15 * MINUTE, "15m"],
  ["15 min", 15 * MINUTE, "15m"],
  ["15 Minutes", 15 * MINUTE, "15m"],
  ["1h", HOUR, "1h"],
  ["1 hour", HOUR, "1h"],
  ["an hour", HOUR, "1h"],
  ["2 week", 14 * DAY, "14d"],
  ["90m", 1.5 * HOUR, "1h 30m"],
  ["1h 30m", 1.5 * HOUR, "1h 30m"],
  ["24h", DAY, "1d"],
  ["last 7 days", 7 * DAY, "7d"],
  ["The last Hour", HOUR, "1h"],
  ["week", 7 * DAY, "7d"],
  ["today", DAY, "1d"],
  ["365d", 30 * DAY, "30d"],
])("a window is read from %j", (text, ms, told) => {
  expect(windowIn(text.split(" "))).toEqual({ window: { ms, text: told }, rest: [] });
});

test.each(["", "15", "15 apples", "5mm", "m", "-5m", "0m", "now", "constructor"])("none is in %j", (text) => {
  const words = text.split(" ");
  expect(windowIn(words)).toEqual({ window: undefined, rest: words });
});

test.each([
  ["10 1h all", HOUR, ["10", "all"]],
  ["10 in the last 2 hours all", 2 * HOUR, ["10", "all"]],
  ["1h 30m page2", 1.5 * HOUR, ["page2"]],
  ["10 all", undefined, ["10", "all"]],
])("it is found among other words: %j", (text, ms, rest) => {
  const found = windowIn(text.split(" "));
  expect([found.window?.ms, found.rest]).toEqual([ms, rest]);
});
