import type { CallbackQuery, ChatMember, InlineKeyboardButton, MessageEntity, User } from "@grammyjs/types";
import { remove } from "./methods/messages.ts";
import { checkedEmoji, setReaction } from "./methods/reactions.ts";
import { type Content, put, quoted, tellBot } from "./posting.ts";
import type { ChatMessage, Room } from "./room.ts";
import { whisper } from "./whisper.ts";
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

/** A person writes into a chat; the bot is told, unless it is a plain member there and not meant. */
export function say(world: World, chatId: number, text: string, options: SayOptions = {}): ChatMessage {
  const room = world.chats.get(chatId);
  const { user = room.human ?? world.human, threadId, replyTo } = options;
  if (room.trouble === "never started") world.chats.set(chatId, { trouble: null });
  room.members.set(user.id, user);
  const entities = commandsIn(text);
  const repliedTo = replyTo === undefined ? undefined : room.messages.get(replyTo);
  const content = {
    ...(threadId === undefined ? {} : { message_thread_id: threadId, is_topic_message: true as const }),
    ...(repliedTo ? { reply_to_message: quoted(repliedTo) } : {}),
    text,
    ...(entities.length > 0 ? { entities } : {}),
  };
  const isEphemeral = !room.human && isEphemeralCommand(world, room, user, text);
  const message = isEphemeral ? whisper(world, room, user, world.bot, content) : put(world, room, user, content);
  if (!room.trouble && isHeard(world, room, message)) tellBot(world, room, message);
  return message;
}

/** Whether the text is a command that the bot registered to be seen by its sender and itself alone. */
function isEphemeralCommand(world: World, room: Room, user: User, text: string): boolean {
  const name = /^\/(\w+)/.exec(text)?.[1];
  return world.commandsFor(user, room).some(({ command, is_ephemeral }) => command === name && is_ephemeral);
}

/**
 * What a bot that is no administrator hears in a group: commands that are not another bot's, and replies to itself.
 *
 * @see https://core.telegram.org/bots/features#privacy-mode
 */
function isHeard(world: World, room: Room, { text = "", reply_to_message }: ChatMessage): boolean {
  if (room.human || room.isAdmin || reply_to_message?.from?.id === world.bot.id) return true;
  const command = /^\/\w+(?:@(\w+))?/.exec(text);
  return command !== null && (command[1] ?? world.bot.username) === world.bot.username;
}

/** A person opens the bot by a `t.me/<bot>?start=<payload>` link and presses START: unblocks it when need be. */
export function start(world: World, payload: string, user: User): ChatMessage {
  const { chat, trouble } = world.chats.get(user.id);
  if (trouble === "blocked") setMember(world, chat.id, "member", user);
  return say(world, chat.id, `/start ${checkedPayload(payload)}`.trimEnd(), { user });
}

/** A group a person makes. */
export interface NewGroup {
  readonly title: string;
  readonly isForum?: boolean;
}

/** Makes a group without the bot in it. */
export function createGroup(world: World, { title, isForum = false }: NewGroup, user: User): Room {
  const room = world.chats.create({ type: isForum ? "supergroup" : "group", title, isForum, user });
  return world.chats.set(room.chat.id, { trouble: "left", isAdmin: false });
}

/**
 * A person adds the bot to a group, as a plain member; with the payload of a `t.me/<bot>?startgroup=<payload>` link
 * their client sends the bot `/start@<bot> <payload>` there.
 */
export function addBot(world: World, chatId: number, user: User, payload?: string): void {
  const room = world.chats.get(chatId);
  if (room.trouble) {
    setMember(world, chatId, "member", user);
    tellBot(world, room, put(world, room, user, { new_chat_members: [world.bot] } as Content));
  }
  if (payload !== undefined) say(world, chatId, `/start@${world.bot.username} ${checkedPayload(payload)}`, { user });
}

/** Clients open no link whose payload is anything else. */
function checkedPayload(payload: string): string {
  if (!/^[\w-]{0,64}$/.test(payload)) throw new Error("a start link carries up to 64 of A-Z, a-z, 0-9, _ and -");
  return payload;
}

/** A person presses a button, found by its callback data or its text; the bot is told. */
export function press(world: World, chatId: number, messageId: number, button: string, user?: User): CallbackQuery {
  const room = world.chats.get(chatId);
  const message = messageIn(room, messageId);
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

/** A person sets, or without an emoji takes back, a reaction; an administrator that asked for such updates is told. */
export function react(world: World, chatId: number, messageId: number, emoji: string | undefined, user: User): void {
  const room = world.chats.get(chatId);
  messageIn(room, messageId);
  const before = setReaction(world, room, messageId, user.id, emoji && checkedEmoji(emoji));
  if (!room.human && !room.isAdmin) return;
  const change = {
    chat: room.chat,
    message_id: messageId,
    user,
    date: world.date,
    old_reaction: reactionsOf(before),
    new_reaction: reactionsOf(emoji),
  };
  world.updates.add("message_reaction", change as never, chatId);
}

const reactionsOf = (emoji: string | undefined): readonly object[] => (emoji ? [{ type: "emoji", emoji }] : []);

/** A person pins a message or unpins it. Bots learn of a pin by the message that says so, and of its end not at all. */
export function pin(world: World, chatId: number, messageId: number, isPinned: boolean, user: User): void {
  const room = world.chats.get(chatId);
  if (!world.moderates(user, room)) throw new Error(`${user.first_name} may not pin here`);
  const message = messageIn(room, messageId);
  const others = room.pinned.filter((id) => id !== messageId);
  room.pinned = isPinned ? [...others, messageId] : others;
  world.tell({ type: "pin", chat_id: chatId, pinned: room.pinned });
  if (isPinned) tellBot(world, room, put(world, room, user, { pinned_message: quoted(message) }));
}

/** A person deletes a message: their own, or any where they moderate. No bot is ever told. */
export function erase(world: World, chatId: number, messageId: number, user: User): void {
  const room = world.chats.get(chatId);
  const message = messageIn(room, messageId);
  const isTheirs = message.from?.id === user.id || message.receiver_user?.id === user.id;
  if (!isTheirs && !world.moderates(user, room)) throw new Error(`${user.first_name} may not delete this message`);
  remove(world, room, message);
}

/** The bot's standing in a chat changes; the bot is told. */
export function setMember(world: World, chatId: number, status: ChatMember["status"], by?: User): void {
  const room = world.chats.get(chatId);
  const before = standing(world, room);
  const isOut = status === "kicked" || status === "left";
  const trouble = room.human ? "blocked" : status === "kicked" ? "kicked" : "left";
  world.chats.set(chatId, { trouble: isOut ? trouble : null, isAdmin: status === "administrator" });
  const change = {
    chat: room.chat,
    from: by ?? room.human ?? world.human,
    date: world.date,
    old_chat_member: before,
    new_chat_member: standing(world, room),
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
  if (!room.isAdmin) return memberOf(world.bot, "member");
  return { ...memberOf(world.bot, "administrator"), ...room.rights } as ChatMember;
}

/** A membership of the given status. */
export function memberOf(user: User, status: ChatMember["status"]): ChatMember {
  const more = status === "kicked" ? { until_date: 0 } : {};
  return { user, status, ...more } as ChatMember;
}

function messageIn(room: Room, messageId: number): ChatMessage {
  const message = room.messages.get(messageId);
  if (!message) throw new Error(`no message ${messageId} in chat ${room.chat.id}`);
  return message;
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
