// @ts-check
/** Text and entities → DOM: nested as they are, split where they overlap, and never read as markup. */

import { el, icon } from "./dom.js";
import { formatTime, fullTime, now } from "./time.js";

/**
 * @typedef {import("./api.js").MessageEntity} MessageEntity
 * @typedef {{ type: "changed", offset: number, length: number }} Change What an edit has just rewritten.
 * @typedef {MessageEntity | Change} Entity
 *
 * @typedef {object} TextActions What a reader can do with a text.
 * @property {(command: string) => void} command
 * @property {(text: string) => void} copy
 */

/** Entities that stand on lines of their own, and so hold the others. */
const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);

/**
 * Renders a message's text.
 *
 * @param {string} text
 * @param {readonly Entity[]} entities offsets and lengths in UTF-16 code units, as JavaScript's strings have them
 * @param {TextActions} actions
 * @returns {DocumentFragment}
 */
export function renderText(text, entities, actions) {
  const root = document.createDocumentFragment();
  const sound = entities.filter(({ offset, length }) => length > 0 && offset >= 0 && offset < text.length);
  /** @type {{ entity: Entity, node: Element }[]} the elements that are open, outermost first */
  let open = [];
  for (const piece of pieces(text, sound)) {
    const covering = sound.filter((entity) => covers(entity, piece.start)).sort(outermostFirst);
    const kept = open.findIndex(({ entity }, depth) => entity !== covering[depth]);
    open = kept < 0 ? open : open.slice(0, kept);
    for (const entity of covering.slice(open.length)) {
      const node = elementOf(entity, text, actions);
      holderOf(open.at(-1)?.node ?? root).append(node);
      open.push({ entity, node });
    }
    const inner = open.at(-1);
    // A time is said in the reader's own words, whatever the text inside it claims.
    if (inner?.entity.type === "date_time" && inner.entity.date_time_format !== "") continue;
    holderOf(inner?.node ?? root).append(...words(text.slice(piece.start, piece.end)));
  }
  return root;
}

/**
 * Text as nodes; a rule of ━ is told apart, so that it can be drawn as lightly as rules are.
 *
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
function words(text) {
  return text.split(/(━{6,})/).map((part, index) => (index % 2 ? el("span", { class: "rule" }, part) : part));
}

/**
 * A message's text as a line of a list shows it: plain, but with its times told in the reader's words.
 *
 * @param {string} text
 * @param {readonly Entity[]} entities
 * @returns {string}
 */
export function plainText(text, entities) {
  const times = entities.filter(({ type }) => type === "date_time");
  const told = pieces(text, times).map(({ start, end }) => {
    const time = times.find((entity) => covers(entity, start));
    return time?.type === "date_time" && time.date_time_format !== ""
      ? formatTime(time.unix_time, time.date_time_format, now())
      : text.slice(start, end);
  });
  return told.join("");
}

/**
 * Cuts a text wherever an entity begins or ends. A line break right after a block is left out: the block ends its line
 * already. Nothing is cut inside a time.
 *
 * @param {string} text
 * @param {readonly Entity[]} entities
 * @returns {{ start: number, end: number }[]}
 */
export function pieces(text, entities) {
  const cuts = new Set([0, text.length]);
  const breaks = new Set();
  for (const { type, offset, length } of entities) {
    const end = Math.min(offset + length, text.length);
    cuts.add(offset).add(end);
    if (!BLOCKS.has(type) || text[end] !== "\n") continue;
    breaks.add(end);
    cuts.add(end + 1);
  }
  const times = entities.filter(({ type }) => type === "date_time");
  const starts = [...cuts]
    .filter((cut) => !times.some(({ offset, length }) => cut > offset && cut < offset + length))
    .sort((a, b) => a - b);
  return starts
    .slice(0, -1)
    .map((start, index) => ({ start, end: starts[index + 1] ?? text.length }))
    .filter(({ start }) => !breaks.has(start));
}

/**
 * @param {Entity} entity
 * @param {number} position
 */
function covers({ offset, length }, position) {
  return offset <= position && position < offset + length;
}

/**
 * @param {Entity} a
 * @param {Entity} b
 */
function outermostFirst(a, b) {
  return depthOf(a) - depthOf(b) || a.offset - b.offset || b.length - a.length;
}

/** @param {Entity} entity */
function depthOf({ type }) {
  if (type === "pre") return 1;
  if (BLOCKS.has(type)) return 0;
  return type === "date_time" || type === "custom_emoji" ? 3 : 2;
}

/**
 * Where the content of an element goes: blocks wrap theirs.
 *
 * @param {ParentNode} node
 */
function holderOf(node) {
  return node.querySelector(":scope > .holder") ?? node;
}

/**
 * @param {Entity} entity
 * @param {string} text of the whole message
 * @param {TextActions} actions
 * @returns {HTMLElement}
 */
function elementOf(entity, text, actions) {
  const own = text.slice(entity.offset, entity.offset + entity.length);
  switch (entity.type) {
    case "bold":
      return el("strong");
    case "italic":
      return el("em");
    case "underline":
      return el("u");
    case "strikethrough":
      return el("s");
    case "changed":
      return el("mark", { class: "changed" });
    case "code":
      return code(own, actions);
    case "pre":
      return pre(own, entity.language, actions);
    case "spoiler":
      return spoiler();
    case "blockquote":
      return el("blockquote");
    case "expandable_blockquote":
      return expandable();
    case "text_link":
      return link(entity.url, entity.url);
    case "url":
      return link(/^[a-z][a-z0-9+.-]*:/i.test(own) ? own : `https://${own}`);
    case "email":
      return link(`mailto:${own}`);
    case "phone_number":
      return link(`tel:${own.replace(/[^+\d]/g, "")}`);
    case "bot_command":
      return command(own, actions);
    case "date_time":
      return time(entity.unix_time, entity.date_time_format);
    case "custom_emoji":
      return el("span", { class: "custom-emoji" });
    default: // mentions, hashtags, cashtags, and what Telegram thinks of next
      return el("span", { class: "reference" });
  }
}

const SAFE_LINK = /^(https?|tg|mailto|tel):/i;

/**
 * @param {string} address
 * @param {string} [title]
 */
function link(address, title) {
  if (!SAFE_LINK.test(address)) return el("span", { class: "reference", title });
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer", title });
}

/**
 * @param {string} text
 * @param {TextActions} actions
 */
function command(text, actions) {
  const button = el("button", { type: "button", class: "command" });
  button.addEventListener("click", () => actions.command(text));
  return button;
}

/**
 * @param {string} text
 * @param {TextActions} actions
 */
function code(text, actions) {
  const element = el("code", { title: "Click to copy" });
  element.addEventListener("click", () => {
    if (document.getSelection()?.isCollapsed) actions.copy(text);
  });
  return element;
}

/** Charts and tables lose their meaning when they wrap; code does not. */
const DRAWING = /[\u2500-\u259f]/;

/**
 * @param {string} text
 * @param {string | undefined} language
 * @param {TextActions} actions
 */
function pre(text, language, actions) {
  const copy = el("button", { type: "button", class: "pre-copy", "aria-label": "Copy", title: "Copy" }, icon("copy"));
  copy.addEventListener("click", () => actions.copy(text));
  const holder = el("pre", { class: DRAWING.test(text) ? "holder drawing" : "holder", tabindex: 0 });
  const columns = Math.max(...text.split("\n").map((line) => [...line].length));
  holder.style.setProperty("--columns", String(columns));
  return el("div", { class: "pre" }, language && el("span", { class: "pre-language" }, language), copy, holder);
}

function spoiler() {
  const element = el("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": "Hidden text: show it" });
  const reveal = () => showSpoiler(element);
  element.addEventListener("click", reveal, { once: true });
  element.addEventListener("keydown", ({ key }) => (key === "Enter" || key === " ") && reveal());
  return element;
}

/** @param {Element} element */
export function showSpoiler(element) {
  element.classList.add("shown");
  for (const name of ["role", "tabindex", "aria-label"]) element.removeAttribute(name);
}

function expandable() {
  const button = el("button", { type: "button", class: "more", "aria-expanded": "false" }, "Show more");
  const quote = el("blockquote", { class: "expandable" }, el("div", { class: "holder" }), button);
  button.addEventListener("click", () => expandQuote(quote, !quote.classList.contains("expanded")));
  return quote;
}

/**
 * @param {Element} quote
 * @param {boolean} expanded
 */
export function expandQuote(quote, expanded) {
  const button = quote.querySelector(":scope > .more");
  quote.classList.toggle("expanded", expanded);
  button?.setAttribute("aria-expanded", String(expanded));
  if (button) button.textContent = expanded ? "Show less" : "Show more";
}

/**
 * @param {number} unix
 * @param {string} letters
 */
function time(unix, letters) {
  const isRelative = letters === "r" || letters === "R";
  return el(
    "time",
    {
      datetime: new Date(unix * 1000).toISOString(),
      title: fullTime(unix),
      "data-unix": isRelative ? unix : null,
    },
    letters && formatTime(unix, letters, now()),
  );
}
