import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BadgeState, badgeJson, badgeSvg, createBadges } from "../../src/hub/badge.ts";
import { createKeyring } from "../../src/hub/keys.ts";

const secret = "0123456789abcdef0123456789abcdef";
const badges = createBadges(secret);
const macOf = (message: string): string =>
  createHmac("sha256", secret).update(message).digest().subarray(0, 16).toString("base64url");
const states: readonly BadgeState[] = ["up", "late", "down", "new", "paused", "resting"];

describe("a badge's address", () => {
  test("is what it shows and the first 16 bytes of its HMAC", async () => {
    expect(await badges.issue("orders-api", "")).toBe(`orders-api.${macOf("badge:orders-api:")}`);
    expect(await badges.issue("orders-api", "nightly-etl")).toBe(
      `orders-api.nightly-etl.${macOf("badge:orders-api:nightly-etl")}`,
    );
  });

  test("says what it is of", async () => {
    for (const name of ["", "nightly-etl", "a".repeat(63)])
      expect(await badges.verify(await badges.issue("orders-api", name))).toEqual({ service: "orders-api", name });
  });

  test.each([
    ["another service's", async () => `b.${macOf("badge:a:")}`],
    ["the service's, for one of its monitors", async () => `a.etl.${macOf("badge:a:")}`],
    ["a monitor's, for its service", async () => `a.${macOf("badge:a:etl")}`],
    ["one with an empty name", async () => `a..${macOf("badge:a:")}`],
    ["one with a name too many", async () => `a.etl.x.${macOf("badge:a:etl")}`],
    ["one of another secret", async () => createBadges(`${secret}!`).issue("a", "")],
    ["a service's key", async () => createKeyring(secret).issue("a")],
    ["one with more behind it", async () => `${await badges.issue("a", "")}A`],
    ["one without a mac", async () => "a."],
    ["a name alone", async () => "a"],
    ["nothing", async () => ""],
    ["one in capitals", async () => `A.${macOf("badge:A:")}`],
  ])("is not %s", async (_, forge) => {
    expect(await badges.verify(await forge())).toBeUndefined();
  });

  test.each([
    ["", ""],
    ["a.b", ""],
    ["a", "b.c"],
    ["a", "B"],
    ["a", "b".repeat(64)],
  ])("is not issued for %j and %j", async (service, name) => {
    await expect(badges.issue(service, name)).rejects.toThrow("no names");
  });

  test("is no key of a service", async () => {
    expect(await createKeyring(secret).verify(await badges.issue("a", ""))).toBeUndefined();
  });

  test("is none, whatever else comes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
        expect(await badges.verify(text)).toBeUndefined();
      }),
    );
  });
});

describe("as JSON", () => {
  test("it is what shields.io asks of an endpoint", () => {
    expect(badgeJson("orders-api", "up")).toEqual({
      schemaVersion: 1,
      label: "orders-api",
      message: "up",
      color: "#2e7d32",
    });
  });

  test("good, late and bad differ in colour, and what is not watched is grey", () => {
    const colours = states.map((state) => badgeJson("a", state).color);
    expect(new Set(colours.slice(0, 4)).size).toBe(4);
    expect(new Set(colours.slice(3)).size).toBe(1);
  });
});

describe("as a picture", () => {
  const attribute = (svg: string, name: string): number[] =>
    [...svg.matchAll(new RegExp(` ${name}="([^"]*)"`, "g"))].map(([, value]) => Number(value));

  test("it says what and how to eyes and to screen readers", () => {
    const svg = badgeSvg("orders-api/nightly-etl", "late");
    expect(svg).toContain('role="img" aria-label="orders-api/nightly-etl: late"');
    expect(svg).toContain("<title>orders-api/nightly-etl: late</title>");
    expect([...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text]) => text)).toEqual([
      "orders-api/nightly-etl",
      "late",
    ]);
  });

  test.each(states)("of %s has its colour, and room for its text", (state) => {
    const svg = badgeSvg("orders-api", state);
    expect(svg).toContain(`fill="${badgeJson("", state).color}"`);
    const [width = 0] = attribute(svg, "width");
    const [left = 0, right = 0] = attribute(svg, "textLength");
    const [, edge] = /<path d="M(\d+) 0/.exec(svg) ?? [];
    expect(attribute(svg, "x")).toEqual([6, Number(edge) + 6]);
    expect(Number(edge)).toBe(left + 12);
    expect(width).toBe(left + right + 24);
  });

  test("is as wide as its text", () => {
    const widthOf = (label: string): number => attribute(badgeSvg(label, "up"), "width")[0] ?? 0;
    const widths = ["", "i", "iii", "mmm", "日本語", "mmmmm"].map(widthOf);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(new Set(widths).size).toBe(widths.length);
  });

  test("is small, whatever the name", () => {
    for (const state of states) {
      expect(badgeSvg(`${"a".repeat(63)}/${"b".repeat(63)}`, state).length).toBeLessThanOrEqual(1024);
    }
  });

  test("holds no markup but its own", () => {
    const svg = badgeSvg(`"><script>&'\u0000\ud83d`, "up");
    expect(svg).toContain(">&#34;&#62;&#60;script&#62;&#38;'\ufffd\ufffd</text>");
    expect(svg.match(/<[a-z]+/g)).toEqual(["<svg", "<title", "<rect", "<path", "<g", "<text", "<text"]);
  });
});
