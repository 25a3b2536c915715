// @ts-check
/**
 * The chat page: loads the state, follows the events, and draws what is in view. Everything it shows comes from
 * `chat/state` and `chat/stream`; everything it does goes through the other addresses that api.js knows.
 */

import { listen, loadState, readAs, say } from "./api.js";
import { createComposer } from "./composer.js";
import { createDeeds } from "./deeds.js";
import { byId, el } from "./dom.js";
import { createFeed } from "./feed.js";
import { below, walkMenuByKeyboard } from "./menu.js";
import { alertUser, confirmWith, copyText, showConnection, toast } from "./notices.js";
import { createPresses } from "./presses.js";
import {
  drawChats,
  drawHead,
  drawPeople,
  drawPinned,
  drawTopics,
  revealTopic,
  walkTopicsByKeyboard,
} from "./sidebar.js";
import {
  apply,
  chatsByDate,
  GENERAL,
  hasTopics,
  know,
  markRead,
  messagesIn,
  threadOf,
  titleOf,
  unreadIn,
} from "./store.js";
import { toggleTheme } from "./theme.js";
import { keepTimesTrue } from "./time.js";
import { closeViewerByClick, showDocument, showPhoto } from "./viewer.js";

/**
 * @typedef {import("./api.js").ChatEvent} ChatEvent
 * @typedef {import("./api.js").ChatState} ChatState
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./store.js").Known} Known
 * @typedef {import("./store.js").View} View
 */

/** @type {Known | undefined} */
let known;
/** @type {View} */
let view = viewFromAddress() ?? { chatId: 0, threadId: null };
/** @type {ChatEvent[] | undefined} events that arrive while the state is being loaded */
let backlog;
let pinTurn = 0;
let isDrawing = false;

const presses = createPresses({
  onChange: (message) => feed.redraw(message),
  onAnswer: showAnswer,
  onSilence: () => toast("The bot did not answer in time: what it says now may not be seen"),
  onFailure: () => toast("The button could not be pressed: is the stand-in running?"),
});

const deeds = createDeeds({
  known: () => known,
  open: (chatId) => open({ chatId, threadId: null }),
  reply: (message) => composer.replyTo(message),
});

const feed = createFeed(
  {
    command: (text) => sendText(text),
    copy: copyText,
    open: openLink,
    press: presses.press,
    stateOf: presses.stateOf,
    menu: deeds.openMessageMenu,
    react: deeds.toggleReaction,
    showPhoto,
    showDocument,
    jump: jumpTo,
    openTopic: (threadId) => open({ chatId: view.chatId, threadId }),
  },
  onScroll,
);

const composer = createComposer(sendText);

// ---------------------------------------------------------------------------- what arrives

const listenAnew = listen({
  onOpen: () => reload(),
  onLost: () => showConnection(false),
  onEvent: (event) => (backlog ? backlog.push(event) : take(event)),
});

/** Loads the state, then applies what happened meanwhile. */
async function reload() {
  backlog ??= [];
  try {
    known = know(await loadState(), known);
    showConnection(true);
  } catch {
    setTimeout(reload, 1000);
    return;
  }
  const missed = backlog;
  backlog = undefined;
  for (const event of missed) take(event);
  draw();
}

/** @param {ChatEvent} event */
function take(event) {
  if (!known) return;
  if (event.type === "answer") presses.settle(event);
  if (!apply(known, event, Date.now())) reload();
  if (event.type === "typing") setTimeout(draw, 5100);
  draw();
}

/** An answer that took longer (milliseconds) is told with its time: people press again. */
const SLOW = 2000;

/**
 * @param {Answer} answer
 * @param {number} took milliseconds
 */
async function showAnswer({ text, show_alert, url }, took) {
  if (url && (await confirmWith(`Open ${url}?`, "Open"))) openLink(url);
  else if (text) (show_alert ? alertUser : toast)(took > SLOW ? `${text}\n${lateness(took)}` : text);
  else if (took > SLOW) toast(lateness(took));
}

/** @param {number} took milliseconds */
function lateness(took) {
  return `Answered after ${(took / 1000).toFixed(1)} s`;
}

// ---------------------------------------------------------------------------- what the reader does

/**
 * @param {string} text
 * @param {number} [replyTo]
 */
async function sendText(text, replyTo) {
  const { chatId, threadId } = view;
  try {
    await say(chatId, text, { threadId: threadId || undefined, replyTo });
    feed.toBottom();
  } catch {
    toast("Not sent: is the stand-in running?");
    composer.write(text);
  }
}

/** @param {number} userId */
function become(userId) {
  if (userId === known?.me.id) return;
  readAs(userId);
  listenAnew();
}

/** @param {View} next */
function open(next) {
  view = next;
  pinTurn = 0;
  showDrawer(false);
  history.replaceState(null, "", `#${next.chatId}${next.threadId === null ? "" : `/${next.threadId}`}`);
  drawNow();
  revealTopic();
  if (matchMedia("(hover: hover)").matches) composer.focus();
}

/** @returns {View | undefined} */
function viewFromAddress() {
  const [, chat, thread] = /^#(-?\d+)(?:\/(\d+))?$/.exec(location.hash) ?? [];
  return chat === undefined
    ? undefined
    : { chatId: Number(chat), threadId: thread === undefined ? null : Number(thread) };
}

/** @param {string} url */
function openLink(url) {
  if (deeds.followBotLink(url)) return;
  if (/^(https?|tg|mailto|tel):/i.test(url)) window.open(url, "_blank", "noopener");
}

/** @param {number} messageId */
function jumpTo(messageId) {
  if (feed.jump(messageId)) return;
  const isElsewhere = known?.chats.get(view.chatId)?.messages.some(({ message_id }) => message_id === messageId);
  if (!isElsewhere) return toast("That message is not here any more");
  open({ ...view, threadId: null });
  feed.jump(messageId);
}

/** @param {boolean} isOpen */
function showDrawer(isOpen) {
  const wasOpen = document.body.classList.contains("drawer-open");
  document.body.classList.toggle("drawer-open", isOpen);
  byId("drawer-open").setAttribute("aria-expanded", String(isOpen));
  if (isOpen !== wasOpen) byId(isOpen ? "drawer-close" : "drawer-open").focus();
}

function onScroll() {
  if (known && isSeen() && markRead(known, view)) draw();
  drawLatest();
}

/** Whether what is at the bottom of the feed is being read. */
function isSeen() {
  return feed.isAtBottom() && document.visibilityState === "visible";
}

// ---------------------------------------------------------------------------- drawing

/** Draws once for all that happens within a frame. Timers run in hidden tabs, animation frames do not. */
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  setTimeout(drawNow, 16);
}

function drawNow() {
  isDrawing = false;
  const chat = known && currentChat(known);
  if (!known || !chat) return drawEmpty(undefined);
  const messages = messagesIn(chat, view);
  if (isSeen()) markRead(known, view);
  drawHead(known, chat, view);
  drawTopics(known, chat, view, open);
  drawPinned(chat, view, pinTurn);
  drawFeed(known, chat, messages);
  drawChats(known, view, open);
  drawPeople(known, become);
  drawComposer(known, chat);
  drawEmpty(messages.length === 0 ? chat : undefined);
  drawLatest();
  drawTitle(known);
}

/**
 * The chat in view; the most recent one while the reader has chosen none.
 *
 * @param {Known} known
 */
function currentChat(known) {
  const chat = known.chats.get(view.chatId) ?? chatsByDate(known)[0];
  if (!chat) return undefined;
  const { threadId } = view;
  const isThere = threadId === GENERAL || chat.topics.some((topic) => topic.message_thread_id === threadId);
  view = { chatId: chat.chat.id, threadId: chat.chat.id === view.chatId && isThere ? threadId : null };
  return chat;
}

/**
 * @param {Known} known
 * @param {ChatState} chat
 * @param {readonly Message[]} messages
 */
function drawFeed(known, chat, messages) {
  const showsTopics = hasTopics(chat) && view.threadId === null;
  feed.show({
    key: `${view.chatId}/${view.threadId}`,
    messages,
    settingOf: (message) => ({
      mine: message.from?.id === known.me.id,
      me: known.me.id,
      isGroup: chat.chat.type !== "private",
      topic: showsTopics ? chat.topics.find((topic) => topic.message_thread_id === threadOf(chat, message)) : undefined,
    }),
  });
  byId("feed").classList.toggle("group", chat.chat.type !== "private");
}

/**
 * @param {Known} known
 * @param {ChatState} chat
 */
function drawComposer(known, chat) {
  const topic = chat.topics.find((topic) => topic.message_thread_id === view.threadId);
  const where = topic ? ` in ${topic.name}` : chat.chat.type === "private" ? ` ${titleOf(known, chat)}` : "";
  const isDefault = known.me.id === known.people[0]?.id;
  const label = `Message${where}${isDefault ? "" : ` as ${known.me.first_name}`}`;
  composer.close(deeds.wayIn(chat));
  composer.enter(`${view.chatId}/${view.threadId}`, label, chat.commands);
}

/** @param {ChatState | undefined} chat the chat in view when nothing was said in it */
function drawEmpty(chat) {
  byId("empty").hidden = !chat;
  byId("empty-commands").hidden = chat !== undefined && deeds.wayIn(chat) !== undefined;
  if (!chat || byId("empty-commands").childElementCount === chat.commands.length) return;
  const chips = chat.commands.map(({ command, description }) => {
    const chip = el("button", { type: "button", class: "chip", title: description }, `/${command}`);
    chip.addEventListener("click", () => sendText(`/${command}`));
    return chip;
  });
  byId("empty-commands").replaceChildren(...chips);
}

/** The way back down, and how much waits there. */
function drawLatest() {
  const count = known ? unreadIn(known, view) : 0;
  const button = byId("latest");
  button.hidden = feed.isAtBottom();
  button.setAttribute("aria-label", count > 0 ? `${count} new messages: scroll down` : "Scroll down");
  byId("latest-text").textContent = count > 0 ? `${count} new` : "";
}

/** @param {Known} known */
function drawTitle(known) {
  const count = unreadIn(known);
  const chat = known.chats.get(view.chatId);
  document.title = `${count > 0 ? `(${count}) ` : ""}${chat ? titleOf(known, chat) : "snitchbot"} · local chat`;
}

// ---------------------------------------------------------------------------- controls

byId("theme").addEventListener("click", toggleTheme);
byId("new").addEventListener("click", () => deeds.openNewMenu(below(byId("new"))));
byId("chat-menu").addEventListener("click", () => {
  const chat = known?.chats.get(view.chatId);
  if (chat) deeds.openChatMenu(chat, below(byId("chat-menu")));
});
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link && deeds.followBotLink(link.href)) event.preventDefault();
});
byId("drawer-open").addEventListener("click", () => showDrawer(true));
byId("drawer-close").addEventListener("click", () => showDrawer(false));
byId("scrim").addEventListener("click", () => showDrawer(false));
byId("latest").addEventListener("click", () => feed.toBottom());
byId("pinned").addEventListener("click", () => {
  const chat = known?.chats.get(view.chatId);
  const message = chat && drawPinned(chat, view, pinTurn);
  if (!message) return;
  jumpTo(message.message_id);
  pinTurn++;
  drawPinned(chat, view, pinTurn);
});
document.addEventListener("keydown", ({ key }) => key === "Escape" && showDrawer(false));
document.addEventListener("visibilitychange", draw);
addEventListener("hashchange", () => {
  view = viewFromAddress() ?? view;
  draw();
});

walkTopicsByKeyboard();
walkMenuByKeyboard();
closeViewerByClick();
keepTimesTrue();
showConnection(false);
// What is said in relative times outside the messages grows old as well.
setInterval(draw, 30_000);
