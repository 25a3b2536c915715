import { expect, test } from "vitest";
import { ConfigError, readConfig } from "../../src/hub/config.ts";

const good = {
  SNITCHBOT_SECRET: "0123456789abcdef0123456789abcdef",
  UPSTASH_REDIS_REST_URL: "https://eu1.example.dev/",
  UPSTASH_REDIS_REST_TOKEN: "redis-token-value",
  TELEGRAM_BOT_TOKEN: "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
};

function faultsOf(env: Record<string, unknown>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
  }
  return [];
}

test("four variables are enough", () => {
  expect(readConfig(good)).toEqual({
    secret: good.SNITCHBOT_SECRET,
    redis: { url: "https://eu1.example.dev", token: "redis-token-value" },
    telegram: {
      token: good.TELEGRAM_BOT_TOKEN,
      allowedUsers: [],
      apiRoot: "https://api.telegram.org",
      mode: "webhook",
      loudFrom: "error",
    },
    port: 8787,
  });
});

test("every fault is reported at once, each with its variable and its mend", () => {
  const faults = faultsOf({
    SNITCHBOT_SECRET: "short",
    UPSTASH_REDIS_REST_URL: "ftp://somewhere",
    TELEGRAM_BOT_TOKEN: "nonsense",
    TELEGRAM_CHAT_ID: "@channel",
    TELEGRAM_ALLOWED_USERS: "me, you",
    TELEGRAM_MODE: "carrier-pigeon",
    TELEGRAM_API_ROOT: "no address",
    CRON_SECRET: "1234",
    PORT: "http",
    SNITCHBOT_WATCHER_URL: "//",
  });
  expect(faults.map((fault) => fault.split(":")[0])).toEqual([
    "SNITCHBOT_SECRET",
    "UPSTASH_REDIS_REST_URL",
    "UPSTASH_REDIS_REST_TOKEN",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_CHAT_ID",
    "TELEGRAM_ALLOWED_USERS",
    "TELEGRAM_API_ROOT",
    "TELEGRAM_MODE",
    "CRON_SECRET",
    "PORT",
    "SNITCHBOT_WATCHER_URL",
  ]);
  for (const fault of faults) expect(fault).toMatch(/: \S.* .+/);
});

test("no fault repeats a value", () => {
  const env = { ...good, SNITCHBOT_SECRET: "hunter2-secret", TELEGRAM_BOT_TOKEN: "not-a-token-hunter2" };
  expect(faultsOf(env)).toHaveLength(2);
  expect(faultsOf(env).join()).not.toContain("hunter2");
});

test("a blank variable counts as absent", () => {
  expect(faultsOf({ ...good, SNITCHBOT_SECRET: "  " })[0]).toContain("SNITCHBOT_SECRET: missing");
  expect(readConfig({ ...good, TELEGRAM_CHAT_ID: "" }).telegram.chatId).toBeUndefined();
});

test("the names of Vercel's store integration are accepted", () => {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, ...rest } = good;
  expect(readConfig({ ...rest, KV_REST_API_URL: url, KV_REST_API_TOKEN: token }).redis.token).toBe(token);
});

test("a chat and users are numbers", () => {
  const { telegram } = readConfig({ ...good, TELEGRAM_CHAT_ID: "-1001234567890", TELEGRAM_ALLOWED_USERS: "4242, 77" });
  expect(telegram).toMatchObject({ chatId: -1001234567890, allowedUsers: [4242, 77] });
});
