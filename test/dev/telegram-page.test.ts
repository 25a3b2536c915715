import { Api } from "grammy/web";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBotApi } from "../../src/dev/telegram/api.ts";
import { virtualClock } from "../../src/dev/telegram/clock.ts";
import { startTelegram, type Telegram } from "../../src/dev/telegram/server.ts";

let telegram: Telegram;
let bot: Api;
const post = async (path: string, body: object = {}) => {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(telegram.url + path, init);
  return { status: response.status, body: await response.json() };
};
const get = async (path: string) => (await fetch(telegram.url + path)).json();

beforeAll(async () => {
  telegram = await startTelegram();
  bot = new Api(telegram.token, { apiRoot: telegram.url });
});
afterAll(() => telegram.stop());

describe("the chat page", () => {
  test("finds its state", async () => {
    const { api } = telegram;
    api.reset();
    await bot.setMyCommands([{ command: "status", description: "How it goes" }]);
    const message = await bot.sendMessage(api.alerts, "hello", { disable_notification: true });
    await bot.pinChatMessage(api.alerts, message.message_id);
    expect(await get("/chat/state")).toEqual({
      bot: api.bot,
      me: api.human,
      people: [api.human, api.stranger],
      chats: [
        {
          chat: { id: api.alerts, type: "supergroup", title: "Alerts" },
          topics: [],
          messages: api.messages(),
          pinned: [message.message_id],
          commands: [{ command: "status", description: "How it goes" }],
          bot: "administrator",
          moderates: true,
          reactions: {},
        },
        {
          chat: { id: api.human.id, type: "private", first_name: "Ada", username: "ada" },
          topics: [],
          messages: [],
          pinned: [],
          commands: [{ command: "status", description: "How it goes" }],
          bot: "never started",
          moderates: true,
          reactions: {},
        },
      ],
    });
  });

  test("hears of everything that happens", async () => {
    const { api } = telegram;
    api.reset();
    const leave = new AbortController();
    const stream = await fetch(`${telegram.url}/chat/stream`, { signal: leave.signal });
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    const until = async (word: string) => {
      while (!heard.includes(word)) heard += (await reader?.read())?.value;
    };
    await until("retry: 1000\n\n");

    const { message_id } = await bot.sendMessage(api.alerts, "one", {
      reply_markup: { inline_keyboard: [[{ text: "go", callback_data: "go" }]] },
    });
    await bot.sendChatAction(api.alerts, "typing");
    const { body } = await post("/chat/press", { chat_id: api.alerts, message_id, callback_data: "go" });
    await bot.answerCallbackQuery(body.callback_query_id, { text: "gone" });
    await bot.editMessageText(api.alerts, message_id, "two");
    await bot.pinChatMessage(api.alerts, message_id);
    await bot.deleteMessage(api.alerts, message_id);
    api.chats.set(api.alerts, { isForum: true });
    await bot.createForumTopic(api.alerts, "topic");
    api.reset();
    await until('"reset"');
    leave.abort();

    const changes = [...heard.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? ""));
    expect(changes.map(({ type }) => type)).toEqual(
      "message typing answer edit pin message delete pin chat chat message chat chat reset".split(" "),
    );
    expect(changes[2]).toEqual({ type: "answer", callback_query_id: body.callback_query_id, text: "gone" });
    expect(changes[9].chat.topics).toEqual([{ message_thread_id: 3, name: "topic", icon_color: 0x6fb9f0 }]);
  });

  test("is told every quarter of a minute that the line still stands", async () => {
    const clock = virtualClock();
    const api = createBotApi({ clock });
    const stream = await api.fetch("http://telegram.example/chat/stream");
    await clock.advance(31_000);
    api.stop();
    expect(await stream.text()).toBe("retry: 1000\n\n: still here\n\n: still here\n\n");
  });

  test("presses what only its reader sees", async () => {
    const { api } = telegram;
    api.reset();
    await bot.sendMessage(api.alerts, "only you", {
      ephemeral_message_parameters: { receiver_user_id: api.human.id },
      reply_markup: { inline_keyboard: [[{ text: "go", callback_data: "go" }]] },
    });
    const pressed = { chat_id: api.alerts, message_id: 0, ephemeral_message_id: 1, callback_data: "go" };
    expect(await post("/chat/press", pressed)).toMatchObject({ status: 200 });
    expect(await bot.getUpdates()).toMatchObject([{ callback_query: { message: { ephemeral_message_id: 1 } } }]);
  });

  test("speaks, presses and downloads", async () => {
    const { api } = telegram;
    api.reset();
    expect(await post("/chat/say", { chat_id: api.alerts, text: "/last" })).toMatchObject({
      status: 200,
      body: { message: { from: api.human, text: "/last" } },
    });
    expect(await post("/chat/say", { chat_id: 1, text: "x" })).toEqual({
      status: 400,
      body: { error: "no chat 1; there are -1001000000001, 5000000001, 5000000002" },
    });
    expect(await post("/chat/press", { chat_id: api.alerts, message_id: 1, callback_data: "x" })).toMatchObject({
      status: 400,
    });
    const form = new FormData();
    form.set("chat_id", String(api.alerts));
    form.set("document", new File(["a,b"], "Größen.csv"));
    const sent = await (
      await fetch(`${telegram.url}/bot${api.token}/sendDocument`, { method: "POST", body: form })
    ).json();
    const file = await fetch(`${telegram.url}/chat/file/${sent.result.document.file_id}`);
    expect(file.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fen.csv");
    expect(await file.text()).toBe("a,b");
  });

  test("has no way out of its folder", async () => {
    for (const path of ["/..%2fserver.ts", "/%2e%2e/server.ts", "/server.ts", "/.env", "/chat.css%00"]) {
      expect((await fetch(telegram.url + path)).status, path).toBe(404);
    }
  });
});

describe("other processes", () => {
  test("act through /sim", async () => {
    const { api } = telegram;
    await post("/sim/reset");
    await post("/sim/faults", { method: "getMe", status: 500 });
    await expect(bot.getMe()).rejects.toThrow("Internal Server Error");
    await post("/sim/faults", { status: 500 });
    await fetch(`${telegram.url}/sim/faults`, { method: "DELETE" });
    await bot.getMe();
    await post("/sim/say", { text: "hi", message_thread_id: 3 });
    expect(await get(`/sim/messages?chat_id=${api.alerts}`)).toMatchObject([{ text: "hi", message_thread_id: 3 }]);
    expect(await get("/sim/calls")).toMatchObject([
      { method: "getMe", fault: { status: 500 } },
      { answer: { ok: true } },
    ]);
    await bot.sendMessage(api.alerts, "x", {
      reply_markup: { inline_keyboard: [[{ text: "go", callback_data: "go" }]] },
    });
    const pressed = post("/sim/press", { message_id: 2, callback_data: "go", wait: true });
    const updates = await bot.getUpdates({ timeout: 5, offset: -1 });
    await bot.answerCallbackQuery(updates[0]?.callback_query?.id ?? "", { text: "gone" });
    expect(await pressed).toMatchObject({ body: { answer: { text: "gone" } } });
    const { body } = await post("/sim/chat", { type: "group", title: "Ops" });
    await post("/sim/chat", { id: body.chat.id, status: "kicked" });
    await expect(bot.sendMessage(body.chat.id, "x")).rejects.toThrow("bot was kicked from the group chat");
    expect(await post("/sim/limiter", { enabled: false })).toEqual({ status: 200, body: { enabled: false } });
    expect(await get("/sim/violations")).toEqual([]);
  });

  test("see a lost answer as a broken connection", async () => {
    await post("/sim/reset");
    await post("/sim/faults", { method: "sendMessage", lost: true });
    await expect(bot.sendMessage(telegram.api.alerts, "x")).rejects.toThrow("Network request");
    expect(telegram.api.messages()).toMatchObject([{ text: "x" }]);
  });
});

test("a stopped stand-in leaves nothing open", async () => {
  const own = await startTelegram();
  const stream = await fetch(`${own.url}/chat/stream`);
  const polling = fetch(`${own.url}/bot${own.token}/getUpdates?timeout=50`).catch(() => "broken");
  await own.stop();
  await polling;
  await stream.text().catch(() => "broken");
  await expect(fetch(own.url)).rejects.toThrow();
});
