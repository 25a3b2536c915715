import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REDACTED, scrubText, scrubValue } from "../src/scrub.ts";

const mac = "kJ3x-9QpLm_2RtYw8ZbN4A";
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789";

describe("scrubText takes out", () => {
  it.each([
    ["an AWS access key", "key AKIAIOSFODNN7EXAMPLE used", "key [REDACTED] used"],
    ["an AWS secret key", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPx", "AWS_SECRET_ACCESS_KEY=[REDACTED]"],
    ["a GitHub token", `push with ghp_${letters} failed`, "push with [REDACTED] failed"],
    ["a fine-grained GitHub token", `github_pat_${letters}`, "[REDACTED]"],
    ["a GitLab token", "glpat-abcdefghij0123456789", "[REDACTED]"],
    ["a Slack token", "xoxb-123456789012-abcdefABCDEF", "[REDACTED]"],
    ["a Stripe key", `No such key: sk_${"live"}_4eC39HqLyjWDarjtT1zdp7dc`, "No such key: [REDACTED]"],
    ["a Google key", "AIzaSyA1234567890abcdefghijklmnopqrstuv", "[REDACTED]"],
    [
      "an OpenAI key",
      "Incorrect API key provided: sk-proj-abcdefghij0123456789",
      "Incorrect API key provided: [REDACTED]",
    ],
    ["an npm token", "npm_abcdefghijklmnopqrstuvwxyz0123456789", "[REDACTED]"],
    ["a SendGrid key", "SG.abcdefghijklmnopqrstuv.ABCDEFGHIJKLMNOP", "[REDACTED]"],
    ["a JWT", "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVm expired", "jwt [REDACTED] expired"],
    ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest", "[REDACTED]\nrest"],
    ["a private key that was cut off", "pem -----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN", "pem [REDACTED]"],
    ["credentials, but not their scheme", "Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [REDACTED]"],
    ["credentials in a JSON header", '{"authorization":"Bearer abc"}', '{"authorization":"[REDACTED]"}'],
    ["a bare bearer", "sent Bearer abc.def-123 to upstream", "sent Bearer [REDACTED] to upstream"],
    [
      "a password in a URL",
      "redis://default:p@ss@db.example.dev:6379",
      "redis://default:[REDACTED]@db.example.dev:6379",
    ],
    ["a Telegram bot token", `/bot123456789:AAF${"x".repeat(32)}/sendMessage`, "/bot123456789:[REDACTED]/sendMessage"],
    ["a snitchbot key, but not its service", `/s/orders-api.${mac}/beat`, "/s/orders-api.[REDACTED]/beat"],
    ["a rotated snitchbot key", `/s/orders-api.2.${mac}`, "/s/orders-api.2.[REDACTED]"],
    ["a cookie", "Cookie: sid=abc; theme=dark\nHost: x", "Cookie: [REDACTED]\nHost: x"],
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
    ["what Node prints of a Map", "Map(1) { 'password' => 'hunter2' }", "Map(1) { 'password' => '[REDACTED]' }"],
    ["aligned settings", "password   =   hunter2", "password   =   [REDACTED]"],
    ["what stands after :=", "password := hunter2", "password := [REDACTED]"],
    ["another scheme's credentials", "Authorization: ApiKey abc123", "Authorization: ApiKey [REDACTED]"],
    ["a variable with a short name", "SMTP_PASS=hunter2", "SMTP_PASS=[REDACTED]"],
    ["a session", "GET /me?sessionid=abc", "GET /me?sessionid=[REDACTED]"],
    ["an Azure key", "AccountName=a;AccountKey=abc/def==;", "AccountName=a;AccountKey=[REDACTED];"],
    ["a Shopify token", "shpat_0123456789abcdef0123456789abcdef", "[REDACTED]"],
  ])("%s", (_, text, clean) => {
    expect(scrubText(text)).toBe(clean);
  });
});

describe("scrubText leaves alone", () => {
  it.each([
    ["a UUID", "order 550e8400-e29b-41d4-a716-446655440000 not found"],
    ["a UUID after a number", "tenant 12345678:550e8400-e29b-41d4-a716-446655440000"],
    ["a SHA-256", "sha e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["a hash as a key", "key=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["a path", "/var/lib/secrets/token-store/index.ts"],
    ["a stack", "    at getToken (/srv/auth/token.ts:12:5)\n    at Secret.read (file:///srv/secret.js:1:2)"],
    ["a position in a file", "password:12:5"],
    ["prose", "The password is wrong. The token has expired; the bearer of this letter knows the secret."],
    ["prose after a colon", "password: must be at least eight characters"],
    ["a syntax error", "Unexpected token < in JSON at position 0"],
    ["numbers", "max_tokens: 4096, tokens=12, tokenCount: 12, token_limit=4096"],
    ["words that begin like a secret", "tokenizer: wordpiece, token_type: jwt, compass: north"],
    ["a port", "connect to http://localhost:8080/a?b=c@d failed"],
    ["a short key", "duplicate key=user:42"],
  ])("%s", (_, text) => {
    expect(scrubText(text)).toBe(text);
  });
});

/** Texts that come near to secrets. */
const nearSecrets = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          "password",
          "token",
          "secret",
          "=>",
          "=",
          ": ",
          ":",
          '"',
          "'",
          "\\",
          " ",
          "\n",
          "://",
          "@",
          "/s/",
          "a.",
          "cookie",
        ],
        ...[
          "bearer ",
          "Authorization",
          "basic ",
          "key=",
          "eyJ",
          "sk-",
          "-----BEGIN PRIVATE KEY-----",
          "-----END ",
          mac,
        ],
        ...[REDACTED, "[", "]", "123456789:", "user", "2"],
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(""));

describe("scrubText", () => {
  it("is idempotent", () => {
    fc.assert(
      fc.property(nearSecrets, (text) => {
        const once = scrubText(text);
        expect(scrubText(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes linear time, whatever the text repeats", () => {
    const pieces = [
      ...["password", "password:", "eyJ", "://a:", "sk-", "-----BEGIN PRIVATE KEY", "-----END ", "a", "\\", "bearer "],
      ...[
        "cookie: a",
        "/s/a.",
        "password='",
        'password="\\"',
        "session_id ",
        "1234567:",
        "key=",
        "token: a ",
        'password="\\',
        "secret_",
        "authorization: ",
        " ",
      ],
    ];
    for (const piece of pieces) {
      const started = performance.now();
      scrubText(piece.repeat(300_000 / piece.length));
      expect(performance.now() - started, piece).toBeLessThan(1_500); // quadratic time would be minutes
    }
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

  it("leaves flags, counts and authors alone", () => {
    const value = { hasToken: true, token: null, maxTokens: 4096, tokenCount: 7, author: "Ada" };
    expect(scrubValue(value)).toEqual(value);
  });

  it("looks into keys and texts", () => {
    expect(scrubValue({ [`ghp_${letters}`]: ["password=a"] })).toEqual({ [REDACTED]: ["password=[REDACTED]"] });
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
