import { describe, expect, it } from "vitest";
import { cut } from "../src/client/plain.ts";
import type { Event } from "../src/event.ts";
import { scrubEvent, scrubOutput } from "../src/hub/secrets.ts";
import { REDACTED, scrubEntry, scrubText } from "../src/scrub.ts";
import { foreign, known, labelled, rare } from "./scrub-corpus.ts";

type Scrubbed = (text: string) => string;

/** Where a secret that is known by its look may stand. */
const places: readonly ((secret: string) => string)[] = [
  (it) => it,
  (it) => `Error: the request with ${it} was refused`,
  (it) => `It was ${it}.`,
  (it) => `(${it}), [${it}]; <${it}>: ${it}!`,
  (it) => JSON.stringify({ text: it, list: [it, 1], at: 1 }),
  (it) => JSON.stringify(JSON.stringify({ text: it })),
  (it) => `GET /v1?before=1&x=${it}&after=2 401`,
  (it) => `host: x\r\nx-custom: ${it}\r\naccept: */*`,
  (it) => `{ custom: '${it}', list: [ "${it}" ] }`,
  (it) => `    at run (/srv/app.js:1:2)\n${it}\n    at main (/srv/app.js:3:4)`,
  (it) => `\`${it}\` ${it}… ${it}, ${it}?`,
];

/** What is left of a secret, line by line: a key in several lines is gone only when each of them is. */
const linesOf = (secret: string): string[] => secret.split("\n").filter((line) => line.length > 8);

function expectGone(scrub: Scrubbed, text: string, secret: string): void {
  const clean = scrub(text);
  for (const line of linesOf(secret)) expect(clean).not.toContain(line);
  expect(clean).toContain(REDACTED);
  expect(scrub(clean)).toBe(clean);
}

describe("wherever it stands, the client hides", () => {
  it.each(known)("a $kind", ({ secret }) => {
    for (const place of places) expectGone(scrubText, place(secret), secret);
  });
});

describe("wherever it stands, the hub hides", () => {
  it.each([...known, ...rare])("a $kind", ({ secret }) => {
    for (const place of places) expectGone(scrubOutput, place(secret), secret);
  });
});

describe("the client hides, by what stands before it,", () => {
  it.each(labelled)("$kind", ({ text, gone }) => {
    expectGone(scrubText, text, gone);
    expectGone(scrubText, `first line\n${text}\nlast line`, gone);
    expectGone((json) => JSON.stringify(JSON.parse(json), scrubEntry), JSON.stringify({ text }), gone);
  });
});

describe("the hub hides, by what stands before it,", () => {
  it.each([...labelled, ...foreign])("$kind", ({ text, gone }) => {
    expectGone(scrubOutput, text, gone);
    expectGone(scrubOutput, `first line\n${text}\nlast line`, gone);
  });

  it.each([...labelled, ...foreign])("$kind, in an event", ({ text, gone }) => {
    const event: Event = { kind: "log", severity: "info", at: 1, title: text, extras: { deep: [{ text }] } };
    expect(JSON.stringify(scrubEvent(event))).not.toContain(gone);
  });
});

describe("what the client cut", () => {
  it.each([...known, ...labelled.map(({ kind, gone }) => ({ kind, secret: gone }))])(
    "keeps no half of a $kind, or one that is still known",
    ({ secret }) => {
      const text = `${"word ".repeat(180)}password=${secret.replaceAll("\n", " ")} ${"word ".repeat(180)}`;
      for (let limit = 900; limit < 1_000; limit += 7) {
        const clean = scrubText(cut(text, limit));
        expect(clean).not.toContain(secret.slice(0, 12));
      }
    },
  );
});
