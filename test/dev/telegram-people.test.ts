import type { Update } from "@grammyjs/types";
import { InputFile } from "grammy/web";
import { describe, expect, test } from "vitest";
import type { BotApi } from "../../src/dev/telegram/api.ts";
import { virtualClock } from "../../src/dev/telegram/clock.ts";
import type { ReaderState } from "../../src/dev/telegram/reader.ts";
import { refused, type Stand, stand } from "./telegram-stand.ts";

/** What a person at the chat page does; the error, when they may not. */
async function deed(api: BotApi, name: string, body: object): Promise<unknown> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await (await api.fetch(`https://telegram.example/chat/${name}`, init)).json();
  return answer.error ?? answer;
}

async function seenBy(api: BotApi, user: { readonly id: number }): Promise<ReaderState> {
  return (await api.fetch(`https://telegram.example/chat/state?user_id=${user.id}`)).json();
}

const textsOf = (state: ReaderState, chatId: number) =>
  state.chats.find(({ chat }) => chat.id === chatId)?.messages.map(({ text }) => text);

/** What the bot has heard since it was last asked. */
async function heard({ bot }: Stand): Promise<Update[]> {
  const updates = await bot.getUpdates();
  await bot.getUpdates({ offset: (updates.at(-1)?.update_id ?? 0) + 1 });
  return updates;
}

describe("a person", () => {
  test("sees the chats they are in, and no others", async () => {
    const { api } = stand();
    const ids = async (user: { readonly id: number }) => (await seenBy(api, user)).chats.map(({ chat }) => chat.id);
    expect(await ids(api.human)).toEqual([api.alerts, api.human.id]);
    expect(await ids(api.stranger)).toEqual([api.alerts, api.stranger.id]);
    expect((await seenBy(api, { id: 7 })).me).toEqual(api.human);
  });

  test("speaks and presses as who they are", async () => {
    const given = stand();
    const { api, bot } = given;
    const user_id = api.stranger.id;
    const { message_id } = await bot.sendMessage(api.alerts, "x", {
      reply_markup: { inline_keyboard: [[{ text: "go", callback_data: "go" }]] },
    });
    await deed(api, "say", { chat_id: api.alerts, text: "me too", reply_to: message_id, user_id });
    await deed(api, "press", { chat_id: api.alerts, message_id, callback_data: "go", user_id });
    expect(await heard(given)).toMatchObject([
      { message: { from: api.stranger, text: "me too", reply_to_message: { message_id } } },
      { callback_query: { from: api.stranger, data: "go" } },
    ]);
  });

  test("opens the bot by a start link, which ends a block", async () => {
    const given = stand();
    const { api, bot } = given;
    await deed(api, "start", { payload: "c0de_-" });
    expect(await heard(given)).toMatchObject([{ message: { chat: { type: "private" }, text: "/start c0de_-" } }]);
    await bot.sendMessage(api.human.id, "welcome");
    await deed(api, "member", { chat_id: api.human.id, status: "kicked" });
    expect(await refused(bot.sendMessage(api.human.id, "x"))).toBe("403 Forbidden: bot was blocked by the user");
    await deed(api, "start", { payload: "" });
    expect(await heard(given)).toMatchObject([
      { my_chat_member: { new_chat_member: { status: "kicked" } } },
      { my_chat_member: { new_chat_member: { status: "member" } } },
      { message: { text: "/start" } },
    ]);
  });

  test.each(["a b", "ä", "x".repeat(65)])("has no client that opens a link with %j", async (payload) => {
    const { api } = stand();
    const why = "a start link carries up to 64 of A-Z, a-z, 0-9, _ and -";
    expect(await deed(api, "start", { payload })).toBe(why);
  });

  test("adds the bot to a group of their own by a startgroup link", async () => {
    const given = stand();
    const { api } = given;
    const { chat } = (await deed(api, "group", { title: "Ops", user_id: api.stranger.id })) as { chat: { id: number } };
    await deed(api, "add", { chat_id: chat.id, payload: "c0de", user_id: api.stranger.id });
    expect(await heard(given)).toMatchObject([
      { my_chat_member: { from: api.stranger, chat, old_chat_member: { status: "left" } } },
      { message: { new_chat_members: [{ id: api.bot.id }] } },
      { message: { from: api.stranger, chat, text: "/start@snitch_dev_bot c0de" } },
    ]);
    expect(await given.bot.getChatMember(chat.id, api.stranger.id)).toMatchObject({ status: "creator" });
    await deed(api, "add", { chat_id: chat.id, payload: "again", user_id: api.stranger.id });
    expect(await heard(given)).toMatchObject([{ message: { text: "/start@snitch_dev_bot again" } }]);
  });

  test("opens a topic in a forum", async () => {
    const given = stand();
    const { api, bot } = given;
    const { chat } = (await deed(api, "group", { title: "Ops", isForum: true })) as { chat: { id: number } };
    expect(await deed(api, "topic", { chat_id: api.alerts, name: "x" })).toBe("Bad Request: the chat is not a forum");
    await deed(api, "add", { chat_id: chat.id });
    await deed(api, "topic", { chat_id: chat.id, name: "orders-api" });
    const [topic] = (await heard(given)).slice(-1);
    expect(topic).toMatchObject({ message: { from: api.human, forum_topic_created: { name: "orders-api" } } });
    const message_thread_id = topic?.message?.message_thread_id ?? 0;
    expect(await bot.sendMessage(chat.id, "x", { message_thread_id })).toMatchObject({ message_thread_id });
  });

  test("deletes and unpins without the bot hearing of it, where they may", async () => {
    const given = stand();
    const { api, bot } = given;
    const { message_id } = await bot.sendMessage(api.alerts, "x");
    const of = { chat_id: api.alerts, message_id };
    expect(await deed(api, "pin", { ...of, pinned: true, user_id: api.stranger.id })).toBe("Eve may not pin here");
    await deed(api, "pin", { ...of, pinned: true });
    expect(await heard(given)).toMatchObject([{ message: { from: api.human, pinned_message: { message_id } } }]);
    await deed(api, "pin", { ...of, pinned: false });
    expect(await deed(api, "delete", { ...of, user_id: api.stranger.id })).toBe("Eve may not delete this message");
    await deed(api, "delete", of);
    expect(await heard(given)).toEqual([]);
    expect(api.chats.get(api.alerts).pinned).toEqual([]);
    expect(await deed(api, "delete", of)).toBe(`no message ${message_id} in chat ${api.alerts}`);
    expect(await refused(bot.editMessageText(api.alerts, message_id, "y"))).toBe(
      "400 Bad Request: message to edit not found",
    );
  });
});

describe("the bot in a group", () => {
  test("hears as a plain member what is meant for it, as an administrator everything", async () => {
    const given = stand();
    const { api, bot } = given;
    api.setMember(api.alerts, "member");
    const { message_id } = await bot.sendMessage(api.alerts, "x");
    await heard(given);
    api.say(api.alerts, "a plain word");
    api.say(api.alerts, "/status@other_bot");
    api.say(api.alerts, "/status");
    api.say(api.alerts, "/last@snitch_dev_bot");
    api.say(api.alerts, "why?", { replyTo: message_id });
    expect((await heard(given)).map(({ message }) => message?.text)).toEqual([
      "/status",
      "/last@snitch_dev_bot",
      "why?",
    ]);
    api.setMember(api.alerts, "administrator");
    api.say(api.alerts, "a plain word");
    expect((await heard(given)).at(-1)).toMatchObject({ message: { text: "a plain word" } });
  });

  test("needs to be an administrator to pin, and to delete what others wrote", async () => {
    const { api, bot } = stand();
    const { message_id } = api.say(api.alerts, "hi");
    api.setMember(api.alerts, "member");
    expect(await refused(bot.pinChatMessage(api.alerts, message_id))).toBe(
      "400 Bad Request: not enough rights to manage pinned messages in the chat",
    );
    expect(await refused(bot.deleteMessage(api.alerts, message_id))).toBe("400 Bad Request: message can't be deleted");
    api.setMember(api.alerts, "administrator");
    expect(await bot.getChatMember(api.alerts, api.bot.id)).toMatchObject({ can_pin_messages: true });
    await bot.pinChatMessage(api.alerts, message_id);
  });

  test("is told who runs it, and leaves when it wants to", async () => {
    const given = stand();
    const { api, bot } = given;
    const who = (await bot.getChatAdministrators(api.alerts)).map(({ status, user }) => [status, user.first_name]);
    expect(who).toEqual([
      ["creator", "Ada"],
      ["administrator", "Snitch"],
    ]);
    await bot.leaveChat(api.alerts);
    expect(await heard(given)).toMatchObject([
      { my_chat_member: { from: { id: api.bot.id }, new_chat_member: { status: "left" } } },
    ]);
    expect(await refused(bot.sendMessage(api.alerts, "x"))).toBe(
      "403 Forbidden: bot is not a member of the supergroup chat",
    );
  });

  test("is refused in a private chat what only groups have", async () => {
    const { api, bot } = stand();
    await deed(api, "start", { payload: "" });
    expect(await refused(bot.leaveChat(api.human.id))).toBe(
      "400 Bad Request: chat member status can't be changed in private chats",
    );
    expect(await refused(bot.getChatAdministrators(api.human.id))).toBe(
      "400 Bad Request: there are no administrators in the private chat",
    );
  });
});

describe("a reaction", () => {
  const like = [{ type: "emoji" as const, emoji: "👍" as const }];

  test("of the bot is one at most, and shown", async () => {
    const { api, bot, refusal } = stand();
    const { message_id } = api.say(api.alerts, "hi");
    await bot.setMessageReaction(api.alerts, message_id, like);
    const shown = async () => (await seenBy(api, api.human)).chats[0]?.reactions[message_id];
    expect(await shown()).toEqual([{ emoji: "👍", user_ids: [api.bot.id] }]);
    await bot.setMessageReaction(api.alerts, message_id, []);
    expect(await shown()).toEqual([]);
    const wrong = (reaction: object[]) => refusal("setMessageReaction", { chat_id: api.alerts, message_id, reaction });
    expect(await wrong([...like, ...like])).toBe("Bad Request: REACTIONS_TOO_MANY");
    expect(await wrong([{ type: "emoji", emoji: "🔕" }])).toBe("Bad Request: REACTION_INVALID");
    expect(await refused(bot.setMessageReaction(api.alerts, 99, like))).toBe(
      "400 Bad Request: message to react not found",
    );
  });

  test("of a person is told to an administrator that asked for it", async () => {
    const given = stand();
    const { api, bot } = given;
    const { message_id } = await bot.sendMessage(api.alerts, "x");
    const react = (emoji?: string) => deed(api, "react", { chat_id: api.alerts, message_id, emoji });
    await react("👀");
    expect(await heard(given)).toEqual([]);
    await bot.getUpdates({ allowed_updates: ["message_reaction"] });
    await react("👍");
    await react();
    expect(await heard(given)).toMatchObject([
      { message_reaction: { message_id, user: api.human, old_reaction: [{ emoji: "👀" }], new_reaction: like } },
      { message_reaction: { old_reaction: like, new_reaction: [] } },
    ]);
    api.setMember(api.alerts, "member");
    await react("👍");
    expect(await heard(given)).toEqual([]);
    expect(await react("🔕")).toBe("Bad Request: REACTION_INVALID");
  });
});

describe("commands", () => {
  const named = (command: string) => [{ command, description: command }];
  const offered = async (api: BotApi, user: { readonly id: number }) =>
    (await seenBy(api, user)).chats.map(({ commands }) => commands[0]?.command);

  test("are offered by the narrowest scope that fits the reader", async () => {
    const { api, bot } = stand();
    await bot.setMyCommands(named("all"));
    expect(await offered(api, api.human)).toEqual(["all", "all"]);
    await bot.setMyCommands(named("groups"), { scope: { type: "all_group_chats" } });
    await bot.setMyCommands(named("admins"), { scope: { type: "chat_administrators", chat_id: api.alerts } });
    await bot.setMyCommands(named("english"), { scope: { type: "all_private_chats" }, language_code: "en" });
    expect(await offered(api, api.human)).toEqual(["admins", "english"]);
    expect(await offered(api, api.stranger)).toEqual(["groups", "english"]);
    await bot.setMyCommands(named("hers"), {
      scope: { type: "chat_member", chat_id: api.alerts, user_id: api.stranger.id },
    });
    expect(await offered(api, api.stranger)).toEqual(["hers", "english"]);
  });

  test.each([
    [{ language_code: "EN" }, "invalid language code specified"],
    [{ scope: { type: "everyone" } }, "can't parse BotCommandScope: unsupported type specified"],
    [{ scope: { type: "chat", chat_id: -5 } }, "chat not found"],
    [{ scope: { type: "chat_administrators", chat_id: 5_000_000_001 } }, "can't use specified scope in private chats"],
  ])("for %j are refused", async (more, why) => {
    const { api, refusal } = stand();
    await deed(api, "start", { payload: "" });
    expect(await refusal("setMyCommands", { commands: named("x"), ...more })).toBe(`Bad Request: ${why}`);
  });
});

describe("what only one reader sees", () => {
  const to = (user: { readonly id: number }, more: object = {}) => ({
    ephemeral_message_parameters: { receiver_user_id: user.id, ...more },
  });

  test("is hidden from the others", async () => {
    const { api, bot } = stand();
    await bot.sendMessage(api.alerts, "for all");
    await bot.sendMessage(api.alerts, "for Eve", to(api.stranger));
    expect(textsOf(await seenBy(api, api.human), api.alerts)).toEqual(["for all"]);
    expect(textsOf(await seenBy(api, api.stranger), api.alerts)).toEqual(["for all", "for Eve"]);
  });

  test("is edited and deleted by methods of its own", async () => {
    const { api, bot, call } = stand();
    const { ephemeral_message_id = 0 } = await bot.sendMessage(api.alerts, "one", to(api.human));
    const of = { chat_id: api.alerts, receiver_user_id: api.human.id, ephemeral_message_id };
    expect(await call("editEphemeralMessageText", { ...of, text: "two" })).toEqual({ ok: true, result: true });
    expect(api.messages()).toMatchObject([{ message_id: 0, ephemeral_message_id, text: "two" }]);
    const eve = { ...of, receiver_user_id: api.stranger.id, text: "three" };
    expect(await call("editEphemeralMessageText", eve)).toMatchObject({
      description: "Bad Request: message to edit not found",
    });
    expect(await refused(bot.editMessageText(api.alerts, 0, "three"))).toBe(
      "400 Bad Request: message to edit not found",
    );
    await call("deleteEphemeralMessage", of);
    expect(api.messages()).toEqual([]);
    expect(api.violations).toEqual([]);
  });

  test("may be a document with a caption and buttons", async () => {
    const { api, bot, call } = stand();
    const file = new InputFile(Buffer.from("trace"), "trace.txt");
    const sent = await bot.sendDocument(api.alerts, file, { caption: "a", ...to(api.human) });
    const of = {
      chat_id: api.alerts,
      receiver_user_id: api.human.id,
      ephemeral_message_id: sent.ephemeral_message_id,
    };
    await call("editEphemeralMessageCaption", { ...of, caption: "b" });
    const reply_markup = { inline_keyboard: [[{ text: "go", callback_data: "go" }]] };
    await call("editEphemeralMessageReplyMarkup", { ...of, reply_markup });
    expect(api.messages()).toMatchObject([{ caption: "b", reply_markup, document: { file_name: "trace.txt" } }]);
  });

  test("takes a plain member a pressed button or a command meant for it alone", async () => {
    const clock = virtualClock();
    const given = stand({ clock });
    const { api, bot, call } = given;
    api.setMember(api.alerts, "member");
    const unasked = "400 Bad Request: not enough rights to send ephemeral messages to the chat";
    expect(await refused(bot.sendMessage(api.alerts, "x", to(api.human)))).toBe(unasked);

    const commands = [{ command: "status", description: "How it goes", is_ephemeral: true }];
    await call("setMyCommands", { commands });
    await heard(given);
    api.say(api.alerts, "/status");
    expect(textsOf(await seenBy(api, api.stranger), api.alerts)).toEqual([]);
    const asked = (await heard(given))[0]?.message;
    expect(asked).toMatchObject({ message_id: 0, from: api.human, receiver_user: { id: api.bot.id } });
    const reply_parameters = { ephemeral_message_id: asked?.ephemeral_message_id ?? 0 };
    const answer = () => bot.sendMessage(api.alerts, "fine", { ...to(api.human), reply_parameters });
    expect(await answer()).toMatchObject({ message_id: 0 });
    await clock.advance(15_000);
    expect(await refused(answer())).toBe(unasked);
  });

  test("may stand in the place of the message whose button was pressed", async () => {
    const given = stand();
    const { api, bot } = given;
    const reply_markup = { inline_keyboard: [[{ text: "go", callback_data: "go" }]] };
    const { message_id } = await bot.sendMessage(api.alerts, "for all", { reply_markup });
    void api.press(api.alerts, message_id, "go", api.stranger);
    const callback_query_id = (await heard(given))[0]?.callback_query?.id ?? "";
    const inPlace = { callback_query_id, replace_callback_query_message: true };
    await bot.sendMessage(api.alerts, "for Eve", to(api.stranger, inPlace));
    expect(api.messages().at(-1)).toMatchObject({ text: "for Eve", replaces: message_id });
    expect(await refused(bot.sendMessage(api.alerts, "for Ada", to(api.human, inPlace)))).toBe(
      "400 Bad Request: query is too old and response timeout expired or query ID is invalid",
    );
  });

  test("does not exist in a private chat", async () => {
    const { api, bot } = stand();
    await deed(api, "start", { payload: "" });
    expect(await refused(bot.sendMessage(api.human.id, "x", to(api.human)))).toBe(
      "400 Bad Request: ephemeral messages can't be sent to private chats",
    );
  });
});

test.each([
  [9000, 1001],
  [2100, 100],
])("a photo of %i by %i is refused", async (width, height) => {
  const { api, bot } = stand();
  const png = Buffer.from("89504e470d0a1a0a0000000d494844520000000000000000", "hex");
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  expect(await refused(bot.sendPhoto(api.alerts, new InputFile(png, "x.png")))).toBe(
    "400 Bad Request: PHOTO_INVALID_DIMENSIONS",
  );
});
