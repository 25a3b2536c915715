// @ts-check
/** One message as an element. */

import { fileUrl } from "./api.js";
import { changesOf } from "./changes.js";
import { el, icon } from "./dom.js";
import { expandQuote, plainText, renderText, showSpoiler } from "./entities.js";
import { renderKeyboard } from "./keyboard.js";
import { below } from "./menu.js";
import { clockTime, fullTime } from "./time.js";
import { isReadable } from "./viewer.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./api.js").Topic} Topic
 *
 * @typedef {object} MessageActions
 * @property {(command: string) => void} command
 * @property {(text: string) => void} copy
 * @property {(url: string) => void} open
 * @property {(message: Message, data: string) => void} press
 * @property {(message: Message, data: string) => "waiting" | "unanswered" | undefined} stateOf
 * @property {(message: Message, place: import("./menu.js").Place) => void} menu
 * @property {(message: Message, emoji: string) => void} react
 * @property {(fileId: string, caption: string) => void} showPhoto
 * @property {(file: NonNullable<Message["document"]>) => void} showDocument
 * @property {(messageId: number) => void} jump
 * @property {(threadId: number) => void} openTopic
 *
 * @typedef {object} Setting What a message has to know of its surroundings.
 * @property {boolean} mine said by the reader
 * @property {number} me the reader
 * @property {boolean} isGroup several people may speak: say who does
 * @property {Topic | undefined} topic named on the message, when messages of several topics are shown
 * @property {Message | undefined} before the message as it was shown until now, if it was
 *
 * @typedef {Omit<Message, "reply_to_message">} Original A message inside another one: it has none inside itself.
 */

/**
 * @param {Message} message
 * @returns {string} what tells messages of one chat apart; ephemeral ones all have the id 0
 */
export function keyOf(message) {
  return message.ephemeral_message_id ? `e${message.ephemeral_message_id}` : String(message.message_id);
}

/**
 * @param {Message} message
 * @param {Setting} setting
 * @param {MessageActions} actions
 * @returns {HTMLLIElement}
 */
export function renderMessage(message, setting, actions) {
  const service = serviceText(message);
  const body = service ? serviceBody(service, message, actions) : messageBody(message, setting, actions);
  const row = el(
    "li",
    {
      "data-testid": "message",
      "data-message-id": message.message_id,
      "data-ephemeral-id": message.ephemeral_message_id,
    },
    ...body,
  );
  row.className = service ? "service" : setting.mine ? "row mine" : "row";
  return row;
}

/**
 * @param {Message} message
 * @param {Setting} setting
 * @param {MessageActions} actions
 */
function messageBody(message, setting, actions) {
  const { reply_to_message: original, reply_markup: markup } = message;
  const isReply = original !== undefined && !original.forum_topic_created; // everything in a topic formally replies to its creation
  const bubble = el(
    "div",
    { class: "bubble" },
    whoLine(message, setting, actions),
    isReply && replyQuote(/** @type {Original} */ (original), message.quote?.text, actions),
    photo(message, actions),
    message.document && documentCard(message.document, actions),
    textOf(message, setting, actions),
    reactionChips(message, setting, actions),
    message.ephemeral_message_id !== undefined &&
      el("div", { class: "only-you", "data-testid": "only-you" }, icon("eye", "icon small"), "Only you see this"),
  );
  bubble.addEventListener("contextmenu", (event) => {
    if (!document.getSelection()?.isCollapsed) return; // the browser's own menu copies what is selected
    event.preventDefault();
    actions.menu(message, { x: event.clientX, y: event.clientY });
  });
  const keyboard =
    markup?.inline_keyboard !== undefined &&
    markup.inline_keyboard.length > 0 &&
    renderKeyboard(markup.inline_keyboard, {
      press: (data) => actions.press(message, data),
      stateOf: (data) => actions.stateOf(message, data),
      open: actions.open,
      copy: actions.copy,
    });
  const face = setting.isGroup && !setting.mine && avatar(nameOf(message), message.from);
  return [face, el("div", { class: "stack" }, bubble, keyboard)];
}

/**
 * Who speaks, and where: as far as the place does not say it.
 *
 * @param {Message} message
 * @param {Setting} setting
 * @param {MessageActions} actions
 */
function whoLine(message, { isGroup, mine, topic }, actions) {
  const sender = isGroup && !mine && el("span", { class: `sender tint-${tintOf(message.from)}` }, nameOf(message));
  const chip = topic && topicChip(topic, actions);
  return sender || chip ? el("div", { class: "who" }, sender, chip) : null;
}

/**
 * @param {Message} message
 * @param {Setting} setting
 * @param {MessageActions} actions
 */
function textOf(message, { before }, actions) {
  const text = message.text ?? message.caption ?? (message.document || message.photo ? "" : unknownText(message));
  const entities = message.entities ?? message.caption_entities ?? [];
  const changes = before ? changesOf(before.text ?? before.caption ?? "", text) : [];
  return el(
    "div",
    { class: "text", dir: "auto" },
    renderText(text, [...entities, ...changes], actions),
    meta(message, actions),
  );
}

/**
 * @param {Message} message
 * @param {MessageActions} actions
 */
function meta(message, actions) {
  return el(
    "span",
    { class: "meta" },
    message.silent && el("span", { title: "Sent without sound" }, icon("bell-off", "icon tiny"), hint("silent ")),
    message.edit_date !== undefined &&
      el("span", { class: "edited", title: `Edited ${fullTime(message.edit_date)}` }, "edited"),
    el(
      "time",
      { datetime: new Date(message.date * 1000).toISOString(), title: fullTime(message.date) },
      clockTime(message.date),
    ),
    menuButton(message, actions),
  );
}

/**
 * @param {Message} message
 * @param {MessageActions} actions
 */
function menuButton(message, actions) {
  const button = el(
    "button",
    { type: "button", class: "message-menu", "aria-label": "What to do with this message", "aria-haspopup": "menu" },
    icon("more", "icon tiny"),
  );
  button.addEventListener("click", () => actions.menu(message, below(button)));
  return button;
}

/**
 * @param {Message} message
 * @param {Setting} setting
 * @param {MessageActions} actions
 */
function reactionChips(message, { me }, actions) {
  const { reactions = [] } = message;
  if (reactions.length === 0) return null;
  const chips = reactions.map(({ emoji, user_ids }) => {
    const count = user_ids.length > 1 && el("span", { class: "reaction-count" }, String(user_ids.length));
    const chip = el(
      "button",
      { type: "button", class: "reaction", "aria-pressed": String(user_ids.includes(me)) },
      emoji,
      count,
    );
    chip.addEventListener("click", () => actions.react(message, emoji));
    return chip;
  });
  return el("div", { class: "reactions", "data-testid": "reactions" }, ...chips);
}

/**
 * Said to screen readers only.
 *
 * @param {string} text
 */
function hint(text) {
  return el("span", { class: "hint" }, text);
}

/**
 * @param {Topic} topic
 * @param {MessageActions} actions
 */
function topicChip(topic, actions) {
  const chip = el("button", { type: "button", class: "topic-chip" }, topicDot(topic), topic.name);
  chip.addEventListener("click", () => actions.openTopic(topic.message_thread_id));
  return chip;
}

/**
 * @param {Pick<Topic, "icon_color">} topic
 * @returns {HTMLElement}
 */
export function topicDot({ icon_color: color }) {
  const dot = el("span", { class: "topic-dot", "aria-hidden": "true" });
  dot.style.setProperty("--topic", `#${color.toString(16).padStart(6, "0")}`);
  return dot;
}

/**
 * @param {Original} original
 * @param {string | undefined} chosen the part that was quoted
 * @param {MessageActions} actions
 */
function replyQuote(original, chosen, actions) {
  const quote = el(
    "button",
    {
      type: "button",
      class: `quote tint-${tintOf(original.from)}`,
      "aria-label": `In reply to ${nameOf(original)}`,
    },
    el("span", { class: "quote-name" }, nameOf(original)),
    el("span", { class: "quote-text" }, chosen ?? summaryOf(original)),
  );
  quote.addEventListener("click", () => actions.jump(original.message_id));
  return quote;
}

/**
 * @param {Message} message
 * @param {MessageActions} actions
 */
function photo({ photo: sizes, caption = "" }, actions) {
  const best = sizes?.at(-1);
  if (!best) return null;
  const { file_id, width, height } = best;
  const image = el("img", { src: fileUrl(file_id), width, height, alt: caption || "Photo", loading: "lazy" });
  const button = el("button", { type: "button", class: "photo", title: "Enlarge" }, image);
  button.addEventListener("click", () => actions.showPhoto(file_id, caption));
  return button;
}

/**
 * @param {NonNullable<Message["document"]>} file
 * @param {MessageActions} actions
 */
function documentCard(file, actions) {
  const canShow = isReadable(file);
  const name = file.file_name ?? "file";
  const extension = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1] ?? "file";
  const card = el(
    "a",
    { class: "document", href: fileUrl(file.file_id), download: name },
    el(
      "span",
      { class: "document-icon", "aria-hidden": "true" },
      icon(canShow ? "eye" : "down"),
      el("span", {}, extension),
    ),
    el(
      "span",
      { class: "document-about" },
      el("span", { class: "document-name" }, name),
      el("span", { class: "document-size" }, `${sizeOf(file.file_size)}${canShow ? "Open" : "Download"}`),
    ),
  );
  card.addEventListener("click", (event) => {
    if (!canShow) return;
    event.preventDefault();
    actions.showDocument(file);
  });
  return card;
}

/** @param {number | undefined} bytes */
function sizeOf(bytes) {
  if (bytes === undefined) return "";
  if (bytes < 1000) return `${bytes} B · `;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${value.toLocaleString(undefined, { maximumFractionDigits: 1 })} ${unit} · `;
}

/**
 * @param {string} text
 * @param {Message} message
 * @param {MessageActions} actions
 */
function serviceBody(text, message, actions) {
  const pinned = message.pinned_message;
  if (!pinned) return [el("span", { class: "pill" }, text)];
  const pill = el("button", { type: "button", class: "pill" }, text);
  pill.addEventListener("click", () => actions.jump(pinned.message_id));
  return [pill];
}

/**
 * What a service message tells; empty for the messages people and bots write.
 *
 * @param {Original} message
 * @returns {string}
 */
export function serviceText(message) {
  const who = nameOf(message);
  if (message.pinned_message)
    return `${who} pinned “${summaryOf(/** @type {Original} */ (message.pinned_message), 40)}”`;
  if (message.forum_topic_created) return `Topic “${message.forum_topic_created.name}” was created`;
  if (message.forum_topic_edited) return `Topic renamed to “${message.forum_topic_edited.name ?? "…"}”`;
  if (message.forum_topic_closed) return "Topic closed";
  if (message.forum_topic_reopened) return "Topic reopened";
  if (message.new_chat_members)
    return `${message.new_chat_members.map(({ first_name }) => first_name).join(", ")} joined`;
  if (message.left_chat_member) return `${message.left_chat_member.first_name} left`;
  if (message.new_chat_title) return `${who} named the group “${message.new_chat_title}”`;
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "The group became a supergroup";
  if (message.group_chat_created || message.supergroup_chat_created) return `${who} created the group`;
  return "";
}

/** @param {Message} message */
function unknownText(message) {
  const known = new Set("message_id from chat date edit_date reply_markup message_thread_id reactions".split(" "));
  const kind = Object.keys(message).find((key) => !known.has(key)) ?? "empty";
  return `This page cannot show messages of this kind (${kind}).`;
}

/**
 * A message in one line.
 *
 * @param {Original} message
 * @param {number} [length]
 * @returns {string}
 */
export function summaryOf(message, length = 160) {
  const raw = message.text ?? message.caption;
  if (raw === undefined)
    return serviceText(message) || message.document?.file_name || (message.photo ? "Photo" : "Message");
  const text = plainText(raw, message.entities ?? message.caption_entities ?? []);
  // Rules of ━ divide a message; in one line they only take room.
  const line = text
    .replace(/[━─]{3,}/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  return characters.length > length ? `${characters.slice(0, length).join("")}…` : line;
}

/**
 * @param {Original} message
 * @returns {string}
 */
export function nameOf({ from, sender_chat }) {
  return from?.first_name ?? sender_chat?.title ?? "Somebody";
}

/** @typedef {{ id: number, is_bot?: boolean }} Somebody A user or a chat. */

/**
 * @param {Somebody} [somebody]
 * @returns {number} one of seven tints, always the same for the same one
 */
function tintOf({ id, is_bot } = { id: 0 }) {
  return is_bot ? 5 : Math.abs(id) % 7;
}

/**
 * @param {string} name
 * @param {Somebody | undefined} somebody
 * @returns {HTMLElement}
 */
export function avatar(name, somebody) {
  if (somebody?.is_bot) {
    return el("span", { class: "avatar", "aria-hidden": "true" }, el("img", { src: "icon.svg", alt: "" }));
  }
  const initials = name
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0]);
  return el(
    "span",
    { class: `avatar tint-${tintOf(somebody)}`, "aria-hidden": "true" },
    initials.join("").toUpperCase(),
  );
}

/**
 * Opens in `row` what the reader had opened in the element it replaces, and keeps the focus on the same control.
 *
 * @param {Element} row
 * @param {Element} old
 */
export function inheritState(row, old) {
  const focused = [...old.querySelectorAll("button, a, [tabindex]")].indexOf(document.activeElement ?? old);
  const quotes = row.querySelectorAll("blockquote.expandable");
  for (const [index, quote] of old.querySelectorAll("blockquote.expandable").entries()) {
    const heir = quotes[index];
    if (heir && quote.classList.contains("expanded")) expandQuote(heir, true);
  }
  const spoilers = row.querySelectorAll(".spoiler");
  for (const [index, spoiler] of old.querySelectorAll(".spoiler").entries()) {
    const heir = spoilers[index];
    if (heir && spoiler.classList.contains("shown")) showSpoiler(heir);
  }
  old.replaceWith(row);
  const heir = focused < 0 ? null : row.querySelectorAll("button, a, [tabindex]")[focused];
  if (heir instanceof HTMLElement) heir.focus({ preventScroll: true });
}
