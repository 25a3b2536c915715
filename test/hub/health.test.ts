import { describe, expect, test } from "vitest";
import { type Colour, healthOf, isLate, isMuted, LATELY } from "../../src/hub/health.ts";
import type { Mute } from "../../src/hub/mute.ts";
import type { Recent, Standing, Surveyed } from "../../src/hub/survey.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 21, 14, 18, 10);

const well: Surveyed = {
  ...{ service: "shop", seen: NOW - MINUTE, kinds: [], monitors: [], instances: [], digested: 0, lost: 0 },
  traffic: { errors: 0, warnings: 0, slow: 0, watchdog: 0 },
};
const up: Standing = {
  ...{ service: "shop", name: "etl", status: "up", since: NOW - MINUTE, last: NOW - MINUTE, expected: NOW + MINUTE },
  ...{ expectation: { every: MINUTE, grace: MINUTE }, isRunning: false, instances: {}, remindAt: 0 },
  lacksVitals: false,
};
const kind = (rank: number, age = 0, fingerprint = "a1b2c3d4"): Recent => ({
  ...{ fingerprint, rank, last: NOW - age, isWaiting: false },
});
const muted = (given: Partial<Mute> = {}): Mute => ({
  ...{ until: NOW + MINUTE, swallowed: 0, title: "" },
  ...given,
});
const judge = (given: Partial<Surveyed>, mutes: readonly Mute[] = []): string => {
  const { colour, reasons } = healthOf({ ...well, ...given }, mutes, NOW);
  return [colour, ...reasons.map((reason) => reason.kind)].join(", ");
};

describe("a service is", () => {
  test.each<[string, Partial<Surveyed>]>([
    ["green", {}],
    ["green", { monitors: [up] }],
    ["green", { kinds: [kind(0)] }],
    ["green", { monitors: [{ ...up, status: "resting" }] }],
    ["white", { seen: 0 }],
    ["white", { seen: 0, monitors: [{ ...up, status: "new" }] }],
    ["red, errors", { kinds: [kind(2)] }],
    ["red, errors", { kinds: [kind(3), kind(1)] }],
    ["red, errors", { kinds: [kind(2, LATELY - 1)] }],
    ["green", { kinds: [kind(2, LATELY)] }],
    ["yellow, warnings", { kinds: [kind(1)] }],
    ["red, down", { monitors: [up, { ...up, status: "down" }] }],
    [
      "red, down, errors, paused",
      {
        kinds: [kind(2)],
        monitors: [
          { ...up, status: "down" },
          { ...up, status: "paused" },
        ],
      },
    ],
    ["yellow, late", { monitors: [{ ...up, expected: NOW - 1 }] }],
    ["green", { monitors: [{ ...up, expected: NOW - 1, isRunning: true }] }],
    ["yellow, lacks vitals", { monitors: [{ ...up, lacksVitals: true }] }],
    ["yellow, paused", { monitors: [{ ...up, status: "paused", expected: NOW - 1 }] }],
  ])("%s: %j", (verdict, given) => {
    expect(judge(given)).toBe(verdict);
  });

  test.each<[string, Recent, Partial<Mute>]>([
    ["yellow, muted", kind(2), { service: "shop", fingerprint: "a1b2c3d4" }],
    ["yellow, muted", kind(2), { service: "shop" }],
    ["yellow, muted", kind(2), { fingerprint: "a1b2c3d4" }],
    ["yellow, muted", kind(2), {}],
    ["red, errors", kind(2), { service: "shop", fingerprint: "00000000" }],
    ["red, errors", kind(2), { service: "orders-api" }],
    ["red, errors", kind(2), { until: NOW }],
    ["red, errors", kind(3), {}],
    ["green", kind(1), {}],
  ])("%s: %j with a mute of %j", (verdict, recent, mute) => {
    expect(judge({ kinds: [recent] }, [muted(mute)])).toBe(verdict);
  });

  test("yellow while a mute of it has swallowed something, which leaves no other trace", () => {
    expect(judge({}, [muted({ service: "shop", swallowed: 1 })])).toBe("yellow, muted");
    expect(judge({}, [muted({ service: "shop", swallowed: 1, until: NOW })])).toBe("green");
    expect(judge({}, [muted({ service: "orders-api", swallowed: 1 })])).toBe("green");
  });

  test("coloured by the worst that is not muted", () => {
    const verdict: Colour = healthOf(
      { ...well, kinds: [kind(2, 0, "11111111"), kind(2, 0, "22222222")] },
      [muted({ service: "shop", fingerprint: "11111111" })],
      NOW,
    ).colour;
    expect(verdict).toBe("red");
  });
});

test("a kind is muted by itself, with its service, or with all", () => {
  expect(isMuted("shop", "a", [muted({ service: "shop", fingerprint: "b" })], NOW)).toBe(false);
  expect(isMuted("shop", "a", [muted({ service: "shop" })], NOW)).toBe(true);
  expect(isMuted("shop", "a", [], NOW)).toBe(false);
});

test("a beat is late from the moment it was expected, until the monitor is down", () => {
  expect(isLate({ ...up, expected: NOW }, NOW)).toBe(false);
  expect(isLate({ ...up, expected: NOW - 1 }, NOW)).toBe(true);
  expect(isLate({ ...up, expected: 0 }, NOW)).toBe(false);
  expect(isLate({ ...up, expected: NOW - 1, status: "down" }, NOW)).toBe(false);
});
