import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { scrubOutput } from "../src/hub/secrets.ts";
import { scrubText } from "../src/scrub.ts";

/** What each pattern begins with: behind it stands a repetition that might begin again and again. */
const beginnings = [
  ...["-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----END ", "ghp_", "glpt-", "sk-", "eyJ", "AKIA", "SG."],
  ...["password", "password:", "password=", "token: ", "authorization: ", "authorization:", "secret_", "api key = ["],
  ...['token="', "token='\\", 'password:\\"', "bearer ", "cookie=", "cookie: a", "://", "://a:", "/s/", "/s/a."],
  ...["/services/", "123456:", "key=", "sig=", "SK", "1//0", "re_", "basic ", "--token ", "--a-", " -u ", " -u a:"],
  ...["login ", "login a password ", "_auth=", "<", "<password>", "password] => ", "token:[", "authorization: digest "],
  ...["postgres://", "postgres://a:", "a:", "4111 ", "411111111111", "3782-"],
];

/** What a repetition might take, and so might the next one that begins in it. */
const fillings = ["a", "1", "-", ".", ":", "/", "\\", '"', "[", "a ", "a.", "-a", "\n"];

/** How long a text is, and by when it must be done, in milliseconds: linear time is far below, quadratic time above. */
const LONG = { length: 250_000, timeout: 5_000 };
const SHORT = { length: 50_000, timeout: 1_000 };

function ends(scrub: (text: string) => string, text: string, timeout: number): boolean {
  return runInNewContext("typeof scrub(text)", { scrub, text }, { timeout }) === "string";
}

it.each(Object.entries({ scrubText, scrubOutput }))("%s ends for whatever a pattern begins with", (_, scrub) => {
  for (const it of beginnings) {
    expect(ends(scrub, it.repeat(LONG.length / it.length), LONG.timeout), it).toBe(true);
  }
});

it("scrubOutput, and so scrubText, ends for whatever may stand behind what a pattern begins with", () => {
  for (const it of beginnings) {
    for (const filling of fillings) {
      const text = `${it}${filling.repeat(SHORT.length / filling.length)}\0`;
      expect(ends(scrubOutput, text, SHORT.timeout), `${it}${filling}`).toBe(true);
    }
  }
});
