// @ts-check
/** Everything the page knows, and how an event changes it. No DOM here. */

import { keyOf } from "./message.js";

/**
 * @typedef {import("./api.js").State} State
 * @typedef {import("./api.js").ChatState} ChatState
 * @typedef {import("./api.js").ChatEvent} ChatEvent
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./api.js").User} User
 *
 * @typedef {{ action: string, threadId: number, until: number }} Typing
 *
 * @typedef {object} Known
 * @property {User} bot
 * @property {User} me
 * @property {User[]} people who could read this page
 * @property {Map<number, ChatState>} chats
 * @property {Map<string, number>} unread by {@link placeOf}
 * @property {Map<number, Typing>} typing by chat
 *
 * @typedef {object} View Which part of which chat is on the screen.
 * @property {number} chatId
 * @property {number | null} threadId a topic, {@link GENERAL}, or `null` for all of them
 */

/** The topic of messages that are in none. */
export const GENERAL = 0;

/** As many messages as the stand-in keeps, per chat. */
const KEPT = 500;

/** Telegram shows "typing…" this long (milliseconds) unless the bot says it again. */
const TYPING_LASTS = 5000;

/**
 * @param {State} state
 * @param {Known} [before] what was known until a reconnection
 * @returns {Known}
 */
export function know({ bot, me, people, chats }, before) {
  return {
    bot,
    me,
    people,
    chats: new Map(chats.map((chat) => [chat.chat.id, withReactions(chat)])),
    unread: before?.me.id === me.id ? before.unread : new Map(),
    typing: new Map(),
  };
}

/**
 * Applies an event; applying it twice changes nothing more.
 *
 * @param {Known} known
 * @param {ChatEvent} event
 * @param {number} now milliseconds
 * @returns {boolean} `false` when it cannot be applied to what is known: load the state again
 */
export function apply(known, event, now) {
  switch (event.type) {
    case "message":
      return addMessage(known, event.message);
    case "edit":
      replaceMessage(known, event.message);
      return true;
    case "delete":
      removeMessage(known, event);
      return true;
    case "pin":
      return change(known, event.chat_id, { pinned: event.pinned });
    case "chat":
      known.chats.set(event.chat.chat.id, {
        messages: known.chats.get(event.chat.chat.id)?.messages ?? [],
        reactions: {},
        ...event.chat,
      });
      return true;
    case "reactions": {
      const { chat_id, message_id, reactions } = event;
      const messages = known.chats.get(chat_id)?.messages ?? [];
      return change(known, chat_id, {
        messages: messages.map((one) => (keyOf(one) === String(message_id) ? { ...one, reactions } : one)),
      });
    }
    case "typing": {
      const { chat_id: chatId, message_thread_id: threadId = GENERAL, action } = event;
      known.typing.set(chatId, { action, threadId, until: now + TYPING_LASTS });
      return true;
    }
    case "answer":
      return true;
    case "reset":
      known.unread.clear();
      return false;
  }
}

/**
 * A chat whose messages carry their reactions.
 *
 * @param {ChatState} chat
 * @returns {ChatState}
 */
function withReactions(chat) {
  const messages = chat.messages.map((message) => {
    const reactions = chat.reactions[keyOf(message)];
    return reactions ? { ...message, reactions } : message;
  });
  return { ...chat, messages };
}

/**
 * @param {Known} known
 * @param {number} chatId
 * @param {Partial<ChatState>} news
 */
function change(known, chatId, news) {
  const chat = known.chats.get(chatId);
  if (chat) known.chats.set(chatId, { ...chat, ...news });
  return chat !== undefined;
}

/**
 * @param {Known} known
 * @param {Message} message
 */
function addMessage(known, message) {
  const chat = known.chats.get(message.chat.id);
  if (!chat) return false;
  if (chat.messages.some((other) => keyOf(other) === keyOf(message))) {
    replaceMessage(known, message);
    return true;
  }
  change(known, chat.chat.id, { messages: [...chat.messages, message].slice(-KEPT) });
  if (message.from?.id === known.me.id) return true;
  if (message.from?.is_bot) known.typing.delete(chat.chat.id);
  const place = placeOf(chat, message);
  known.unread.set(place, (known.unread.get(place) ?? 0) + 1);
  return true;
}

/**
 * @param {Known} known
 * @param {Message} message
 */
function replaceMessage(known, message) {
  const messages = known.chats.get(message.chat.id)?.messages ?? [];
  change(known, message.chat.id, {
    messages: messages.map((old) => (keyOf(old) === keyOf(message) ? { reactions: old.reactions, ...message } : old)),
  });
}

/**
 * @param {Known} known
 * @param {Extract<ChatEvent, { type: "delete" }>} event
 */
function removeMessage(known, { chat_id: chatId, message_id, ephemeral_message_id }) {
  const gone = keyOf(/** @type {Message} */ ({ message_id, ephemeral_message_id }));
  const messages = known.chats.get(chatId)?.messages ?? [];
  change(known, chatId, { messages: messages.filter((message) => keyOf(message) !== gone) });
}

/**
 * @param {ChatState} chat
 * @returns {boolean} whether its messages are told apart by topic
 */
export function hasTopics({ chat, topics }) {
  return chat.is_forum === true || topics.length > 0;
}

/**
 * @param {ChatState} chat
 * @param {Message} message
 * @returns {number}
 */
export function threadOf(chat, message) {
  return hasTopics(chat) ? (message.message_thread_id ?? GENERAL) : GENERAL;
}

/**
 * @param {ChatState} chat
 * @param {Message} message
 */
function placeOf(chat, message) {
  return `${chat.chat.id}/${threadOf(chat, message)}`;
}

/**
 * @param {View} view
 * @returns {(place: string) => boolean} whether an unread place is in sight
 */
function inView({ chatId, threadId }) {
  return (place) => (threadId === null ? place.startsWith(`${chatId}/`) : place === `${chatId}/${threadId}`);
}

/**
 * @param {Known} known
 * @param {View} [view] default: everywhere
 * @returns {number}
 */
export function unreadIn(known, view) {
  const counts = [...known.unread].filter(([place]) => !view || inView(view)(place));
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

/**
 * @param {Known} known
 * @param {View} view
 * @returns {boolean} whether anything was unread there
 */
export function markRead(known, view) {
  const places = [...known.unread.keys()].filter(inView(view));
  for (const place of places) known.unread.delete(place);
  return places.length > 0;
}

/**
 * @param {ChatState} chat
 * @param {View} view
 * @returns {readonly Message[]}
 */
export function messagesIn(chat, { threadId }) {
  const replaced = new Set(chat.messages.map(({ replaces }) => replaces));
  return chat.messages.filter(
    (message) =>
      (threadId === null || threadOf(chat, message) === threadId) &&
      (message.ephemeral_message_id !== undefined || !replaced.has(message.message_id)),
  );
}

/**
 * @param {Known} known
 * @param {View} view
 * @param {number} now milliseconds
 * @returns {string | undefined} what the bot is doing there
 */
export function typingIn(known, { chatId, threadId }, now) {
  const typing = known.typing.get(chatId);
  if (!typing || typing.until <= now) return undefined;
  return threadId === null || threadId === typing.threadId ? typing.action : undefined;
}

/**
 * @param {Known} known
 * @param {ChatState} chat
 * @returns {string} a private chat with a bot carries the bot's name
 */
export function titleOf(known, { chat }) {
  return chat.type === "private" ? known.bot.first_name : (chat.title ?? "Group");
}

/**
 * @param {Known} known
 * @returns {ChatState[]} the most recently used first
 */
export function chatsByDate(known) {
  const date = (/** @type {ChatState} */ { messages }) => messages.at(-1)?.date ?? 0;
  return [...known.chats.values()].sort((a, b) => date(b) - date(a));
}
