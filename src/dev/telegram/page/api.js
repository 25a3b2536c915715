// @ts-check
/** What the stand-in tells this page, and what the page may ask of it. */

/**
 * @typedef {import("@grammyjs/types").User} User
 * @typedef {import("@grammyjs/types").Chat} Chat
 * @typedef {import("@grammyjs/types").MessageEntity} MessageEntity
 * @typedef {import("@grammyjs/types").InlineKeyboardButton} InlineKeyboardButton
 * @typedef {import("@grammyjs/types").Message & { silent?: boolean }} Message
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
 * @property {{ command: string, description: string }[]} commands
 *
 * @typedef {{ bot: User, me: User, chats: ChatState[] }} State
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
 *   | { type: "chat", chat: Omit<ChatState, "messages"> }
 *   | { type: "typing", chat_id: number, message_thread_id?: number, action: string }
 *   | Answer
 *   | { type: "reset" }} ChatEvent
 */

/** @returns {Promise<State>} */
export function loadState() {
  return ask("chat/state");
}

/**
 * Says something as the reader.
 *
 * @param {number} chatId
 * @param {string} text
 * @param {number} [threadId] the topic, when it is not the general one
 * @returns {Promise<{ message: Message }>}
 */
export function say(chatId, text, threadId) {
  return ask("chat/say", { chat_id: chatId, text, message_thread_id: threadId });
}

/**
 * Presses a callback button. The bot's answer arrives by {@link listen}, sometimes sooner than this one's.
 *
 * @param {Message} message
 * @param {string} data
 * @returns {Promise<{ callback_query_id: string }>}
 */
export function press(message, data) {
  return ask("chat/press", {
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
 * @param {string} address
 * @param {object} [body] posted as JSON when given
 */
async function ask(address, body) {
  const response = await fetch(address, {
    method: body ? "POST" : "GET",
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`);
  return response.json();
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
 */
export function listen({ onOpen, onLost, onEvent }) {
  let failures = 0;

  function connect() {
    const source = new EventSource("chat/stream");
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
}
