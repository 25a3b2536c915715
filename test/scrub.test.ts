import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../src/event.ts";
import { scrubEvent, scrubOutput } from "../src/hub/secrets.ts";
import { createScrub, REDACTED, scrubEntry, scrubText, scrubValue } from "../src/scrub.ts";
import { card, known } from "./scrub-corpus.ts";

const mac = "kJ3x-9QpLm_2RtYw8ZbN4A";
const secretOf = (kind: string): string => known.find((it) => it.kind === kind)?.secret ?? "";
const jwt = secretOf("JWT");
const telegram = secretOf("Telegram token");
const pem = secretOf("RSA private key");

describe("scrubText hides the secret, and nothing else:", () => {
  it.each([
    ["a token in a sentence", `jwt ${jwt} expired`, "jwt [REDACTED] expired"],
    ["a token at a sentence's end", `It was ${secretOf("npm token")}, or not.`, "It was [REDACTED], or not."],
    ["a private key", `${pem}\nrest`, "[REDACTED]\nrest"],
    ["a private key that was cut off", `pem ${pem.slice(0, 70)}`, "pem [REDACTED]"],
    ["credentials, but not their scheme", "Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [REDACTED]"],
    ["credentials of any scheme", "Authorization: GenieKey abc-123", "Authorization: GenieKey [REDACTED]"],
    ["credentials in a JSON header", '{"authorization":"Bearer abc"}', '{"authorization":"[REDACTED]"}'],
    ["a bare bearer", "sent Bearer abc.def-123 to upstream", "sent Bearer [REDACTED] to upstream"],
    ["a bearer before a comma", "bearer abc-123, or none", "bearer [REDACTED], or none"],
    ["a password in an address", "redis://default:p@ss@db.dev:6379", "redis://default:[REDACTED]@db.dev:6379"],
    ["a Telegram token, but not whose", `/bot${telegram}/getMe`, `/bot${telegram.slice(0, 11)}[REDACTED]/getMe`],
    ["a snitchbot key, but not its service", `/s/orders-api.${mac}/beat`, "/s/orders-api.[REDACTED]/beat"],
    ["a rotated snitchbot key", `/s/orders-api.2.${mac}`, "/s/orders-api.2.[REDACTED]"],
    ["a cookie", "Cookie: sid=abc; theme=dark\nHost: x", "Cookie: [REDACTED]\nHost: x"],
    ["cookies in a list", "'set-cookie': [ 'sid=abc; Path=/' ]", "'set-cookie': [ '[REDACTED]' ]"],
    ["password = value", "login with password = hunter2 failed", "login with password = [REDACTED] failed"],
    ["a query's token", "GET /me?access_token=abc123&page=2", "GET /me?access_token=[REDACTED]&page=2"],
    ["a key", "upload?key=AbCd1234EfGh5678", "upload?key=[REDACTED]"],
    ["a quoted secret with spaces", `{"clientSecret": "a b c", "id": 1}`, `{"clientSecret": "[REDACTED]", "id": 1}`],
    [
      "a secret in escaped JSON",
      String.raw`{\"password\":\"x y\",\"a\":1}`,
      String.raw`{\"password\":\"[REDACTED]\",\"a\":1}`,
    ],
    ["a password with the other quote", `{"password":"it's me","id":1}`, `{"password":"[REDACTED]","id":1}`],
    ["a password with an escaped quote", String.raw`{"password":"a\"b\\","id":1}`, `{"password":"[REDACTED]","id":1}`],
    ["a secret in a list", '{"x-api-key":["abc"]}', '{"x-api-key":["[REDACTED]"]}'],
    ["a secret in a list as Node prints it", "{ 'x-api-key': [ 'abc' ] }", "{ 'x-api-key': [ '[REDACTED]' ] }"],
    ["what Node prints of a Map", "Map(1) { 'password' => 'hunter2' }", "Map(1) { 'password' => '[REDACTED]' }"],
    ["aligned settings", "password   =   hunter2", "password   =   [REDACTED]"],
    ["what stands after :=", "password := hunter2", "password := [REDACTED]"],
    ["a variable with a short name", "SMTP_PASS=hunter2", "SMTP_PASS=[REDACTED]"],
    ["a session", "GET /me?sessionid=abc", "GET /me?sessionid=[REDACTED]"],
    ["an Azure key", "AccountName=a;AccountKey=abc/def==;", "AccountName=a;AccountKey=[REDACTED];"],
    ["each of many", "token=a token=b\nsecret: 'c'", "token=[REDACTED] token=[REDACTED]\nsecret: '[REDACTED]'"],
  ])("%s", (_, text, clean) => {
    expect(scrubText(text)).toBe(clean);
  });
});

describe("scrubOutput hides besides", () => {
  it.each([
    ["a flag's value", "deploy --api-token abc --dry-run", "deploy --api-token [REDACTED] --dry-run"],
    [
      "all parts of a header",
      'authorization: Digest a="b", c="d"\nhost: x',
      "authorization: Digest [REDACTED]\nhost: x",
    ],
    ["what XML tags", "<db><password>a b</password></db>", "<db><password>[REDACTED]</password></db>"],
    ["what PHP prints", "    [password] => a b\n    [user] => ada", "    [password] => [REDACTED]\n    [user] => ada"],
    ["what Go prints", "map[Authorization:[Bearer abc] Accept:[*/*]]", "map[Authorization:[REDACTED] Accept:[*/*]]"],
    ["credentials without a label", `sent Basic ${btoa("ada:abc")}.`, "sent Basic [REDACTED]."],
    ["a raw password in an address", "mysql://ada:a/b#c@db/orders", "mysql://ada:[REDACTED]@db/orders"],
    ["a card", `paid with ${card("4")}.`, "paid with [REDACTED]."],
  ])("%s", (_, text, clean) => {
    expect(scrubText(text)).not.toBe(clean);
    expect(scrubOutput(text)).toBe(clean);
  });

  it("a card only when its last digit is right", () => {
    const right = card("51");
    const others = Array.from({ length: 10 }, (_, digit) => right.slice(0, -1) + digit);
    expect(others.filter((number) => scrubOutput(number) === REDACTED)).toEqual([right]);
  });
});

/** Texts that come near to secrets. */
const nearSecrets = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          ...["password", "token", "tokens", "secret", "api key", "Authorization", "cookie", "user", "undefined"],
          ...["=>", "=", ": ", ":", '"', "'", "\\", " ", "\n", "\t", "://", "@", "<", ">", "</", "] => ", ":[", "--"],
          ...["[", "]", "{", "}", "(", ")", "&", "?", ",", ";", "-", ".", "`", "a.", "2", "A1", "=1"],
          ...["bearer ", "basic ", "Digest ", "key=", "sig=", "eyJ", "sk-", "SK", "/s/", "/services/T0/", "123456789:"],
          ...[
            "-----BEGIN PRIVATE KEY-----",
            "-----END ",
            "-----",
            " -u ",
            "login ",
            "_auth=",
            "postgres://a:",
            "@tcp(",
          ],
          ...[mac, "abcdefghijklmnopqrstuvwxy1Z", card("4"), card("51").replace(/(.{4})(?=.)/g, "$1 "), REDACTED],
        ),
      },
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(""));

const scrubs = { scrubText, scrubOutput };

describe.each(Object.entries(scrubs))("%s", (_, scrub) => {
  it("is idempotent", () => {
    fc.assert(
      fc.property(nearSecrets, (text) => {
        const once = scrub(text);
        expect(scrub(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  it("hides a secret between any two others", () => {
    const whole = known.filter(({ kind }) => kind !== "Telegram token"); // of which the bot's id stays
    const secrets = fc.constantFrom(...whole.map(({ secret }) => secret));
    fc.assert(
      fc.property(secrets, secrets, secrets, fc.constantFrom(" ", "\n", ", ", '","', "; "), (a, b, c, between) => {
        expect(scrub([a, b, c].join(between))).toBe([REDACTED, REDACTED, REDACTED].join(between));
      }),
    );
  });

  it("leaves alone what has neither a name, a digit nor a sign", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("order", "was", "not", "found", "in", "list", "of", "payments")),
        (words) => {
          expect(scrub(words.join(" "))).toBe(words.join(" "));
        },
      ),
    );
  });

  it("reads the client's output as it is", () => {
    fc.assert(
      fc.property(nearSecrets, (text) => {
        const clean = scrubOutput(text);
        expect(scrubText(clean)).toBe(clean);
      }),
    );
  });
});

describe("scrubEntry", () => {
  it("hides by key whatever has something to tell", () => {
    for (const value of ["a", 1, ["a"], { a: 1 }]) expect(scrubEntry("apiKey", value)).toBe(REDACTED);
    for (const key of ["tokenUser", "token_live", "tokenClient"]) expect(scrubEntry(key, "a")).toBe(REDACTED);
  });

  it("leaves what tells nothing", () => {
    for (const value of [true, false, null, undefined]) expect(scrubEntry("password", value)).toBe(value);
    expect(scrubEntry("tokens", 12)).toBe(12);
  });

  it("fits JSON.stringify", () => {
    expect(JSON.stringify({ a: { token: "x", text: "pwd=y" } }, scrubEntry)).toBe(
      '{"a":{"token":"[REDACTED]","text":"pwd=[REDACTED]"}}',
    );
  });
});

describe("scrubValue", () => {
  it("hides what stands under a secret's key", () => {
    const value = {
      apiKey: "a",
      Authorization: "b",
      pass: "d",
      nested: [{ db_password: 12, session: { id: 1 }, note: "c" }],
    };
    expect(scrubValue(value)).toEqual({
      apiKey: REDACTED,
      Authorization: REDACTED,
      pass: REDACTED,
      nested: [{ db_password: REDACTED, session: REDACTED, note: "c" }],
    });
  });

  it("leaves flags, counts, authors and a token's circumstances alone", () => {
    const value = { hasToken: true, token: null, maxTokens: 4096, tokenCount: 7, token_type: "jwt", author: "Ada" };
    expect(scrubValue(value)).toEqual(value);
  });

  it("looks into keys and texts", () => {
    expect(scrubValue({ [secretOf("npm token")]: ["password=a"] })).toEqual({ [REDACTED]: ["password=[REDACTED]"] });
  });

  it("never changes its input, and is idempotent", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = JSON.stringify(value);
        const once = scrubValue(value);
        expect(JSON.stringify(value)).toBe(before);
        expect(scrubValue(once)).toEqual(once);
      }),
    );
  });

  it("ends for a value that is nested without end", () => {
    const deep = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    expect(JSON.stringify(scrubValue(deep))).toBe(`${"[".repeat(12)}"…"${"]".repeat(12)}`);
  });
});

describe("createScrub", () => {
  it("hides further keys, in any case", () => {
    const scrub = createScrub({ redact: ["ssn"] });
    expect([scrub("SSN", "1"), scrub("ssn", 1), scrub("ssn", null), scrub("lesson", "1")]).toEqual([
      REDACTED,
      REDACTED,
      null,
      "1",
    ]);
  });

  it("hides each match of further patterns, global or not, beside what is known", () => {
    for (const pattern of [/EMP-\d+/i, /emp-\d+/gi, /(EMP|emp)-(\d+)/y, /EMP-\p{N}+/iu]) {
      const text = "EMP-1emp-2, token=x";
      const clean = "[REDACTED][REDACTED], token=[REDACTED]";
      const scrub = createScrub({ redact: [pattern] });
      expect(scrub("", text)).toBe(clean);
      expect(scrub("", text)).toBe(clean);
      expect(pattern.lastIndex).toBe(0);
    }
  });

  it("leaves allowed keys, but looks at what lies under them", () => {
    const value = { Session: { id: 7, token: "x" }, cookie: "a=b" };
    expect(JSON.stringify(value, createScrub({ allow: ["session", "COOKIE"], redact: ["cookie"] }))).toBe(
      '{"Session":{"id":7,"token":"[REDACTED]"},"cookie":"a=b"}',
    );
  });

  it("leaves the allowed parts of a text, under a secret's key too, and hides the others", () => {
    const scrub = createScrub({ allow: [/demo-\w+/, /public/] });
    expect(scrub("", "token=demo-1 token=real-2 secret=public")).toBe("token=demo-1 token=[REDACTED] secret=public");
    expect(scrub("apiKey", "demo-1")).toBe("demo-1");
    expect(scrub("apiKey", "real-2")).toBe(REDACTED);
  });

  it("ends for patterns that match nothing", () => {
    expect(createScrub({ allow: [/x*/, /^/] })("", "abc")).toBe("abc");
    expect(createScrub({ redact: [/$/] })("", "abc")).toBe(`abc${REDACTED}`);
  });

  it("without rules does what scrubEntry does", () => {
    fc.assert(
      fc.property(nearSecrets, nearSecrets, (key, text) => {
        expect(createScrub({})(key, text)).toBe(text && scrubEntry(key, text));
      }),
    );
  });
});

describe("scrubEvent", () => {
  it("leaves what its client allows by name, but for what looks secret", () => {
    const extras = { session_count: 3, token_note: "expired", token_url: "https://a:b4d1dea@shop.test" };
    const { extras: told } = scrubEvent({ ...event, extras }, ["Session_Count", "token_note", "token_url"]);
    expect(told).toEqual({ ...extras, token_url: `https://a:${REDACTED}@shop.test` });
  });

  const event: Event = {
    kind: "log",
    severity: "info",
    at: 1,
    title: "paid",
    extras: { cvv: 123, pin: "1", isPan: 1 },
  };

  it("hides what the client's keys do not name", () => {
    expect(scrubEvent(event)).toEqual({ ...event, extras: { cvv: REDACTED, pin: REDACTED, isPan: 1 } });
  });

  it("never changes its input, and is idempotent", () => {
    fc.assert(
      fc.property(fc.dictionary(nearSecrets, nearSecrets), (extras) => {
        const told = { ...event, extras };
        const before = JSON.stringify(told);
        const once = scrubEvent(told);
        expect(JSON.stringify(told)).toBe(before);
        expect(scrubEvent(once)).toEqual(once);
      }),
    );
  });
});
