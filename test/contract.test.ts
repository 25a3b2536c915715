import { afterAll, test as base, beforeAll, describe, expect } from "vitest";
import { startTelegram, type Telegram } from "../src/dev/telegram/server.ts";
import { startUpstash, type Upstash } from "../src/dev/upstash/front.ts";
import type { Batch, Event } from "../src/event.ts";
import { createBadges } from "../src/hub/badge.ts";
import { createKeyring } from "../src/hub/keys.ts";
import { environment, platforms, type RunningHub, startHub } from "./hubs.ts";
import { until } from "./until.ts";

const SECRET = "a-secret-of-the-contract-suite-0123456789";
const CRON_SECRET = "a-second-bearer-for-the-cron";
const AT = Date.now() - 60_000;
const TIME = new Date(AT).toISOString().slice(11, 19);
const keyring = createKeyring(SECRET);

const crash: Event = {
  kind: "crash",
  severity: "error",
  at: AT,
  title: "DatabaseConnectionError: connection refused",
  error: {
    type: "DatabaseConnectionError",
    message: "connection refused to 10.0.0.5:5432",
    stack: [
      "DatabaseConnectionError: connection refused to 10.0.0.5:5432",
      "    at Pool.acquire (/app/src/db/pool.ts:47:19)",
      "    at async fetchAll (/app/src/services/orders.ts:88:10)",
      "    at async listOrders (/app/src/routes/orders.ts:12:3)",
      "    at async dispatch (/app/node_modules/hono/dist/compose.js:22:17)",
    ].join("\n"),
  },
  extras: { attempt: 3, password: "hunter2" },
  context: { method: "GET", path: "/orders" },
};

const ALERT = `🔴 crash · orders-api · ‹fingerprint›
━━━━━━━━━━━━━━━━━━
DatabaseConnectionError: connection refused to 10.0.0.5:5432
Details
  time ${TIME} UTC (1m ago)  instance i-1
Context
  method GET  path /orders
Extras
  attempt 3  password [REDACTED]
Stack
  src/db/pool.ts:47 in Pool.acquire()
  src/services/orders.ts:88 in fetchAll()
  src/routes/orders.ts:12 in listOrders()
  … 1 frame in libraries`;

let batches = 0;
const batchOf = (events: readonly unknown[], given: Partial<Batch> = {}) => ({
  v: 1,
  id: `contract-${++batches}`,
  instance: "i-1",
  events,
  ...given,
});

// The platforms run side by side, for they wait more than they work; the tests of each follow one another.
const test = base.sequential;

describe.concurrent.each(platforms)("the hub on %s", (platform) => {
  let upstash: Upstash;
  let telegram: Telegram;
  let hub: RunningHub;
  let address: string;

  beforeAll(async () => {
    [upstash, telegram] = await Promise.all([startUpstash(), startTelegram()]);
    hub = await startHub(platform, { ...environment(SECRET, upstash, telegram), CRON_SECRET });
    address = `${hub.url}/s/${await keyring.issue("orders-api")}`;
  });
  afterAll(async () => {
    await Promise.all([hub?.stop(), telegram?.stop(), upstash?.stop()]);
  });

  const post = (body: unknown, url = address, headers: Record<string, string> = {}) =>
    fetch(url, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), headers });
  const tell = async (...events: readonly Event[]) => {
    const answer = await post(batchOf(events));
    expect(answer.status).toBe(202);
    return answer.json();
  };
  const texts = () => telegram.api.messages().flatMap((message) => message.text ?? []);
  const told = (words: string) => until(() => texts().find((text) => text.includes(words)), `a message with ${words}`);

  /** What is told again while its message is under way is only counted, and shown later. */
  const settled = async (): Promise<boolean> => {
    const fields = (await upstash.command("HGETALL", "sb:s:orders-api")) as string[];
    return fields.some((field, i) => field.startsWith("c:") && fields[i + 1] !== "");
  };

  test("a crash becomes a message, the same on every platform", async () => {
    expect(await tell(crash)).toEqual({ accepted: 1, verdicts: ["admitted"], control: {} });
    const text = await told("DatabaseConnectionError");
    expect(text.replace(/[0-9a-f]{8}$/m, "‹fingerprint›")).toBe(ALERT);
    const [message] = telegram.api.messages();
    expect(message?.entities?.some(({ type }) => type === "date_time")).toBe(true);
    expect(telegram.api.violations).toEqual([]);
  });

  test("the same crash again rewrites that message", async () => {
    await until(settled, "that the hub knows which message it is");
    expect(await tell(crash)).toMatchObject({ verdicts: ["repeat"] });
    expect(await told("× 2")).toContain("DatabaseConnectionError");
    expect(texts()).toHaveLength(1);
  });

  test("a batch is taken as text/plain too, which spares a page the preflight", async () => {
    const event: Event = { kind: "notify", severity: "info", at: AT, title: "From a browser" };
    const answer = await post(batchOf([event]), address, {
      "content-type": "text/plain",
      origin: "https://shop.example",
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    await told("From a browser");
  });

  test("a batch that is sent twice counts once", async () => {
    const batch = batchOf([{ kind: "notify", severity: "info", at: AT, title: "Only once", count: 7 }]);
    expect(await (await post(batch)).json()).toMatchObject({ verdicts: ["admitted"] });
    expect(await (await post(batch)).json()).toMatchObject({ accepted: 1, verdicts: ["admitted"] });
    expect(await told("Only once")).toContain("× 7");
    expect(texts().filter((text) => text.includes("Only once"))).toHaveLength(1);
  });

  test("one bad event is named, and the rest of its batch is taken", async () => {
    const good: Event = { kind: "notify", severity: "info", at: AT, title: "The good one" };
    const answer = await post(batchOf([{ ...good, severity: "awful" }, good]));
    expect(answer.status).toBe(202);
    const body = await answer.json();
    expect(body).toMatchObject({ accepted: 1, verdicts: ["admitted"], refused: [{ index: 0, code: "bad_event" }] });
    expect(body.refused[0].message).toMatch(/^events\[0\]\.severity: /);
    await told("The good one");
  });

  test.each([
    ["no JSON", 400, "bad_batch", /^body: /, "{nonsense"],
    ["an empty body", 400, "bad_batch", /^body: /, ""],
    ["another version", 400, "bad_batch", /^v: /, { ...batchOf([]), v: 2 }],
    ["too many events", 400, "bad_batch", /^events: /, batchOf(Array(51).fill(crash))],
    ["only bad events", 400, "bad_event", /^events\[0\]\.kind: /, batchOf([{ ...crash, kind: "gossip" }])],
    ["a body that is too large", 413, "too_large", /^body: /, `"${"x".repeat(256 * 1024)}"`],
  ])("%s is refused by name", async (_, status, code, message, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    const { error } = await answer.json();
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test("a body without a length is cut off at the limit", async () => {
    const chunk = new TextEncoder().encode("x".repeat(64 * 1024));
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) => (sent++ < 8 ? controller.enqueue(chunk) : controller.close()),
    });
    const answer = await fetch(address, { method: "POST", body, duplex: "half" } as RequestInit);
    expect(answer.status).toBe(413);
  });

  test("what is not there is 404, a wrong method 405 with the right one", async () => {
    expect((await fetch(`${hub.url}/nowhere`)).status).toBe(404);
    for (const [path, method, allow] of [
      [new URL(address).pathname, "GET", "POST"],
      ["/telegram", "GET", "POST"],
      ["/tick", "DELETE", "GET, POST"],
      ["/health", "POST", "GET, HEAD"],
      [`${new URL(address).pathname}/beat/etl`, "DELETE", "GET, HEAD, POST"],
      ["/", "POST", "GET, HEAD"],
    ] as const) {
      const answer = await fetch(`${hub.url}${path}`, { method });
      expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, allow]);
    }
  });

  test("a forged key is 401, and an address that shows many has to wait", async () => {
    const forged = `${hub.url}/s/${(await keyring.issue("other-api")).replace("other", "orders")}`;
    expect((await post(batchOf([crash]), forged)).status).toBe(401);
    const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await post("{}", forged)).status));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(10);
    const last = await post("{}", forged);
    expect(last.status).toBe(429);
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await post(batchOf([]))).status).toBe(202); // a good key is no worse off
  });

  test("rotating a key makes the older one 401", async () => {
    const first = `${hub.url}/s/${await keyring.issue("rotated")}`;
    const second = `${hub.url}/s/${await keyring.issue("rotated", 2)}`;
    expect((await post(batchOf([]), first)).status).toBe(202);
    expect((await post(batchOf([]), second)).status).toBe(202);
    expect([401, 429]).toContain((await post(batchOf([]), first)).status);
  });

  test("the webhook takes nothing without its secret", async () => {
    const update = { update_id: 1 };
    expect((await post(update, `${hub.url}/telegram`)).status).toBe(401);
    expect((await post(update, `${hub.url}/telegram`, { "x-telegram-bot-api-secret-token": "x" })).status).toBe(401);
    const secret = await keyring.derive("webhook");
    expect((await post(update, `${hub.url}/telegram`, { "x-telegram-bot-api-secret-token": secret })).status).toBe(200);
    expect((await post("garbage", `${hub.url}/telegram`, { "x-telegram-bot-api-secret-token": secret })).status).toBe(
      200,
    );
  });

  test("a pressed button is answered, and does what it says", async () => {
    const webhook = { url: `${hub.url}/telegram`, secret_token: await keyring.derive("webhook") };
    await post(webhook, `${telegram.url}/bot${telegram.token}/setWebhook`, { "content-type": "application/json" });
    const [message] = telegram.api.messages();
    const press = (button: string) => telegram.api.press(telegram.api.alerts, message?.message_id ?? 0, button);
    expect(await press("🔕 1h")).toMatchObject({ text: expect.stringMatching(/^Muted until \d\d:\d\d UTC/) });
    await until(() => JSON.stringify(telegram.api.messages()[0]?.reply_markup).includes("🔔 unmute"), "another button");
    expect(await press("🔔 unmute")).toMatchObject({ text: "No longer muted; 0 events were swallowed." });
  });

  test("a trace that is longer than a message comes as a file", async () => {
    const stack = `RangeError: deep\n${"    at recur (src/deep.ts:1:1)\n".repeat(180)}`;
    await tell({ ...crash, error: { type: "RangeError", message: "deep", stack } });
    await told("RangeError");
    const deep = telegram.api.messages().find(({ text }) => text?.includes("RangeError"));
    await telegram.api.press(telegram.api.alerts, deep?.message_id ?? 0, "📋 full trace");
    const sent = await until(() => telegram.api.calls.find(({ method }) => method === "sendDocument"), "a file");
    expect(sent.answer).toMatchObject({ ok: true });
  });

  test("a command is answered, too", async () => {
    telegram.api.say(telegram.api.alerts, "/where");
    await told("📍 Alerts go to chat");
  });

  test("a beat makes its monitor, a failed run is told at once, and the badge shows it", async () => {
    const beat = async (path: string, init?: RequestInit) => {
      const answer = await fetch(`${address}/beat${path}`, init);
      return [answer.status, await answer.text()];
    };
    expect(await beat("/nightly-etl?cron=0+3+*+*+*&tz=Europe/Berlin&grace=30m")).toEqual([201, "Created"]);
    expect(await beat("/nightly-etl", { method: "HEAD" })).toEqual([200, ""]);
    expect((await beat("/nightly-etl?cron=0+0+31+2+*"))[0]).toBe(400);
    const report = { instance: "i-1", vitals: [{ at: AT, rss: 1 }] };
    expect(await beat("", { method: "POST", body: JSON.stringify(report) })).toEqual([201, "Created"]);
    expect(await beat("/nightly-etl/3", { method: "POST", body: "no space left" })).toEqual([200, "OK"]);
    expect(await told("🔴 failed · orders-api/nightly-etl")).toContain("no space left");
    const badge = `${hub.url}/badge/${await createBadges(SECRET).issue("orders-api", "nightly-etl")}`;
    expect(await (await fetch(`${badge}.json`)).json()).toMatchObject({ message: "down" });
    const svg = await fetch(`${badge}.svg`);
    expect([svg.headers.get("content-type"), svg.headers.get("cache-control")]).toEqual([
      "image/svg+xml",
      "public, max-age=60",
    ]);
    expect((await fetch(`${badge.slice(0, -1)}x.svg`)).status).toBe(404);
  });

  test("the tick needs its bearer, and answers what it did", async () => {
    expect((await fetch(`${hub.url}/tick`)).status).toBe(401);
    for (const bearer of [await keyring.derive("tick"), CRON_SECRET]) {
      const answer = await fetch(`${hub.url}/tick`, { headers: { authorization: `Bearer ${bearer}` } });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ flips: 0, claimed: 0, sent: 0, left: 0, took: expect.any(Number) });
    }
  });

  test("health is 503 while the store is away, and else says how things are", async () => {
    upstash.faults.set({ kind: "status", status: 500, times: 1 });
    expect((await fetch(`${hub.url}/health`)).status).toBe(503);
    const answer = await fetch(`${hub.url}/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      store: "up",
      outbox: 0,
      refused: 0,
      channel: "ok",
      lastTick: expect.any(Number),
    });
  });

  test("while the store is away an error is told directly", async () => {
    upstash.faults.set({ kind: "outage" });
    const error = { kind: "error", severity: "error", at: AT, title: "Cannot wait" };
    const answer = await post(batchOf([error]));
    upstash.faults.clear();
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ accepted: 1, verdicts: ["admitted"], control: {}, degraded: true });
    expect(await told("Cannot wait")).toMatch(/^⚠️ Redis is away/);
  });

  // A store that failed is left alone for a second: here that is waited for, once for both tests.
  test("while the store is away a batch is 503, and the same batch is welcome later", async () => {
    const batch = batchOf([{ kind: "notify", severity: "info", at: AT, title: "Patience" }]);
    upstash.faults.set({ kind: "status", status: 500 });
    const answer = await post(batch, address, { origin: "https://shop.example" });
    upstash.faults.clear();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.headers.get("access-control-expose-headers")).toContain("retry-after");
    await until(async () => (await post(batch)).status === 202, "the store is used again");
    await told("Patience");
  });

  test("the front page says that the hub is up", async () => {
    const page = await (await fetch(hub.url)).text();
    expect(page).toContain("The hub is up.");
  });

  test("no secret was printed, not even when Telegram and Redis fail", async () => {
    await upstash.command("HDEL", "sb:hub", `calls:${telegram.api.alerts}`); // what came before has all but spent the minute's
    telegram.api.faults.add({ method: "sendMessage", html: true });
    telegram.api.faults.add({ method: "sendMessage", status: 403, description: "Forbidden: bot was kicked" });
    for (const title of ["A proxy's page", "Kicked"]) await tell({ ...crash, kind: "notify", title });
    await until(() => telegram.api.faults.left === 0, "both failures");
    upstash.faults.set({ kind: "status", status: 500 });
    expect((await post(batchOf([{ ...crash, severity: "info" }]))).status).toBe(503);
    upstash.faults.clear();
    await until(() => hub.output().includes("StoreError"), "a line about the store");
    for (const secret of [SECRET, CRON_SECRET, telegram.token, upstash.token])
      expect(hub.output()).not.toContain(secret);
  });
});
