import { describe, expect, it } from "vitest";
import { scrubEvent, scrubOutput } from "../src/hub/secrets.ts";
import { scrubEntry, scrubText } from "../src/scrub.ts";

/** What programs say all day, and nothing of it is a secret. Some of it begins like one. */
const ordinary = [
  "order 550e8400-e29b-41d4-a716-446655440000 not found",
  "tenant 12345678:550e8400-e29b-41d4-a716-446655440000",
  "request 0190163d-8694-739b-aea5-966c26f8ad91 took 1204 ms",
  "sha e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "HEAD is now at bfbcc7e4c0d9a1f2e3b4c5d6e7f8091a2b3c4d5e Name what a process adds",
  "key=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 missing",
  "integrity sha512-WFN0Zk9vQmFyQmF6UXV4Q29ycmVjdEhvcnNlQmF0dGVyeQ== differs",
  "cache miss key=orders_by_customer_42_2024",
  'duplicate key value violates unique constraint "users_email_key"',
  "duplicate key=user:42",
  "primary key: id, foreign key: order_id",
  "/var/lib/secrets/token-store/index.ts",
  "open '/run/secrets/password-store/README.md'",
  "ENOENT: no such file or directory, open '/srv/auth/tokens/latest.json'",
  "    at getToken (/srv/auth/token.ts:12:5)\n    at Secret.read (file:///srv/secret.js:1:2)",
  "    at async Password.verify (node:internal/crypto/password:41:7)",
  "    at new SessionStore (webpack-internal:///(rsc)/./lib/session.ts:18:11)",
  "    at Object.authorization [as handler] (/app/src/hooks/authorization.js:33:20)",
  'File "/usr/lib/python3.12/secrets.py", line 28, in token_bytes',
  "goroutine 18 [running]:\nmain.(*Token).Verify(0xc0000b4000)\n\t/go/src/app/token.go:52 +0x1d",
  "TypeError: Cannot read properties of undefined (reading 'token')",
  "SyntaxError: Unexpected token < in JSON at position 0",
  "Unexpected token 'o', \"not json\" is not valid JSON",
  "password:12:5",
  "secret.js:10:3: unused variable",
  "The password is wrong. The token has expired; the bearer of this letter knows the secret.",
  "the token is missing",
  "password must be longer than 8 characters",
  "password: must be at least eight characters",
  "signature: expected 3 arguments but got 2",
  "authorization: you are not allowed to do this",
  "Basic authentication failed for user ada, see Basic JavaScript and Basic MockAgent instantiation",
  "$ app | pino-http-send -u http://localhost:8080/logs",
  "bearer authentication is required",
  "JWT expired at 2024-05-01T12:00:00.000Z",
  "max_tokens: 4096, tokens=12, tokenCount: 12, token_limit=4096",
  "usage: prompt_tokens=812 completion_tokens=64 total_tokens=876",
  "tokenizer: wordpiece, token_type: jwt, compass: north",
  'token_uri: "https://oauth2.example.com/token"',
  "14 passed, 2 failed, pass=14 fail=2",
  "connect ECONNREFUSED 127.0.0.1:5432",
  "connect to http://localhost:8080/a?b=c@d failed",
  "GET https://api.example.com/v1/users/42?page=2&sort=name 502 in 31 ms",
  '{"url":"http://localhost:3000","mail":"ada@example.com"}',
  "postgres://db.example.dev:5432/orders does not answer",
  "redis://default@cache.example.dev:6379 timed out",
  "git@github.com:acme/orders.git: not found",
  "wrote 12 files to s3://backups/2024/05/01/orders.tar.gz",
  "GET /s/styles.css 200, GET /s/orders-api.js 304",
  "GET /services/orders/items 404",
  "2024-05-01T12:34:56.789Z INFO listening on :8787",
  "at 1714565696789 ms, 1714565696789123 us, 1714565696789123456 ns",
  "order 1000000000000016 shipped with 1Z999AA10123456784",
  "parcel 9400111899223197428490 is on its way",
  "order 4111111111111112 is unknown", // looks like a card, but its last digit is wrong
  "call +49 30 901820 or 0049 170 1234567",
  "snowflake 175928847299117063, tweet 1050118621198921728",
  "version 4.1.12, build 20240501.3, commit 5f2e1d0",
  "isbn 978-3-16-148410-0, imei 490154203237518",
  "took 4012.888888881881 ms",
  "float 0.4111111111111111 and 4111111111111111.5",
  "npm_config_cache_folder_location is not set, npm_lifecycle_event is test",
  "npm error code ERESOLVE while resolving eslint-plugin-react@7.34.1",
  "class sk-spinner-container-large, disk-usage-report-2024-05-01",
  "SKIPPED_because_nothing_changed, ACCEPTED, ASIAN_MARKETS_ARE_OPEN_NOW",
  "cookie consent banner was shown; cookies are off",
  "Cookie: missing",
  "https://github.com/acme/cookie/actions?query=branch and cookie?branch=main",
  "session 42 started, session.length is 3",
  "Secretary of the board joined",
  "author: Ada Lovelace, authority: none",
  "rss 104857600 bytes, heap 73400320, cpu 12.5 %",
  "<token>, <password> and <secret> are placeholders",
  "eyJ is how a JSON object begins in base64",
  "a key: value pair, key = 5, the key=value syntax",
  "color #4111aa, tel:+14155550132, mid 6011-0009",
  "npm WARN deprecated har-validator@5.1.5: this library is no longer supported",
  "dapi, gsk_, hvs. and r8_ are only prefixes",
  "webhooks/123 was called twice; see https://example.com/api/webhooks/123/deliveries",
  "retry --token-file /run/token or --password-stdin",
  "error: option '--token <token>' argument missing; --api-key is required; --secret --verbose",
  "{ password: undefined, token: null }, token=undefined&page=2",
] as const;

describe("ordinary lines stay as they are", () => {
  it.each(ordinary)("%s", (line) => {
    expect(scrubText(line)).toBe(line);
    expect(scrubOutput(line)).toBe(line);
  });

  it("all of them together, as the output of one job", () => {
    const output = ordinary.join("\n");
    expect(scrubOutput(output)).toBe(output);
  });

  it("all of them in JSON", () => {
    const json = JSON.stringify({ lines: ordinary });
    expect(JSON.stringify({ lines: ordinary }, scrubEntry)).toBe(json);
    expect(scrubOutput(json)).toBe(json);
  });

  it("all of them as an event's extras", () => {
    const event = { kind: "log", severity: "info", at: 1, title: "said", extras: { lines: [...ordinary] } } as const;
    expect(scrubEvent(event)).toEqual(event);
  });
});
