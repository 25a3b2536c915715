// @ts-check
/** What the stand-in tells this page, and what the page may ask of it. */

/**
 * @typedef {import("@grammyjs/types").User} User
 * @typedef {import("@grammyjs/types").Chat} Chat
 * @typedef {import("@grammyjs/types").MessageEntity} MessageEntity
 * @typedef {import("@grammyjs/types").InlineKeyboardButton} InlineKeyboardButton
 *
 * @typedef {{ emoji: string, user_ids: number[] }} Reaction
 *
 * @typedef {object} Extra What the page knows of a message beside what the Bot API tells.
 * @property {boolean} [silent]
 * @property {number} [replaces] the message in whose place its one reader sees it
 * @property {Reaction[]} [reactions]
 *
 * @typedef {import("@grammyjs/types").Message & Extra} Message
 *
 * @typedef {object} Topic
 * @property {number} message_thread_id
 * @property {string} name
 * @property {number} icon_color RGB
 * @property {boolean} [closed]
 *
 * @typedef {object} ChatState
 * @property {Chat} chat
 * @property {Topic[]} topics
 * @property {Message[]} messages Oldest first.
 * @property {number[]} pinned Message ids, newest last.
 * @property {{ command: string, description: string }[]} commands What the reader is offered here.
 * @property {"administrator" | "member" | "blocked" | "deactivated" | "never started" | "kicked" | "left" | "deleted"} bot
 *   How the bot stands here.
 * @property {boolean} moderates Whether the reader may pin, and delete what others wrote.
 * @property {Record<string, Reaction[]>} reactions By message id.
 *
 * @typedef {{ bot: User, me: User, people: User[], chats: ChatState[] }} State
 *
 * @typedef {object} Answer What the bot replied to a pressed button.
 * @property {"answer"} type
 * @property {string} callback_query_id
 * @property {string} [text]
 * @property {boolean} [show_alert]
 * @property {string} [url]
 *
 * @typedef {| { type: "message", message: Message }
 *   | { type: "edit", message: Message }
 *   | { type: "delete", chat_id: number, message_id: number, ephemeral_message_id?: number }
 *   | { type: "pin", chat_id: number, pinned: number[] }
 *   | { type: "reactions", chat_id: number, message_id: number, reactions: Reaction[] }
 *   | { type: "chat", chat: Omit<ChatState, "messages" | "reactions"> }
 *   | { type: "typing", chat_id: number, message_thread_id?: number, action: string }
 *   | Answer
 *   | { type: "reset" }} ChatEvent
 */

const KEY = "snitchbot-reader";

/** Who reads this page, and does all that is done on it. Each tab may have another one. */
let readerId = sessionStorage.getItem(KEY) ?? "";

/**
 * Gives the page to somebody else; what is listened to has to be listened to anew.
 *
 * @param {number} userId
 */
export function readAs(userId) {
  readerId = String(userId);
  sessionStorage.setItem(KEY, readerId);
}

/** @returns {Promise<State>} */
export function loadState() {
  return ask(`chat/state?user_id=${readerId}`);
}

/**
 * @param {number} chatId
 * @param {string} text
 * @param {{ threadId?: number, replyTo?: number }} [how] the topic, when it is not the general one; what it answers
 * @returns {Promise<{ message: Message }>}
 */
export function say(chatId, text, { threadId, replyTo } = {}) {
  return act("say", { chat_id: chatId, text, message_thread_id: threadId, reply_to: replyTo });
}

/**
 * @param {Message} message
 * @param {string | undefined} emoji none takes the reaction back
 */
export function react({ chat, message_id }, emoji) {
  return act("react", { chat_id: chat.id, message_id, emoji });
}

/**
 * @param {Message} message
 * @param {boolean} pinned
 */
export function pin({ chat, message_id }, pinned) {
  return act("pin", { chat_id: chat.id, message_id, pinned });
}

/** @param {Message} message */
export function erase({ chat, message_id, ephemeral_message_id }) {
  return act("delete", { chat_id: chat.id, message_id, ephemeral_message_id });
}

/**
 * Promotes the bot, makes it a plain member, throws it out or blocks it.
 *
 * @param {number} chatId
 * @param {"administrator" | "member" | "kicked"} status
 */
export function setBot(chatId, status) {
  return act("member", { chat_id: chatId, status });
}

/**
 * @param {number} chatId
 * @param {string} name
 * @returns {Promise<{ message: Message }>}
 */
export function openTopic(chatId, name) {
  return act("topic", { chat_id: chatId, name });
}

/**
 * @param {string} title
 * @param {boolean} isForum
 * @returns {Promise<{ chat: Chat }>} a group that the bot is not in
 */
export function createGroup(title, isForum) {
  return act("group", { title, isForum });
}

/**
 * @param {string} payload of a `start` link; may be empty
 * @returns {Promise<{ message: Message }>}
 */
export function start(payload) {
  return act("start", { payload });
}

/**
 * @param {number} chatId
 * @param {string} [payload] of a `startgroup` link
 */
export function addBot(chatId, payload) {
  return act("add", { chat_id: chatId, payload });
}

/**
 * Presses a callback button. The bot's answer arrives by {@link listen}, sometimes sooner than this one's.
 *
 * @param {Message} message
 * @param {string} data
 * @returns {Promise<{ callback_query_id: string }>}
 */
export function press(message, data) {
  return act("press", {
    chat_id: message.chat.id,
    message_id: message.message_id,
    ephemeral_message_id: message.ephemeral_message_id,
    callback_data: data,
  });
}

/**
 * @param {string} fileId
 * @returns {string} where a document or photo is served
 */
export function fileUrl(fileId) {
  return `chat/file/${encodeURIComponent(fileId)}`;
}

/**
 * @param {string} deed
 * @param {object} body
 */
function act(deed, body) {
  return ask(`chat/${deed}`, { ...body, ...(readerId && { user_id: Number(readerId) }) });
}

/**
 * @param {string} address
 * @param {object} [body] posted as JSON when given
 */
async function ask(address, body) {
  const response = await fetch(address, {
    method: body ? "POST" : "GET",
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Waits between attempts to reconnect, in milliseconds; the last one is repeated. */
const PAUSES = [300, 1000, 2000, 4000];

/**
 * Follows the stand-in's events for as long as the page lives, and comes back after every break.
 *
 * @param {object} listener
 * @param {() => void} listener.onOpen connected, for the first time or again: what happened before is unknown
 * @param {() => void} listener.onLost disconnected; already trying again
 * @param {(event: ChatEvent) => void} listener.onEvent
 * @returns {() => void} leaves the stream and follows it anew, as the reader of now
 */
export function listen({ onOpen, onLost, onEvent }) {
  let failures = 0;
  /** @type {EventSource} */
  let source;

  function connect() {
    source = new EventSource(`chat/stream?user_id=${readerId}`);
    source.onopen = () => {
      failures = 0;
      onOpen();
    };
    source.onmessage = ({ data }) => onEvent(JSON.parse(data));
    // EventSource gives up for good after some errors, so every reconnection is made here.
    source.onerror = () => {
      source.close();
      onLost();
      setTimeout(connect, PAUSES[Math.min(failures++, PAUSES.length - 1)]);
    };
  }

  connect();
  return () => {
    source.close();
    connect();
  };
}
