import { describe, expect, test } from "vitest";
import type { Trouble } from "../../src/dev/telegram/room.ts";
import { refused, stand } from "./telegram-stand.ts";

describe("a chat", () => {
  test("must be named and known", async () => {
    const { refusal, api } = stand();
    const send = (chat_id: unknown) => refusal("sendMessage", { chat_id, text: "x" });
    expect(await refusal("sendMessage", { text: "x" })).toBe("Bad Request: chat_id is empty");
    expect(await send(-100)).toBe("Bad Request: chat not found");
    expect(await send("@nobody")).toBe("Bad Request: chat not found");
    expect(await send(123)).toBe("Bad Request: chat not found");
    expect(await send(api.human.id)).toBe("Forbidden: bot can't initiate conversation with a user");
  });

  test("can be found by its name", async () => {
    const { api, bot } = stand();
    const { chat } = api.chats.create({ username: "ops", title: "Ops" });
    expect(await bot.sendMessage("@OPS", "x")).toMatchObject({ chat });
  });

  test.each<[Trouble, "private" | "group" | "supergroup", string]>([
    ["blocked", "private", "bot was blocked by the user"],
    ["deactivated", "private", "user is deactivated"],
    ["never started", "private", "bot can't initiate conversation with a user"],
    ["kicked", "group", "bot was kicked from the group chat"],
    ["kicked", "supergroup", "bot was kicked from the supergroup chat"],
    ["left", "supergroup", "bot is not a member of the supergroup chat"],
    ["deleted", "group", "the group chat was deleted"],
  ])("in trouble (%s, %s) refuses the bot until it is over", async (trouble, type, why) => {
    const { api, bot } = stand();
    const { chat } = api.chats.create({ type });
    api.chats.set(chat.id, { trouble });
    expect(await refused(bot.sendMessage(chat.id, "x"))).toBe(`403 Forbidden: ${why}`);
    api.chats.set(chat.id, { trouble: null });
    expect(await bot.sendMessage(chat.id, "x")).toMatchObject({ text: "x" });
  });

  test("that became a supergroup says where it went", async () => {
    const { api, call, bot } = stand();
    const { chat } = api.chats.create({ type: "group", title: "Ops" });
    const { chat: supergroup } = api.migrate(chat.id);
    expect(await call("sendMessage", { chat_id: chat.id, text: "x" })).toEqual({
      ok: false,
      error_code: 400,
      description: "Bad Request: group chat was upgraded to a supergroup chat",
      parameters: { migrate_to_chat_id: supergroup.id },
    });
    expect(await bot.sendMessage(supergroup.id, "x")).toMatchObject({ chat: { type: "supergroup", title: "Ops" } });
    expect(await bot.getUpdates()).toMatchObject([
      { message: { chat, migrate_to_chat_id: supergroup.id } },
      { message: { chat: supergroup, migrate_from_chat_id: chat.id } },
    ]);
  });

  test("that takes a right away refuses what needs it", async () => {
    const { api, bot } = stand();
    api.chats.set(api.alerts, { rights: { can_send_messages: false, can_pin_messages: false } });
    expect(await refused(bot.sendMessage(api.alerts, "x"))).toBe(
      "400 Bad Request: not enough rights to send text messages to the chat",
    );
    expect(await refused(bot.pinChatMessage(api.alerts, 1))).toBe(
      "400 Bad Request: not enough rights to manage pinned messages in the chat",
    );
  });

  test("tells who is who", async () => {
    const { api, bot } = stand();
    expect(await bot.getMe()).toMatchObject({ is_bot: true, username: "snitch_dev_bot" });
    expect(await bot.getChat(api.alerts)).toMatchObject({ type: "supergroup", title: "Alerts" });
    expect(await bot.getChatMember(api.alerts, api.bot.id)).toMatchObject({ status: "administrator" });
    expect(await bot.getChatMember(api.alerts, api.human.id)).toMatchObject({ status: "creator", user: api.human });
    expect(await refused(bot.getChatMember(api.alerts, 5))).toBe("400 Bad Request: member not found");
  });

  test("that the bot leaves or comes back to tells the bot so", async () => {
    const { api, bot } = stand();
    api.setMember(api.alerts, "kicked");
    expect(await refused(bot.sendMessage(api.alerts, "x"))).toBe(
      "403 Forbidden: bot was kicked from the supergroup chat",
    );
    api.setMember(api.alerts, "member");
    await bot.sendMessage(api.alerts, "x");
    expect(await bot.getUpdates()).toMatchObject([
      { my_chat_member: { old_chat_member: { status: "administrator" }, new_chat_member: { status: "kicked" } } },
      { my_chat_member: { old_chat_member: { status: "kicked" }, new_chat_member: { status: "member" } } },
    ]);
  });

  test("shows that the bot is typing", async () => {
    const { api, bot, refusal } = stand();
    expect(await bot.sendChatAction(api.alerts, "typing")).toBe(true);
    expect(await refusal("sendChatAction", { chat_id: api.alerts, action: "dancing" })).toBe(
      "Bad Request: wrong parameter action in request",
    );
  });
});

describe("a forum", () => {
  const forum = () => {
    const given = stand();
    const id = given.api.chats.create({ title: "Services", isForum: true }).chat.id;
    const send = (message_thread_id: number) => given.bot.sendMessage(id, "x", { message_thread_id });
    return { ...given, id, send };
  };

  test("has topics, numbered by the message that announces them", async () => {
    const { api, bot, id, send } = forum();
    const topic = await bot.createForumTopic(id, "orders-api");
    expect(topic).toEqual({ message_thread_id: 1, name: "orders-api", icon_color: 0x6fb9f0 });
    expect(await send(1)).toMatchObject({ message_id: 2, message_thread_id: 1, is_topic_message: true });
    expect(api.messages(id)[0]).toMatchObject({ message_thread_id: 1, forum_topic_created: { name: "orders-api" } });
  });

  test("has no topic that nobody made, and General must be left out", async () => {
    const { bot, id, send, refusal } = forum();
    await bot.sendMessage(id, "in General");
    expect(await refused(send(1))).toBe("400 Bad Request: message thread not found");
    const long = await bot.createForumTopic(id, "x".repeat(200));
    expect(long.name).toHaveLength(128);
    expect(await refusal("createForumTopic", { chat_id: id, name: " " })).toBe("Bad Request: title must be non-empty");
  });

  test("refuses what is sent to a closed or deleted topic", async () => {
    const { api, bot, id, send } = forum();
    const { message_thread_id } = await bot.createForumTopic(id, "a");
    await bot.closeForumTopic(id, message_thread_id);
    expect(await refused(send(message_thread_id))).toBe("400 Bad Request: TOPIC_CLOSED");
    expect(await refused(bot.closeForumTopic(id, message_thread_id))).toBe("400 Bad Request: TOPIC_NOT_MODIFIED");
    await bot.reopenForumTopic(id, message_thread_id);
    await bot.editForumTopic(id, message_thread_id, { name: "b" });
    await send(message_thread_id);
    await bot.deleteForumTopic(id, message_thread_id);
    expect(await refused(send(message_thread_id))).toBe("400 Bad Request: message thread not found");
    expect(api.messages(id)).toEqual([]);
  });

  test("is not every chat", async () => {
    const { api, bot, id } = forum();
    expect(await refused(bot.createForumTopic(api.alerts, "x"))).toBe("400 Bad Request: the chat is not a forum");
    expect(await refused(bot.sendMessage(api.alerts, "x", { message_thread_id: 7 }))).toBe(
      "400 Bad Request: message thread not found",
    );
    api.chats.set(id, { rights: { can_manage_topics: false } });
    expect(await refused(bot.createForumTopic(id, "x"))).toBe("400 Bad Request: not enough rights to create a topic");
    api.chats.set(api.alerts, { isForum: true });
    expect(await bot.createForumTopic(api.alerts, "x")).toMatchObject({ name: "x" });
  });

  test("may be a private chat", async () => {
    const { api, bot } = forum();
    const { chat } = api.chats.create({ type: "private", isForum: true });
    const { message_thread_id } = await bot.createForumTopic(chat.id, "orders-api");
    expect(await bot.sendMessage(chat.id, "x", { message_thread_id })).toMatchObject({ message_thread_id });
  });
});

describe("a pin", () => {
  test("leaves a message that says so, once, and the bot hears of it", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendMessage(api.alerts, "dashboard");
    await bot.pinChatMessage(api.alerts, message_id, { disable_notification: true });
    await bot.pinChatMessage(api.alerts, message_id);
    expect(api.messages()).toMatchObject([{ message_id }, { silent: true, pinned_message: { message_id } }]);
    expect(await bot.getUpdates()).toMatchObject([{ message: { message_id: 2, pinned_message: { message_id } } }]);
    expect(await bot.getChat(api.alerts)).toMatchObject({ pinned_message: { message_id } });
    expect(await refused(bot.pinChatMessage(api.alerts, 2))).toBe("400 Bad Request: message can't be pinned");
    await bot.unpinChatMessage(api.alerts);
    expect(await bot.getChat(api.alerts)).not.toHaveProperty("pinned_message");
  });

  test("of what is not there is refused", async () => {
    const { api, bot } = stand();
    expect(await refused(bot.pinChatMessage(api.alerts, 9))).toBe("400 Bad Request: message to pin not found");
  });

  test("goes with its message", async () => {
    const { api, bot } = stand();
    const { message_id } = await bot.sendMessage(api.alerts, "x");
    await bot.pinChatMessage(api.alerts, message_id);
    await bot.deleteMessage(api.alerts, message_id);
    expect(api.chats.get(api.alerts).pinned).toEqual([]);
  });
});

describe("commands", () => {
  test("are kept by scope", async () => {
    const { api, bot } = stand();
    const status = { command: "status", description: "How it goes" };
    const scope = { type: "chat" as const, chat_id: api.alerts };
    await bot.setMyCommands([status], { scope });
    expect(await bot.getMyCommands({ scope })).toEqual([status]);
    expect(await bot.getMyCommands()).toEqual([]);
    await bot.deleteMyCommands({ scope });
    expect(await bot.getMyCommands({ scope })).toEqual([]);
  });

  test.each([
    [[{ command: "Status", description: "x" }], "BOT_COMMAND_INVALID"],
    [[{ command: "status", description: "x".repeat(257) }], "BOT_COMMAND_DESCRIPTION_INVALID"],
    [Array(101).fill({ command: "x", description: "x" }), "BOT_COMMANDS_TOO_MUCH"],
  ])("out of order are refused", async (commands, why) => {
    expect(await stand().refusal("setMyCommands", { commands })).toBe(`Bad Request: ${why}`);
  });
});
