// @ts-check
/** The buttons under a message, rows exactly as they were sent. */

import { el, icon } from "./dom.js";

/**
 * @typedef {import("./api.js").InlineKeyboardButton} InlineKeyboardButton
 *
 * @typedef {object} KeyboardActions
 * @property {(data: string) => void} press
 * @property {(url: string) => void} open
 * @property {(text: string) => void} copy
 * @property {(data: string) => "waiting" | "unanswered" | undefined} stateOf how it stands with a button that was pressed
 */

/**
 * @param {readonly InlineKeyboardButton[][]} rows
 * @param {KeyboardActions} actions
 * @returns {HTMLElement}
 */
export function renderKeyboard(rows, actions) {
  const lines = rows.map((row) => el("div", { class: "keys" }, ...row.map((button) => key(button, actions))));
  return el("div", { class: "keyboard", role: "group", "aria-label": "Buttons of this message" }, ...lines);
}

/**
 * @param {InlineKeyboardButton} button
 * @param {KeyboardActions} actions
 */
function key(button, actions) {
  const { work, mark, state } = meaningOf(button, actions);
  const element = el(
    "button",
    {
      type: "button",
      class: `key ${button.style ?? ""} ${state ?? ""}`,
      disabled: !work,
      "aria-busy": state === "waiting" && "true",
      title: state === "unanswered" && "The bot did not answer",
    },
    el("span", { class: "key-text" }, button.text),
    mark && icon(mark, "icon key-mark"),
  );
  if (work) element.addEventListener("click", work);
  if (mark === "copy") element.addEventListener("click", () => showDone(element));
  return element;
}

/** How long a button shows that it has copied, in milliseconds. */
const DONE_LASTS = 1600;

/** @param {HTMLElement} element */
function showDone(element) {
  const mark = element.querySelector(".key-mark");
  mark?.replaceWith(icon("check", "icon key-mark"));
  setTimeout(() => element.querySelector(".key-mark")?.replaceWith(icon("copy", "icon key-mark")), DONE_LASTS);
}

/**
 * @param {InlineKeyboardButton} button
 * @param {KeyboardActions} actions
 * @returns {{ work?: () => void, mark?: string, state?: "waiting" | "unanswered" }} no work for a button that is dead
 */
function meaningOf(button, actions) {
  if ("disabled" in button) return {};
  if ("url" in button) return { work: () => actions.open(button.url), mark: "out" };
  if ("copy_text" in button) return { work: () => actions.copy(button.copy_text.text), mark: "copy" };
  if (!("callback_data" in button)) return {}; // games, payments, mini apps: not on this stand
  const { callback_data: data } = button;
  const state = actions.stateOf(data);
  return {
    work: () => state !== "waiting" && actions.press(data),
    ...(state && { state }),
    ...(state === "unanswered" && { mark: "silence" }),
  };
}
