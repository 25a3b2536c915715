import { InputFile } from "grammy/web";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/dev/telegram/clock.ts";
import { refused, stand } from "./telegram-stand.ts";

const start = Date.UTC(2026, 10, 21, 12, 0, 0);
const keyboard = { inline_keyboard: [[{ text: "Mute", callback_data: "m:5" }]] };
const unchanged =
  "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

describe("a message", () => {
  test("is numbered in its chat, dated in seconds, and from the bot", async () => {
    const { api, bot } = stand({ clock: virtualClock(start) });
    await bot.sendMessage(api.alerts, "one");
    const other = api.chats.create({ type: "group" }).chat.id;
    expect(await bot.sendMessage(other, "elsewhere")).toMatchObject({ message_id: 1 });
    expect(await bot.sendMessage(api.alerts, "two")).toEqual({
      message_id: 2,
      from: api.bot,
      chat: { id: api.alerts, type: "supergroup", title: "Alerts" },
      date: start / 1000,
      text: "two",
    });
    expect(api.messages().map(({ text }) => text)).toEqual(["one", "two"]);
  });

  test("keeps how it was sent: silent, protected, previews off, as a reply", async () => {
    const { api, bot } = stand();
    const first = await bot.sendMessage(api.alerts, "down");
    const reply = await bot.sendMessage(api.alerts, "up again", {
      disable_notification: true,
      protect_content: true,
      link_preview_options: { is_disabled: true },
      reply_parameters: { message_id: first.message_id },
    });
    expect(reply).toMatchObject({
      silent: true,
      has_protected_content: true,
      link_preview_options: { is_disabled: true },
      reply_to_message: { message_id: first.message_id, text: "down" },
    });
    expect(api.violations).toEqual([]);
  });

  test("that replies to nothing is refused, unless it says it does not mind", async () => {
    const { api, bot } = stand();
    const to = (more: object) => bot.sendMessage(api.alerts, "x", { reply_parameters: { message_id: 9, ...more } });
    expect(await refused(to({}))).toBe("400 Bad Request: message to be replied not found");
    expect(await to({ allow_sending_without_reply: true })).not.toHaveProperty("reply_to_message");
  });

  test("for one reader's eyes has no number in the chat", async () => {
    const { api, bot } = stand();
    const whisper = await bot.sendMessage(api.alerts, "only you", {
      ephemeral_message_parameters: { receiver_user_id: api.human.id },
    });
    expect(whisper).toMatchObject({ message_id: 0, ephemeral_message_id: 1, receiver_user: api.human });
    expect(await bot.sendMessage(api.alerts, "all")).toMatchObject({ message_id: 1 });
    const unknown = { ephemeral_message_parameters: { receiver_user_id: 7 } };
    expect(await refused(bot.sendMessage(api.alerts, "x", unknown))).toBe("400 Bad Request: user not found");
  });
});

describe("an edit", () => {
  test("replaces text, entities and keyboard, and is dated", async () => {
    const clock = virtualClock(start);
    const { api, bot } = stand({ clock });
    const { message_id } = await bot.sendMessage(api.alerts, "×1", { reply_markup: keyboard });
    await clock.advance(5000);
    const edited = await bot.editMessageText(api.alerts, message_id, "×2", { reply_markup: keyboard });
    expect(edited).toMatchObject({ text: "×2", reply_markup: keyboard, edit_date: start / 1000 + 5 });
    expect(api.history(api.alerts, message_id).map(({ text }) => text)).toEqual(["×1", "×2"]);
  });

  test("that changes nothing is refused, also when only blanks differ", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendMessage(api.alerts, "same", {
      entities: [{ type: "bold", offset: 0, length: 4 }],
    });
    const same = { entities: [{ type: "bold" as const, offset: 1, length: 5 }] };
    expect(await refused(bot.editMessageText(api.alerts, message_id, " same ", same))).toBe(unchanged);
    expect(await refused(bot.editMessageReplyMarkup(api.alerts, message_id))).toBe(unchanged);
    expect(await bot.editMessageText(api.alerts, message_id, "same")).not.toHaveProperty("entities");
  });

  test("without a keyboard takes the keyboard away, and that is a change", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendMessage(api.alerts, "x", { reply_markup: keyboard });
    expect(await bot.editMessageText(api.alerts, message_id, "x")).not.toHaveProperty("reply_markup");
    await bot.editMessageReplyMarkup(api.alerts, message_id, { reply_markup: keyboard });
    expect(api.messages()[0]).toMatchObject({ text: "x", reply_markup: keyboard });
  });

  test("of what is not there, not text or not ours is refused", async () => {
    const { api, bot } = stand();
    const edit = (id: number) => refused(bot.editMessageText(api.alerts, id, "x"));
    const photo = await bot.sendDocument(api.alerts, new InputFile(Buffer.from("x"), "x.txt"));
    expect(await edit(99)).toBe("400 Bad Request: message to edit not found");
    expect(await edit(photo.message_id)).toBe("400 Bad Request: there is no text in the message to edit");
    expect(await edit(api.say(api.alerts, "hi").message_id)).toBe("400 Bad Request: message can't be edited");
  });

  test("may change a caption alone", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendDocument(api.alerts, new InputFile(Buffer.from("x"), "x.txt"), {
      caption: "a",
    });
    expect(await bot.editMessageCaption(api.alerts, message_id, { caption: "b" })).toMatchObject({ caption: "b" });
    expect(await refused(bot.editMessageCaption(api.alerts, message_id, { caption: "b" }))).toBe(unchanged);
  });
});

describe("a deletion", () => {
  test("takes the message out of the chat", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendMessage(api.alerts, "x");
    await bot.deleteMessage(api.alerts, message_id);
    expect(api.messages()).toEqual([]);
    expect(await refused(bot.deleteMessage(api.alerts, message_id))).toBe(
      "400 Bad Request: message to delete not found",
    );
  });

  test("comes too late after two days", async () => {
    const clock = virtualClock(start);
    const { api, bot } = stand({ clock });
    const { message_id } = await bot.sendMessage(api.alerts, "x");
    await clock.advance(48 * 3600 * 1000);
    expect(await refused(bot.deleteMessage(api.alerts, message_id))).toBe("400 Bad Request: message can't be deleted");
  });

  test("of what others wrote needs the right to", async () => {
    const { api, bot } = stand();
    const { message_id } = api.say(api.alerts, "hi");
    api.chats.set(api.alerts, { rights: { can_delete_messages: false } });
    expect(await refused(bot.deleteMessage(api.alerts, message_id))).toBe("400 Bad Request: message can't be deleted");
  });
});

describe("a keyboard", () => {
  const { api, refusal, bot } = stand();
  const button = (more: object) => ({ inline_keyboard: [[{ text: "x", ...more }]] });
  const cannot = "can't parse inline keyboard button: ";

  test.each([
    [button({}), `${cannot}Text buttons are unallowed in the inline keyboard`],
    [button({ callback_data: "" }), `${cannot}Text buttons are unallowed in the inline keyboard`],
    [button({ callback_data: "é".repeat(33) }), "BUTTON_DATA_INVALID"],
    [
      button({ url: "http://localhost:8787/" }),
      "inline keyboard button URL 'http://localhost:8787/' is invalid: Wrong HTTP URL",
    ],
    [
      button({ url: "ftp://a.example" }),
      "inline keyboard button URL 'ftp://a.example' is invalid: Unsupported URL protocol",
    ],
    [button({ url: null }), `${cannot}Field "url" must be of type String`],
    [button({ callback_data: "x", style: "red" }), `${cannot}invalid button style specified`],
    [button({ copy_text: { text: "x".repeat(257) } }), "BUTTON_COPY_TEXT_INVALID"],
    [button({ web_app: { url: "https://a.example" } }), "BUTTON_TYPE_INVALID"],
    [{ inline_keyboard: [[{ callback_data: "x" }]] }, `${cannot}Can't find field "text"`],
    [{ inline_keyboard: [["x"]] }, `${cannot}InlineKeyboardButton must be an Object`],
    [
      { inline_keyboard: [{ text: "x" }] },
      'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ],
    [{ inline_keyboard: null }, 'field "inline_keyboard" of the InlineKeyboardMarkup must be of type Array'],
    ["{", "can't parse reply keyboard markup JSON object"],
    ["3", "object expected as reply markup"],
    [{ inline_keyboard: [Array(101).fill({ text: "x", callback_data: "x" })] }, "reply markup is too long"],
  ])("%j is refused", async (reply_markup, description) => {
    expect(await refusal("sendMessage", { chat_id: api.alerts, text: "x", reply_markup })).toBe(
      `Bad Request: ${description}`,
    );
  });

  test.each([
    { text: "x", callback_data: "é".repeat(32) },
    { text: "x", callback_data: "x", style: "danger" as const },
    { text: "x", url: "https://a.example/" },
    { text: "x", copy_text: { text: "trace" } },
    { text: "🔕 until 14:00", disabled: {} },
  ])("may have %j", async (given) => {
    const reply_markup = { inline_keyboard: [[given]] };
    expect(await bot.sendMessage(api.alerts, "x", { reply_markup })).toMatchObject({ reply_markup });
  });

  test("takes the first action of several", async () => {
    const two = { inline_keyboard: [[{ text: "x", callback_data: "x", url: "https://a.example/" }]] };
    const { reply_markup } = await bot.sendMessage(api.alerts, "x", { reply_markup: two });
    expect(reply_markup?.inline_keyboard).toEqual([[{ text: "x", url: "https://a.example/" }]]);
  });

  test("without buttons is none", async () => {
    const message = await bot.sendMessage(api.alerts, "x", { reply_markup: { inline_keyboard: [] } });
    expect(message).not.toHaveProperty("reply_markup");
  });
});

describe("a pressed button", () => {
  const tooLate = "400 Bad Request: query is too old and response timeout expired or query ID is invalid";

  test("is answered once", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendMessage(api.alerts, "x", { reply_markup: keyboard });
    const answer = api.press(api.alerts, message_id, "Mute");
    const [update] = await bot.getUpdates();
    const query = update?.callback_query;
    expect(query).toMatchObject({
      data: "m:5",
      from: api.human,
      message: { message_id },
      chat_instance: String(api.alerts),
    });
    await bot.answerCallbackQuery(query?.id ?? "", { text: "muted", show_alert: true });
    expect(await answer).toEqual({ callback_query_id: query?.id, text: "muted", show_alert: true });
    expect(await refused(bot.answerCallbackQuery(query?.id ?? ""))).toBe(tooLate);
  });

  test("is not answered a minute later", async () => {
    const clock = virtualClock(start);
    const { api, bot } = stand({ clock });
    const { message_id } = await bot.sendMessage(api.alerts, "x", { reply_markup: keyboard });
    const answer = api.press(api.alerts, message_id, "m:5");
    const [update] = await bot.getUpdates();
    await clock.advance(60_000);
    expect(await answer).toBeUndefined();
    expect(await refused(bot.answerCallbackQuery(update?.callback_query?.id ?? ""))).toBe(tooLate);
  });

  test("lets the bot whisper for a quarter of a minute", async () => {
    const clock = virtualClock(start);
    const { api, bot } = stand({ clock });
    const { message_id } = await bot.sendMessage(api.alerts, "x", { reply_markup: keyboard });
    void api.press(api.alerts, message_id, "m:5");
    const [update] = await bot.getUpdates();
    const callback_query_id = update?.callback_query?.id ?? "";
    await bot.answerCallbackQuery(callback_query_id);
    const whisper = () =>
      bot.sendMessage(api.alerts, "trace", {
        ephemeral_message_parameters: { receiver_user_id: api.human.id, callback_query_id },
      });
    expect(await whisper()).toMatchObject({ message_id: 0 });
    await clock.advance(15_000);
    expect(await refused(whisper())).toBe(tooLate);
  });

  test("must be there", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendMessage(api.alerts, "x", { reply_markup: keyboard });
    await expect(api.press(api.alerts, message_id, "Unmute")).rejects.toThrow(
      'no button "Unmute" on message 1; its buttons: "Mute"',
    );
  });
});

describe("a file", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d494844520000002000000010", "hex");

  test("can be fetched again", async () => {
    const { api, bot } = stand();
    const { document } = await bot.sendDocument(api.alerts, new InputFile(Buffer.from("a,b\n"), "vitals.csv"), {
      caption: "Vitals export",
      caption_entities: [{ type: "bold", offset: 0, length: 6 }],
    });
    const file = await bot.getFile(document.file_id);
    const response = await api.fetch(`https://telegram.example/file/bot${api.token}/${file.file_path}`);
    expect(await response.text()).toBe("a,b\n");
    expect(api.messages()[0]).toMatchObject({ caption: "Vitals export", caption_entities: [{ type: "bold" }] });
    expect(await bot.sendDocument(api.alerts, document.file_id)).toMatchObject({ document });
  });

  test("that is a picture has a size", async () => {
    const { api, bot } = stand();
    const { photo } = await bot.sendPhoto(api.alerts, new InputFile(png, "chart.png"));
    expect(photo).toMatchObject([{ width: 32, height: 16, file_size: png.length }]);
    const text = new InputFile(Buffer.from("no picture"), "chart.png");
    expect(await refused(bot.sendPhoto(api.alerts, text))).toBe("400 Bad Request: IMAGE_PROCESS_FAILED");
  });

  test("takes the place of another, or of a text", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendMessage(api.alerts, "drawing…", { reply_markup: keyboard });
    const photo = { type: "photo" as const, media: new InputFile(png, "cpu.png"), caption: "CPU" };
    const edited = await bot.editMessageMedia(api.alerts, message_id, photo);
    expect(edited).toMatchObject({ photo: [{ width: 32 }], caption: "CPU" });
    expect(edited).not.toHaveProperty("text");
    expect(edited).not.toHaveProperty("reply_markup");
    const file = { type: "document" as const, media: new InputFile(Buffer.from("a,b"), "cpu.csv") };
    expect(await bot.editMessageMedia(api.alerts, message_id, file)).toMatchObject({
      document: { file_name: "cpu.csv" },
    });
    expect(api.messages()[0]).not.toHaveProperty("caption");
    expect(await refused(bot.editMessageMedia(api.alerts, 99, file))).toBe(
      "400 Bad Request: message to edit not found",
    );
    expect(api.violations).toEqual([]);
  });

  test.each([
    ["is empty", new InputFile(new Uint8Array(), "x.txt"), {}, "400 Bad Request: file must be non-empty"],
    ["is unknown", "BQACno", {}, "400 Bad Request: wrong file identifier/HTTP URL specified"],
    ["is too big", new InputFile(new Uint8Array((50 << 20) + 1), "x"), {}, "413 Request Entity Too Large"],
    [
      "says too much",
      new InputFile(Buffer.from("x"), "x.txt"),
      { caption: "x".repeat(1025) },
      "400 Bad Request: message caption is too long",
    ],
  ])("that %s is refused", async (_, file, more, description) => {
    const { api, bot } = stand();
    expect(await refused(bot.sendDocument(api.alerts, file, more))).toBe(description);
  });

  test("is missing", async () => {
    const { api, refusal } = stand();
    expect(await refusal("sendDocument", { chat_id: api.alerts })).toBe(
      "Bad Request: there is no document in the request",
    );
  });

  test("may be a photo of ten megabytes at most", async () => {
    const { api, bot } = stand();
    const big = Buffer.concat([png, Buffer.alloc(10 << 20)]);
    expect(await refused(bot.sendPhoto(api.alerts, new InputFile(big, "x.png")))).toBe(
      `400 Bad Request: file of size ${big.length} bytes is too big for a photo; the maximum size is 10485760 bytes`,
    );
  });
});
