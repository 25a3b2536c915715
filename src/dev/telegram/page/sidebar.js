// @ts-check
/** What stands around the messages: the list of chats, the header, the topics, the pinned bar. */

import { arrange, byId, el, icon } from "./dom.js";
import { avatar, nameOf, summaryOf, topicDot } from "./message.js";
import { chatsByDate, GENERAL, hasTopics, messagesIn, titleOf, typingIn, unreadIn } from "./store.js";
import { now, shortTime } from "./time.js";

/**
 * @typedef {import("./store.js").Known} Known
 * @typedef {import("./store.js").View} View
 * @typedef {import("./api.js").ChatState} ChatState
 * @typedef {import("./api.js").Message} Message
 */

/** Names of what a bot can be seen doing. */
const ACTIONS = new Map([
  ["upload_document", "sending a file"],
  ["upload_photo", "sending a photo"],
]);

/**
 * The list of chats.
 *
 * @param {Known} known
 * @param {View} view
 * @param {(view: View) => void} open
 */
export function drawChats(known, view, open) {
  const rows = chatsByDate(known).map((chat) => chatRow(known, chat, view, open));
  drawButtons(byId("chats"), rows);
}

/**
 * @param {Known} known
 * @param {ChatState} chat
 * @param {View} view
 * @param {(view: View) => void} open
 */
function chatRow(known, chat, view, open) {
  const { id } = chat.chat;
  const title = titleOf(known, chat);
  const last = chat.messages.at(-1);
  const unread = unreadIn(known, { chatId: id, threadId: null });
  const button = el(
    "button",
    { type: "button", class: "chat", "aria-current": id === view.chatId && "true", "data-key": id },
    avatar(title, faceOf(known, chat)),
    el("span", { class: "chat-title" }, title),
    el("time", { class: "chat-time" }, last ? shortTime(last.date, now()) : ""),
    el("span", { class: "chat-last" }, ...lastLine(known, chat, last)),
    badge(unread),
  );
  button.addEventListener("click", () => open({ chatId: id, threadId: null }));
  return button;
}

/**
 * @param {Known} known
 * @param {ChatState} chat
 * @param {Message | undefined} last
 */
function lastLine(known, chat, last) {
  const typing = typingIn(known, { chatId: chat.chat.id, threadId: null }, Date.now());
  if (typing) return [el("span", { class: "doing" }, `${doing(typing)}…`)];
  if (!last) return ["No messages yet"];
  const isMine = last.from?.id === known.me.id;
  const who = isMine ? "You" : chat.chat.type === "private" ? "" : nameOf(last);
  return [who && el("span", { class: "chat-who" }, `${who}: `), summaryOf(last)];
}

/**
 * @param {number} count
 * @returns {HTMLElement | false}
 */
function badge(count) {
  return count > 0 && el("span", { class: "badge", "aria-label": `${count} unread` }, String(count));
}

/**
 * Who can sit at the page, the one who does marked.
 *
 * @param {Known} known
 * @param {(userId: number) => void} become
 */
export function drawPeople({ me, people }, become) {
  const faces = people.map((person) => {
    const button = el(
      "button",
      {
        type: "button",
        class: "person",
        "aria-pressed": String(person.id === me.id),
        "data-key": person.id,
        title: `Be ${person.first_name}: see and do what they can`,
      },
      avatar(person.first_name, person),
      person.first_name,
    );
    button.addEventListener("click", () => become(person.id));
    return button;
  });
  drawButtons(byId("people"), faces);
}

/** @param {string} action */
function doing(action) {
  return ACTIONS.get(action) ?? "typing";
}

/**
 * The header of the chat.
 *
 * @param {Known} known
 * @param {ChatState} chat
 * @param {View} view
 */
export function drawHead(known, chat, view) {
  const title = titleOf(known, chat);
  const typing = typingIn(known, view, Date.now());
  const face = byId("head-avatar");
  const nextFace = avatar(title, faceOf(known, chat));
  nextFace.id = face.id;
  if (!face.isEqualNode(nextFace)) become(face, nextFace);
  say("head-title", title);
  say("head-subtitle", typing ? `${known.bot.first_name} is ${doing(typing)}` : subtitleOf(chat));
  byId("head-subtitle").classList.toggle("doing", typing !== undefined);

  const elsewhere = unreadIn(known) - unreadIn(known, { chatId: chat.chat.id, threadId: null });
  byId("elsewhere").hidden = elsewhere === 0;
  say("elsewhere", String(elsewhere));
}

/**
 * @param {Known} known
 * @param {ChatState} chat
 */
function faceOf({ bot }, { chat }) {
  return chat.type === "private" ? bot : chat;
}

/** @param {ChatState} chat */
function subtitleOf({ chat, topics, bot }) {
  if (chat.type === "private") return bot === "blocked" ? "bot · blocked" : "bot";
  const kind = chat.type === "channel" ? "channel" : "group";
  const count = topics.length > 0 && `${topics.length} ${topics.length === 1 ? "topic" : "topics"}`;
  const standing = bot !== "administrator" && (bot === "member" ? "bot is no admin" : "bot is not here");
  return [kind, count, standing].filter(Boolean).join(" · ");
}

/**
 * The topics of a forum, as tabs.
 *
 * @param {Known} known
 * @param {ChatState} chat
 * @param {View} view
 * @param {(view: View) => void} open
 */
export function drawTopics(known, chat, view, open) {
  const bar = byId("topics");
  bar.hidden = !hasTopics(chat);
  if (bar.hidden) return;
  /** @type {{ id: number | null, name: string, color?: number, closed?: boolean }[]} */
  const tabs = [
    { id: null, name: "All" },
    { id: GENERAL, name: "General" },
    ...chat.topics.map((topic) => ({
      id: topic.message_thread_id,
      name: topic.name,
      color: topic.icon_color,
      closed: topic.closed === true,
    })),
  ];
  drawButtons(
    bar,
    tabs.map(({ id, name, color, closed }) => {
      const selected = id === view.threadId;
      const target = { chatId: chat.chat.id, threadId: id };
      const tab = el(
        "button",
        {
          type: "button",
          role: "tab",
          class: closed ? "topic closed" : "topic",
          "aria-selected": String(selected),
          "aria-controls": "feed",
          tabindex: selected ? 0 : -1,
          title: closed ? "This topic is closed" : null,
          "data-key": String(id),
        },
        color !== undefined && topicDot({ icon_color: color }),
        name,
        id !== null && badge(unreadIn(known, target)),
      );
      tab.addEventListener("click", () => open(target));
      return tab;
    }),
  );
}

/** Arrow keys walk along the tabs, as on any row of tabs. */
export function walkTopicsByKeyboard() {
  const bar = byId("topics");
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const tabs = /** @type {HTMLElement[]} */ ([...bar.children]);
    const next = tabs[(tabs.findIndex((tab) => tab.matches(":focus")) + step + tabs.length) % tabs.length];
    next?.click();
    /** @type {HTMLElement | null} */ (bar.querySelector('[aria-selected="true"]'))?.focus();
  });
}

/** Brings the selected topic into sight when there are more than fit. */
export function revealTopic() {
  byId("topics").querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/**
 * The pinned message; several are walked through, newest first, one press at a time.
 *
 * @param {ChatState} chat
 * @param {View} view
 * @param {number} turn how often the bar was pressed
 * @returns {Message | undefined} the one it shows
 */
export function drawPinned(chat, view, turn) {
  const bar = byId("pinned");
  const ids = new Set(chat.pinned);
  const pinned = messagesIn(chat, view).filter(({ message_id }) => ids.has(message_id));
  const index = pinned.length - 1 - (turn % Math.max(pinned.length, 1));
  const message = pinned[index];
  bar.hidden = !message;
  if (!message) return undefined;
  const marks = el("span", { class: "pinned-marks" }, ...pinned.slice(-4).map(() => el("i")));
  marks.children[Math.max(0, index - Math.max(0, pinned.length - 4))]?.classList.add("current");
  bar.replaceChildren(
    marks,
    el(
      "span",
      { class: "pinned-about" },
      el(
        "span",
        { class: "pinned-label" },
        pinned.length > 1 ? `Pinned message ${index + 1} of ${pinned.length}` : "Pinned message",
      ),
      el("span", { class: "pinned-text" }, summaryOf(message)),
    ),
    icon("pin"),
  );
  return message;
}

/**
 * @param {string} id
 * @param {string} text
 */
function say(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Draws keyed buttons anew. One that stays keeps its element: a click that began on it still ends on it, and so does
 * the focus.
 *
 * @param {Element} parent
 * @param {readonly HTMLElement[]} buttons
 */
function drawButtons(parent, buttons) {
  const old = new Map([...parent.children].map((button) => [button.getAttribute("data-key"), button]));
  arrange(
    parent,
    buttons.map((button) => {
      const kept = old.get(button.dataset.key ?? null);
      if (!kept) return button;
      if (!kept.isEqualNode(button)) become(kept, button);
      return kept;
    }),
  );
}

/**
 * @param {Element} kept
 * @param {Element} next
 */
function become(kept, next) {
  for (const { name } of [...kept.attributes]) if (!next.hasAttribute(name)) kept.removeAttribute(name);
  for (const { name, value } of next.attributes) kept.setAttribute(name, value);
  kept.replaceChildren(...next.childNodes);
}
