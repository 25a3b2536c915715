// @ts-check
/** Photos at their full size, and what is written in a document. */

import { fileUrl } from "./api.js";
import { byId, el, icon } from "./dom.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {NonNullable<Message["document"]>} Document
 */

/** Larger documents (bytes) are for a program of their own. */
const MOST_SHOWN = 2e6;

/** Rows and lines shown of a document; whoever wants the rest downloads it. */
const MOST_LINES = 500;

/**
 * @param {string} fileId
 * @param {string} caption
 */
export function showPhoto(fileId, caption) {
  const url = fileUrl(fileId);
  open(caption.split("\n")[0] || "Photo", url, "photo.png", el("img", { src: url, alt: caption || "Photo" }));
}

/**
 * @param {Document} file
 * @returns {boolean} whether it is text, and short enough to be shown here
 */
export function isReadable({ file_name = "", mime_type = "", file_size = 0 }) {
  const isText = mime_type.startsWith("text/") || /\.(csv|jsonl|ndjson|json|txt|log|md)$/i.test(file_name);
  return isText && file_size <= MOST_SHOWN;
}

/** @param {Document} file */
export async function showDocument(file) {
  const name = file.file_name ?? "file";
  const url = fileUrl(file.file_id);
  const text = await (await fetch(url)).text();
  open(name, url, name, /\.csv$/i.test(name) ? table(text) : lines(text));
}

/**
 * @param {string} title
 * @param {string} url
 * @param {string} fileName
 * @param {HTMLElement} content
 */
function open(title, url, fileName, content) {
  const viewer = /** @type {HTMLDialogElement} */ (byId("viewer"));
  const cross = el("button", { type: "button", class: "icon-button", "aria-label": "Close" }, icon("close"));
  cross.addEventListener("click", () => viewer.close());
  byId("viewer-head").replaceChildren(
    el("h2", { id: "viewer-title" }, title),
    el("a", { class: "icon-button", href: url, download: fileName, "aria-label": "Download" }, icon("down")),
    cross,
  );
  byId("viewer-body").replaceChildren(content);
  viewer.classList.toggle("of-photo", content instanceof HTMLImageElement);
  viewer.showModal();
  cross.focus();
}

/** @param {string} text */
function lines(text) {
  const all = text.replace(/\n$/, "").split("\n");
  return el("pre", { class: "viewer-text", tabindex: 0 }, all.slice(0, MOST_LINES).join("\n"), rest(all.length));
}

/** @param {string} text */
function table(text) {
  const [head = [], ...rows] = cells(text);
  return el(
    "div",
    { class: "viewer-table", tabindex: 0 },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...head.map((cell) => el("th", { scope: "col" }, cell)))),
      el(
        "tbody",
        {},
        ...rows.slice(0, MOST_LINES).map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, cell)))),
      ),
    ),
    rest(rows.length),
  );
}

/** @param {number} count */
function rest(count) {
  return (
    count > MOST_LINES && el("p", { class: "viewer-rest" }, `… and ${count - MOST_LINES} more; download to see all`)
  );
}

/**
 * The cells of comma-separated values; quoted ones may hold commas, quotes and line breaks.
 *
 * @param {string} text
 * @returns {string[][]}
 */
export function cells(text) {
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  let row = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === ",") continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

/** A click beside what is shown closes it. */
export function closeViewerByClick() {
  const viewer = /** @type {HTMLDialogElement} */ (byId("viewer"));
  viewer.addEventListener(
    "click",
    ({ target }) => (target === viewer || target === byId("viewer-body")) && viewer.close(),
  );
}
