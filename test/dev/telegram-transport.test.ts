import { readFileSync } from "node:fs";
import fc from "fast-check";
import { InputFile } from "grammy/web";
import { describe, expect, test } from "vitest";
import { stand } from "./telegram-stand.ts";

const root = "https://telegram.example";

describe("a call", () => {
  const written: readonly [string, (token: string) => [string, RequestInit]][] = [
    ["in the query", (token) => [`${root}/bot${token}/getChat?chat_id=-1001000000001`, {}]],
    [
      "as a form",
      (token) => [
        `${root}/bot${token}/getChat`,
        { method: "POST", body: new URLSearchParams({ chat_id: "-1001000000001" }) },
      ],
    ],
    [
      "as JSON",
      (token) => [
        `${root}/bot${token}/getChat`,
        { method: "POST", headers: { "content-type": "application/json" }, body: '{"chat_id":-1001000000001}' },
      ],
    ],
    [
      "as multipart",
      (token) => {
        const body = new FormData();
        body.set("chat_id", "-1001000000001");
        return [`${root}/bot${token}/getChat`, { method: "POST", body }];
      },
    ],
    ["with its method in any case", (token) => [`${root}/bot${token}/GETCHAT?chat_id=-1001000000001`, {}]],
    ["in the test environment", (token) => [`${root}/bot${token}/test/getChat?chat_id=-1001000000001`, {}]],
    [
      "with its token encoded",
      (token) => [`${root}/bot${encodeURIComponent(token)}/getChat?chat_id=-1001000000001`, {}],
    ],
  ];

  test.each(written)("%s is the same call", async (_, write) => {
    const { api } = stand();
    const response = await api.fetch(...write(api.token));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ ok: true, result: { id: -1001000000001, title: "Alerts" } });
    expect(api.calls).toMatchObject([{ method: "getChat", params: { chat_id: -1001000000001 }, answer: { ok: true } }]);
    expect(api.violations).toEqual([]);
  });

  test("to no known path is not found", async () => {
    const response = await stand().api.fetch(`${root}/nowhere/at/all`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ ok: false, error_code: 404, description: "Not Found" });
  });

  test.each([
    ["110201543:WRONG", "Unauthorized"],
    ["nonsense", "Unauthorized: invalid token specified"],
    ["%zz", "Unauthorized: invalid token specified"],
  ])("with the token %s is unauthorized", async (token, description) => {
    const response = await stand().api.fetch(`${root}/bot${token}/getMe`);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ ok: false, error_code: 401, description });
  });

  test("of a method that does not exist says so", async () => {
    const { api, call } = stand();
    expect(await call("sendMesage")).toEqual({
      ok: false,
      error_code: 404,
      description: "Not Found: method not found",
    });
    expect(api.violations).toEqual(["sendMesage: no such method"]);
  });

  test("of a method that only Telegram has says so", async () => {
    const { refusal, api } = stand();
    expect(await refusal("sendPoll")).toBe("Not Implemented: sendPoll is not supported by the stand-in");
    expect(api.violations).toEqual(["sendPoll: not supported"]);
  });

  test("whose JSON is none is refused", async () => {
    const { api } = stand();
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{" };
    const response = await api.fetch(`${root}/bot${api.token}/getMe`, init);
    expect(response.status).toBe(400);
  });

  test("with a file arrives in chunks, without its length", async () => {
    const { api, bot } = stand();
    const message = await bot.sendDocument(api.alerts, new InputFile(Buffer.from("a,b\r\n1,2\r\n"), "vitals.csv"));
    expect(message.document).toMatchObject({ file_name: "vitals.csv", file_size: 10, mime_type: "text/csv" });
    expect(api.calls[0]?.params).toMatchObject({ document: { file: "vitals.csv", size: 10 } });
    expect(api.violations).toEqual([]);
  });
});

describe("a strict stand-in", () => {
  test("notes what Telegram passes over in silence", async () => {
    const { api, call } = stand();
    await call("sendMessage", { chat_id: api.alerts, text: "x", disable_notifications: true, message_thread_id: "no" });
    await call("sendChatAction", { chat_id: api.alerts, action: "typing", toString: 1 });
    expect(api.violations).toEqual([
      "sendMessage: unknown parameter disable_notifications",
      "sendMessage: message_thread_id should be number",
      "sendChatAction: unknown parameter toString",
    ]);
  });

  test("can be told not to", async () => {
    const { api, call } = stand({ strict: false });
    await call("getMe", { who: "me" });
    expect(api.violations).toEqual([]);
  });
});

test("the table of methods is the one that grammY's types spell", async () => {
  const file = new URL("../../src/dev/telegram/", import.meta.url);
  const generator: { generate(): string } = await import(new URL("generate-methods.mjs", file).href);
  expect(generator.generate()).toBe(readFileSync(new URL("method-table.ts", file), "utf8"));
});

test("no garbage makes the stand-in fail", async () => {
  const { api, call } = stand();
  await call("createForumTopic", { chat_id: api.chats.create({ isForum: true }).chat.id, name: "x" });
  const methods = fc.constantFrom(
    ..."getMe sendMessage editMessageText editMessageCaption editMessageReplyMarkup deleteMessage sendDocument sendPhoto".split(
      " ",
    ),
    ..."sendChatAction answerCallbackQuery pinChatMessage unpinChatMessage createForumTopic editForumTopic".split(" "),
    ..."setMyCommands getMyCommands setWebhook getWebhookInfo getChat getChatMember getFile setMessageReaction".split(
      " ",
    ),
    ..."constructor __proto__ toString".split(" "),
  );
  const names = fc.constantFrom(
    ..."chat_id text entities parse_mode reply_markup message_id message_thread_id name commands scope url".split(" "),
    ..."reply_parameters ephemeral_message_parameters link_preview_options document photo caption user_id".split(" "),
    ..."__proto__ constructor".split(" "),
  );
  const values = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(-1001000000001, -1001000000002, "HTML", 1, 2),
    fc.constantFrom({ inline_keyboard: [[{ text: "x", callback_data: "y" }]] }, [
      { type: "bold", offset: 0, length: 1 },
    ]),
    fc.constant([{ type: "text_link", offset: 0, length: 1, url: "http://[" }]),
  );
  const parameters = fc.dictionary(names, values);
  await fc.assert(
    fc.asyncProperty(methods, parameters, async (method, given) => {
      const answer = await call(method, { chat_id: api.alerts, text: "x", message_id: 1, ...given });
      expect(answer.ok || answer.error_code < 500, JSON.stringify(answer)).toBe(true);
    }),
    { numRuns: 1000 },
  );
  api.stop();
});

test("no garbled body makes the stand-in fail", async () => {
  const { api } = stand();
  const types = fc.constantFrom(
    "application/json",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
  );
  const pieces = fc.array(
    fc.constantFrom("--x", "\r\n", "--", 'content-disposition:form-data;name="text"', "é", "{", '"'),
  );
  await fc.assert(
    fc.asyncProperty(types, pieces, async (type, body) => {
      const init = { method: "POST", headers: { "content-type": type }, body: body.join("") };
      const response = await api.fetch(`${root}/bot${api.token}/sendMessage`, init);
      expect(response.status).toBe(400);
    }),
  );
});
