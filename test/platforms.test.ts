import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, startProgram } from "../src/dev/process.ts";
import { startTelegram, type Telegram } from "../src/dev/telegram/server.ts";
import { startUpstash, type Upstash } from "../src/dev/upstash/front.ts";
import { startWorker, type Worker } from "../src/dev/worker.ts";
import { createKeyring } from "../src/hub/keys.ts";
import { connect, createStore } from "../src/hub/store/store.ts";
import { commands, environment } from "./hubs.ts";
import { until } from "./until.ts";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const SECRET = "a-secret-of-the-platform-suite-0123456789";
const faulty = { SNITCHBOT_SECRET: "hunter2", TELEGRAM_BOT_TOKEN: "hunter2", TELEGRAM_CHAT_ID: "nowhere" };

let upstash: Upstash;
let telegram: Telegram;
let env: Record<string, string>;

beforeAll(async () => {
  [upstash, telegram] = await Promise.all([startUpstash(), startTelegram()]);
  env = environment(SECRET, upstash, telegram);
});
afterAll(async () => {
  await Promise.all([telegram.stop(), upstash.stop()]);
});

test.each(["node", "deno", "bun"] as const)(
  "a faulty environment ends %s with one message and exit code 1",
  async (name) => {
    const program = await startProgram({ ...commands[name], cwd, env: faulty });
    expect(await program.ended).toBe(1);
    const variables = [...program.output().matchAll(/^ {2}- (\w+): /gm)].map(([, variable]) => variable);
    expect(variables).toEqual([
      "SNITCHBOT_SECRET",
      "UPSTASH_REDIS_REST_URL",
      "UPSTASH_REDIS_REST_TOKEN",
      "TELEGRAM_BOT_TOKEN",
      "TELEGRAM_CHAT_ID",
    ]);
    expect(program.output()).not.toMatch(/hunter2|^\s+at /m);
  },
);

test("a faulty environment makes a Worker answer with its faults, and without its secrets", async () => {
  const worker = await startWorker({ entry: "functions/cloudflare.ts", config: "wrangler.toml", vars: faulty });
  try {
    const answer = await fetch(worker.url);
    expect(answer.status).toBe(503);
    const { error } = await answer.json();
    expect(error).toMatchObject({ code: "misconfigured", message: expect.stringContaining("TELEGRAM_CHAT_ID: ") });
    expect(error.message).not.toContain("hunter2");
  } finally {
    await worker.stop();
  }
});

test("Cloudflare's cron runs the tick", async () => {
  const worker: Worker = await startWorker({ entry: "functions/cloudflare.ts", config: "wrangler.toml", vars: env });
  try {
    await upstash.command("DEL", "sb:ticks");
    const began = Date.now();
    await worker.cron();
    const store = createStore(connect(upstash.url, upstash.token));
    await until(async () => ((await store.lastTick()) ?? 0) >= began, "a tick");
  } finally {
    await worker.stop();
  }
});

test.each(["node", "deno", "bun"] as const)("a taken port ends %s with one line", async (name) => {
  const port = Number(new URL(telegram.url).port);
  const program = await startProgram({ ...commands[name], cwd, env: { ...env, PORT: String(port) } });
  expect(await program.ended).toBe(1);
  expect(program.output().trim()).toBe(`PORT: ${port} is taken by another program`);
});

test.each(["node", "deno", "bun"] as const)("%s polls Telegram where it is told to", async (name) => {
  const port = await freePort();
  const hub = await startProgram({
    ...commands[name],
    cwd,
    env: { ...env, PORT: String(port), TELEGRAM_MODE: "polling" },
    ready: `http://127.0.0.1:${port}`,
  });
  try {
    const event = { kind: "notify", severity: "error", at: Date.now(), title: `Press me on ${name}` };
    const batch = { v: 1, id: `press-me-${name}`, instance: "i", events: [event] };
    const address = `http://127.0.0.1:${port}/s/${await createKeyring(SECRET).issue(name)}`;
    await fetch(address, { method: "POST", body: JSON.stringify(batch) });
    const message = await until(
      () => telegram.api.messages().find(({ text }) => text?.includes(event.title)),
      "an alert",
    );
    const answer = await telegram.api.press(telegram.api.alerts, message.message_id, "🔕 1h");
    expect(answer).toMatchObject({ text: expect.stringMatching(/^Muted until/) });
  } finally {
    await hub.stop();
  }
});

test.each(["node", "deno", "bun"] as const)("%s ends what is under way before it stops", async (name) => {
  const port = await freePort();
  const hub = await startProgram({
    ...commands[name],
    cwd,
    env: { ...env, PORT: String(port) },
    ready: `http://127.0.0.1:${port}`,
  });
  try {
    telegram.api.faults.add({ method: "sendMessage", delay: 500 });
    const event = { kind: "notify", severity: "error", at: Date.now(), title: `Last words of ${name}` };
    const batch = { v: 1, id: `last-words-${name}`, instance: "i", events: [event] };
    const address = `http://127.0.0.1:${port}/s/${await createKeyring(SECRET).issue(name)}`;
    expect((await fetch(address, { method: "POST", body: JSON.stringify(batch) })).status).toBe(202);
    process.kill(hub.pid, "SIGTERM");
    expect(await hub.ended).toBe(0);
    expect(telegram.api.messages().some(({ text }) => text?.includes(event.title))).toBe(true);
  } finally {
    await hub.stop("SIGKILL");
  }
});
