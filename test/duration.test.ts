import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../src/duration.ts";
import { lasting, roughly } from "../src/hub/telegram/render/units.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  ["30s", 30 * SECOND],
  ["5m", 5 * MINUTE],
  ["1h30m", 1.5 * HOUR],
  ["1d", DAY],
  ["2w", 14 * DAY],
  ["1w2d3h4m5s", 9 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND],
  ["0", 0],
])("%s is a duration", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test("a bare number counts seconds", () => {
  expect(parseDuration("3600")).toBe(HOUR);
});

test.each(["1h30m", "1H30M", "1h 30m", " 1 h 30 min ", "90m", "90 MIN", "1h\t30m\n"])(
  "case and blanks do not matter: %j",
  (text) => {
    expect(parseDuration(text)).toBe(1.5 * HOUR);
  },
);

test.each([
  "",
  " ",
  "m",
  "5x",
  "-5m",
  "+5m",
  "1.5h",
  "1,5h",
  "1h30",
  "PT5M",
  "5mm",
  "1e3",
  "0x10",
  "5 m s",
  "Infinity",
])("%j is none", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test("units add up", () => {
  const counts = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999));
  fc.assert(
    fc.property(counts, ([w, d, h, m, s]) => {
      const seconds = (((w * 7 + d) * 24 + h) * 60 + m) * 60 + s;
      expect(parseDuration(`${w}w ${d}d ${h}h ${m}m ${s}s`)).toBe(seconds * SECOND);
    }),
  );
});

test("what our messages say is read", () => {
  for (const ms of [40 * SECOND, 5 * MINUTE, 65 * MINUTE, 2 * HOUR, 3 * DAY, 3 * DAY + 4 * HOUR])
    expect(parseDuration(lasting(ms))).toBe(ms);
  for (const ms of [40 * SECOND, 5 * MINUTE, 2 * HOUR]) expect(parseDuration(roughly(ms))).toBe(ms);
});

test("any text is answered, in linear time", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => (parseDuration(text) ?? 0) >= 0));
  for (const piece of ["1", " ", "1 ", "1m", "1 m ", "m", "min", "1mi"]) {
    const started = performance.now();
    parseDuration(`1m${piece.repeat(300_000 / piece.length)}!`);
    expect(performance.now() - started, piece).toBeLessThan(1_500); // quadratic time would be minutes
  }
});
