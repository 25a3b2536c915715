// @ts-check
/** The messages of a chat on the screen: grouped, divided by days, and at the bottom as long as the reader is. */

import { arrange, byId, el, isCalm } from "./dom.js";
import { inheritState, keyOf, renderMessage, serviceText } from "./message.js";
import { dayName, isSameDay, now } from "./time.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./message.js").Setting} Setting
 *
 * @typedef {object} Scene What the feed shows.
 * @property {string} key tells one chat or topic from another
 * @property {readonly Message[]} messages
 * @property {(message: Message) => Omit<Setting, "before">} settingOf
 *
 * @typedef {{ row: HTMLLIElement, message: Message, json: string }} Shown
 *
 * @typedef {object} Feed
 * @property {(scene: Scene) => void} show
 * @property {(messageId: number) => boolean} jump scrolls to a message; `false` if it is not here
 * @property {(message: Message) => void} redraw
 * @property {() => void} toBottom
 * @property {() => boolean} isAtBottom
 */

/** Messages of one sender closer than this (seconds) stand as one group. */
const GROUP_GAP = 300;

/** The reader is "at the bottom" within this many pixels. */
const NEAR = 48;

/** Who has not scrolled for so long (milliseconds) reads. */
const TRAVEL_ENDS = 1200;

/**
 * @param {import("./message.js").MessageActions} actions
 * @param {() => void} onScroll
 * @returns {Feed}
 */
export function createFeed(actions, onScroll) {
  const scroller = byId("feed");
  const list = byId("messages");
  /** @type {Map<string, Shown>} */
  let shown = new Map();
  /** @type {Map<string, HTMLLIElement>} the days, each with its messages inside */
  let days = new Map();
  /** @type {Scene | undefined} */
  let scene;
  let atBottom = true;
  /** On the way to the bottom, which counts as being there. */
  let isDescending = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let journey;
  /** @type {Map<string, number>} where the reader was in the other chats */
  const places = new Map();

  /** @param {Scene} next */
  function show(next) {
    const isSame = next.key === scene?.key;
    if (!isSame) leave();
    scene = next;
    const height = list.offsetHeight;
    const knew = isSame && shown.size > 0;
    const fresh = draw(next, knew);
    if (!isSame) enter(next.key);
    else if (atBottom || isDescending) {
      stick();
      if (fresh && knew) slide(list.offsetHeight - height);
    }
  }

  function leave() {
    if (scene) places.set(scene.key, atBottom ? Number.POSITIVE_INFINITY : scroller.scrollTop);
    shown = new Map();
    days = new Map();
    list.replaceChildren();
  }

  /** @param {string} key */
  function enter(key) {
    scroller.scrollTop = Math.min(places.get(key) ?? Number.POSITIVE_INFINITY, scroller.scrollHeight);
    noteScroll();
  }

  /**
   * @param {Scene} scene
   * @param {boolean} isLive the reader watches: mark what appears and what changes
   * @returns {boolean} whether a message was added
   */
  function draw({ messages, settingOf }, isLive) {
    /** @type {Map<string, Shown>} */
    const next = new Map();
    /** @type {Map<HTMLLIElement, HTMLLIElement[]>} */
    const rows = new Map();
    let hasNew = false;
    for (const [index, message] of messages.entries()) {
      const known = shown.get(keyOf(message));
      const current = keep(known, message) ?? render(message, known, settingOf(message), isLive);
      hasNew ||= !known;
      next.set(keyOf(message), current);
      current.row.classList.toggle("first", !isTogether(messages[index - 1], message));
      current.row.classList.toggle("last", !isTogether(message, messages[index + 1]));
      const day = dayOf(message.date);
      rows.set(day, [...(rows.get(day) ?? []), current.row]);
    }
    shown = next;
    arrange(list, [...rows.keys()]);
    for (const [day, messagesOfDay] of rows) arrange(/** @type {Element} */ (day.lastElementChild), messagesOfDay);
    for (const { row } of next.values()) measureQuotes(row);
    return hasNew;
  }

  /**
   * A message that says what it said keeps its element, whether or not it was loaded again.
   *
   * @param {Shown | undefined} known
   * @param {Message} message
   */
  function keep(known, message) {
    if (known?.message === message) return known;
    return known?.json === JSON.stringify(message) ? { ...known, message } : undefined;
  }

  /**
   * @param {Message} message
   * @param {Shown | undefined} known
   * @param {Omit<Setting, "before">} setting
   * @param {boolean} isLive
   * @returns {Shown}
   */
  function render(message, known, setting, isLive) {
    const row = renderMessage(message, { ...setting, before: isLive ? known?.message : undefined }, actions);
    if (known) inheritState(row, known.row);
    if (known && isLive) row.classList.add("edited-now");
    if (!known && isLive) row.classList.add("new");
    return { row, message, json: JSON.stringify(message) };
  }

  /** @param {number} date */
  function dayOf(date) {
    const key = new Date(date * 1000).toDateString();
    const row = days.get(key) ?? el("li", {}, el("div", { class: "day" }, el("span", { class: "pill" })), el("ol"));
    const pill = row.querySelector(".pill");
    const name = dayName(date, now());
    if (pill && pill.textContent !== name) pill.textContent = name;
    days.set(key, row);
    return row;
  }

  /**
   * Lets the messages rise into place after the view has jumped to the bottom.
   *
   * @param {number} by pixels
   */
  function slide(by) {
    if (by <= 0 || by > 1200 || isCalm()) return;
    list.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 220, easing: "ease-out" });
  }

  function stick() {
    scroller.scrollTop = scroller.scrollHeight;
    atBottom = true;
  }

  function noteScroll() {
    atBottom = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
    scroller.classList.toggle("travelling", !atBottom);
    clearTimeout(journey);
    journey = setTimeout(() => scroller.classList.remove("travelling"), TRAVEL_ENDS);
    onScroll();
  }

  function noteArrival() {
    isDescending = false;
  }

  scroller.addEventListener("scroll", noteScroll, { passive: true });
  for (const type of ["scrollend", "wheel", "touchstart"])
    scroller.addEventListener(type, noteArrival, { passive: true });
  // Photos load, quotes unfold, windows turn: whoever is at the bottom stays there.
  const observer = new ResizeObserver(() => {
    if (atBottom) stick();
    else noteScroll();
  });
  observer.observe(scroller);
  observer.observe(list);

  return {
    show,
    isAtBottom: () => atBottom,
    toBottom: () => {
      isDescending = true;
      scroller.scrollTo({ top: scroller.scrollHeight, behavior: isCalm() ? "auto" : "smooth" });
    },
    jump: (messageId) => {
      const row = shown.get(String(messageId))?.row;
      if (row) spotlight(row);
      return row !== undefined;
    },
    redraw: (message) => {
      const known = shown.get(keyOf(message));
      if (!known || !scene) return;
      const { message: current, json } = known;
      const row = renderMessage(current, { ...scene.settingOf(current), before: undefined }, actions);
      row.classList.toggle("first", known.row.classList.contains("first"));
      row.classList.toggle("last", known.row.classList.contains("last"));
      inheritState(row, known.row);
      measureQuotes(row);
      shown.set(keyOf(current), { row, message: current, json });
    },
  };
}

/** @param {HTMLElement} row */
function spotlight(row) {
  row.scrollIntoView({ block: "center", behavior: isCalm() ? "auto" : "smooth" });
  row.classList.remove("spotlight");
  requestAnimationFrame(() => row.classList.add("spotlight"));
}

/**
 * A quote that is short enough needs no button.
 *
 * @param {Element} row
 */
function measureQuotes(row) {
  for (const quote of row.querySelectorAll("blockquote.expandable:not(.expanded)")) {
    const holder = quote.querySelector(":scope > .holder");
    if (holder) quote.classList.toggle("whole", holder.scrollHeight <= holder.clientHeight + 4);
  }
}

/**
 * Whether two messages stand as one group.
 *
 * @param {Message | undefined} first
 * @param {Message | undefined} second
 */
function isTogether(first, second) {
  if (!first || !second || serviceText(first) || serviceText(second)) return false;
  return (
    first.from?.id === second.from?.id &&
    first.message_thread_id === second.message_thread_id &&
    second.date - first.date < GROUP_GAP &&
    isSameDay(first.date, second.date)
  );
}
