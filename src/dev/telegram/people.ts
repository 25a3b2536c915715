import type { CallbackQuery, ChatMember, InlineKeyboardButton, MessageEntity, User } from "@grammyjs/types";
import { put, quoted, tellBot } from "./posting.ts";
import type { ChatMessage, Room } from "./room.ts";
import type { World } from "./world.ts";

/** How a person says something. */
export interface SayOptions {
  /** The topic it is said in. */
  readonly threadId?: number;
  /** @default the default human */
  readonly user?: User;
  /** The message it replies to. */
  readonly replyTo?: number;
}

/** A person writes into a chat; the bot is told. */
export function say(world: World, chatId: number, text: string, options: SayOptions = {}): ChatMessage {
  const room = world.chats.get(chatId);
  if (room.trouble === "never started") room.trouble = undefined;
  const { user = room.human ?? world.human, threadId, replyTo } = options;
  room.members.set(user.id, user);
  const entities = commandsIn(text);
  const repliedTo = replyTo === undefined ? undefined : room.messages.get(replyTo);
  const message = put(world, room, user, {
    ...(threadId === undefined ? {} : { message_thread_id: threadId, is_topic_message: true }),
    ...(repliedTo ? { reply_to_message: quoted(repliedTo) } : {}),
    text,
    ...(entities.length > 0 ? { entities } : {}),
  });
  if (!room.trouble) tellBot(world, room, message);
  return message;
}

/** A person presses a button, found by its callback data or its text; the bot is told. */
export function press(world: World, chatId: number, messageId: number, button: string, user?: User): CallbackQuery {
  const room = world.chats.get(chatId);
  const message = room.messages.get(messageId);
  if (!message) throw new Error(`no message ${messageId} in chat ${chatId}`);
  const data = callbackData(message, button);
  const query: CallbackQuery = {
    id: world.callbacks.nextId(),
    from: user ?? room.human ?? world.human,
    message,
    chat_instance: String(chatId),
    data,
  };
  world.callbacks.open(query);
  world.updates.add("callback_query", query, chatId);
  return query;
}

/** The bot's standing in a chat changes; the bot is told. */
export function setMember(world: World, chatId: number, status: ChatMember["status"]): void {
  const room = world.chats.get(chatId);
  const before = standing(world, room);
  const isOut = status === "kicked" || status === "left";
  const trouble = room.human ? "blocked" : status === "kicked" ? "kicked" : "left";
  world.chats.set(chatId, { trouble: isOut ? trouble : null });
  const change = {
    chat: room.chat,
    from: room.human ?? world.human,
    date: world.date,
    old_chat_member: before,
    new_chat_member: memberOf(world.bot, status),
  };
  world.updates.add("my_chat_member", change, chatId);
}

/** A group becomes a supergroup; both chats say so, and the bot is told. Gives the new chat. */
export function migrate(world: World, chatId: number): Room {
  const group = world.chats.get(chatId);
  const supergroup = world.chats.migrate(chatId);
  tellBot(world, group, put(world, group, world.human, { migrate_to_chat_id: supergroup.chat.id }));
  tellBot(world, supergroup, put(world, supergroup, world.human, { migrate_from_chat_id: chatId }));
  return supergroup;
}

/** The bot's own membership. */
export function standing(world: World, room: Room): ChatMember {
  if (room.trouble === "kicked" || room.trouble === "blocked") return memberOf(world.bot, "kicked");
  if (room.trouble) return memberOf(world.bot, "left");
  return memberOf(world.bot, room.human ? "member" : "administrator");
}

/** A membership of the given status. */
export function memberOf(user: User, status: ChatMember["status"]): ChatMember {
  const more = status === "kicked" ? { until_date: 0 } : {};
  return { user, status, ...more } as ChatMember;
}

/** Telegram marks commands by itself: `/word`, `/word@bot`, at the start of a word. */
function commandsIn(text: string): MessageEntity[] {
  return [...text.matchAll(/(?<![\w/])\/[a-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])/gi)].map((match) => ({
    type: "bot_command",
    offset: match.index,
    length: match[0].length,
  }));
}

function callbackData(message: ChatMessage, button: string): string {
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  const isCallback = (candidate: InlineKeyboardButton) => "callback_data" in candidate;
  const callbacks = buttons.filter(isCallback) as InlineKeyboardButton.CallbackButton[];
  const found =
    callbacks.find(({ callback_data }) => callback_data === button) ?? callbacks.find(({ text }) => text === button);
  if (found) return found.callback_data;
  const labels = buttons.map(({ text }) => JSON.stringify(text)).join(", ") || "none";
  throw new Error(`no button ${JSON.stringify(button)} on message ${message.message_id}; its buttons: ${labels}`);
}
