import type { Update } from "@grammyjs/types";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/dev/telegram/clock.ts";
import { refused, stand } from "./telegram-stand.ts";

/** A bot with a webhook: what it was told, and how it answers. */
function hooked(answer: (update: Update, request: Request) => Response | Promise<Response> = () => new Response("ok")) {
  const clock = virtualClock();
  const told: Update[] = [];
  const requests: Request[] = [];
  const post = async (request: Request) => {
    const update = (await request.clone().json()) as Update;
    told.push(update);
    requests.push(request);
    return answer(update, request);
  };
  const given = stand({ clock, fetch: post as typeof fetch });
  const texts = () => told.map(({ message }) => message?.text);
  return { ...given, clock, told, requests, texts };
}

const url = "http://127.0.0.1:8787/telegram";

describe("getUpdates", () => {
  test("tells what people say, commands marked, until it is confirmed", async () => {
    const { api, bot } = stand();
    api.say(api.alerts, "/status@snitch_dev_bot 5m");
    const [update] = await bot.getUpdates();
    expect(update?.message).toMatchObject({
      from: api.human,
      text: "/status@snitch_dev_bot 5m",
      entities: [{ type: "bot_command", offset: 0, length: 22 }],
    });
    expect(await bot.getUpdates()).toHaveLength(1);
    expect(await bot.getUpdates({ offset: (update?.update_id ?? 0) + 1 })).toEqual([]);
    expect(await bot.getUpdates()).toEqual([]);
  });

  test("waits for the next one", async () => {
    const { api, bot } = stand({ clock: virtualClock() });
    const waiting = bot.getUpdates({ timeout: 30 });
    await new Promise(setImmediate);
    api.say(api.alerts, "hi", { threadId: 4 });
    expect(await waiting).toMatchObject([{ message: { text: "hi", message_thread_id: 4, is_topic_message: true } }]);
  });

  test("waits no longer than asked", async () => {
    const clock = virtualClock();
    const waiting = stand({ clock }).bot.getUpdates({ timeout: 30 });
    await clock.advance(30_000);
    expect(await waiting).toEqual([]);
  });

  test("is asked by one program at a time", async () => {
    const { bot, api } = stand({ clock: virtualClock() });
    const first = refused(bot.getUpdates({ timeout: 30 }));
    await new Promise(setImmediate);
    const second = bot.getUpdates({ timeout: 30 });
    expect(await first).toBe(
      "409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    );
    api.stop();
    expect(await second).toEqual([]);
  });

  test("counts a negative offset from the end", async () => {
    const { api, bot } = stand();
    for (const text of ["a", "b", "c"]) api.say(api.alerts, text);
    expect(await bot.getUpdates({ offset: -1 })).toMatchObject([{ message: { text: "c" } }]);
    expect(await bot.getUpdates()).toHaveLength(1);
  });

  test("is refused while a webhook is set", async () => {
    const { bot } = hooked();
    await bot.setWebhook(url);
    expect(await refused(bot.getUpdates())).toBe(
      "409 Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
    await bot.deleteWebhook();
    expect(await bot.getUpdates()).toEqual([]);
  });

  test("tells only what was asked for", async () => {
    const { api, bot } = stand();
    await bot.getUpdates({ allowed_updates: ["my_chat_member"] });
    api.say(api.alerts, "hi");
    api.setMember(api.alerts, "left");
    expect(await bot.getUpdates()).toMatchObject([{ my_chat_member: { new_chat_member: { status: "left" } } }]);
  });
});

describe("a webhook", () => {
  test("is told every update, with its secret", async () => {
    const { api, bot, told, requests } = hooked();
    await bot.setWebhook(url, { secret_token: "s-3_cret" });
    api.say(api.alerts, "/status");
    await api.idle();
    expect(told).toMatchObject([{ message: { text: "/status" } }]);
    expect(requests[0]?.url).toBe(url);
    expect(requests[0]?.headers.get("x-telegram-bot-api-secret-token")).toBe("s-3_cret");
    expect(requests[0]?.headers.get("content-type")).toBe("application/json");
    expect(await bot.getWebhookInfo()).toMatchObject({ url, pending_update_count: 0, max_connections: 40 });
  });

  test("is told what was waiting, unless it is dropped", async () => {
    const { api, bot, texts } = hooked();
    api.say(api.alerts, "old");
    await bot.setWebhook(url, { drop_pending_updates: true });
    await bot.setWebhook("");
    api.say(api.alerts, "new");
    await bot.setWebhook(url);
    await api.idle();
    expect(texts()).toEqual(["new"]);
  });

  test("has one update of a chat under way at a time", async () => {
    const release: (() => void)[] = [];
    const { api, bot, texts } = hooked(() => new Promise((resolve) => release.push(() => resolve(new Response()))));
    await bot.setWebhook(url);
    const other = api.chats.create().chat.id;
    api.say(api.alerts, "1");
    api.say(api.alerts, "2");
    api.say(other, "A");
    await new Promise(setImmediate);
    expect(texts()).toEqual(["1", "A"]);
    release[0]?.();
    await new Promise(setImmediate);
    expect(texts()).toEqual(["1", "A", "2"]);
    api.stop();
  });

  test("is told again what it did not take, with the same number", async () => {
    const answers = [new Response("", { status: 500 }), new Response("", { status: 502 })];
    const { api, bot, clock, told } = hooked(() => answers.shift() ?? new Response());
    await bot.setWebhook(url);
    api.say(api.alerts, "x");
    await api.idle();
    expect(await bot.getWebhookInfo()).toMatchObject({
      pending_update_count: 1,
      last_error_message: expect.stringMatching(/^Wrong response from the webhook: 500/),
      last_error_date: clock.now() / 1000,
    });
    await clock.advance(1000);
    await clock.advance(2000);
    expect(new Set(told.map(({ update_id }) => update_id)).size).toBe(1);
    expect(told).toHaveLength(3);
    expect(await bot.getWebhookInfo()).toMatchObject({ pending_update_count: 0 });
  });

  test("is left alone for as long as it asks", async () => {
    const answers = [new Response("", { status: 503, headers: { "retry-after": "90" } })];
    const { api, bot, clock, told } = hooked(() => answers.shift() ?? new Response());
    await bot.setWebhook(url);
    api.say(api.alerts, "x");
    await clock.advance(89_999);
    expect(told).toHaveLength(1);
    await clock.advance(1);
    expect(told).toHaveLength(2);
  });

  test("has a minute to answer", async () => {
    const { api, bot, clock, told } = hooked(() => new Promise(() => {}));
    await bot.setWebhook(url);
    api.say(api.alerts, "x");
    await clock.advance(60_000);
    expect(await bot.getWebhookInfo()).toMatchObject({ last_error_message: "Read timeout expired" });
    await clock.advance(1000);
    expect(told).toHaveLength(2);
    api.stop();
  });

  test("is spared an update that is a day old", async () => {
    const { api, bot, clock } = hooked(() => new Response("", { status: 500, headers: { "retry-after": "3600" } }));
    await bot.setWebhook(url);
    api.say(api.alerts, "x");
    await clock.advance(25 * 3600 * 1000);
    expect(await bot.getWebhookInfo()).toMatchObject({ pending_update_count: 0 });
  });

  test("may answer with a method, which is carried out", async () => {
    const { api, bot } = hooked(({ message }) =>
      Response.json({ method: "sendMessage", chat_id: message?.chat.id, text: "pong" }),
    );
    await bot.setWebhook(url);
    api.say(api.alerts, "ping");
    await api.idle();
    expect(api.messages()).toMatchObject([{ text: "ping" }, { from: api.bot, text: "pong" }]);
    expect(api.calls.at(-1)).toMatchObject({ method: "sendMessage", answer: { ok: true } });
  });

  test("may not answer with a method that only asks", async () => {
    const { api, bot } = hooked(() => Response.json({ method: "getMe" }));
    await bot.setWebhook(url);
    api.say(api.alerts, "ping");
    await api.idle();
    expect(api.calls.map(({ method }) => method)).toEqual(["setWebhook"]);
  });

  test("is told only what it asked for", async () => {
    const { api, bot, told } = hooked();
    await bot.setWebhook(url, { allowed_updates: ["callback_query"] });
    api.say(api.alerts, "x");
    const { message_id } = await bot.sendMessage(api.alerts, "x", {
      reply_markup: { inline_keyboard: [[{ text: "go", callback_data: "go" }]] },
    });
    void api.press(api.alerts, message_id, "go");
    await api.idle();
    expect(told).toMatchObject([{ callback_query: { data: "go" } }]);
    api.stop();
  });

  test.each([
    [{ url: "ftp://a.example" }, "bad webhook: An HTTPS URL must be provided for webhook"],
    [{ url: "https://" }, "invalid webhook URL specified"],
    [{ url, secret_token: "x".repeat(257) }, "secret token is too long"],
    [{ url, secret_token: "no blanks" }, "secret token contains unallowed characters"],
  ])("with %o is refused", async (parameters, why) => {
    expect(await stand().refusal("setWebhook", parameters)).toBe(`Bad Request: ${why}`);
  });

  test("stays over a reset, as it belongs to the bot", async () => {
    const { api, bot, texts } = hooked();
    await bot.setWebhook(url);
    await bot.sendMessage(api.alerts, "x");
    api.reset();
    expect([api.messages(), api.calls]).toEqual([[], []]);
    api.say(api.alerts, "still there?");
    await api.idle();
    expect(texts()).toEqual(["still there?"]);
  });
});
