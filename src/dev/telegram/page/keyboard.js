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
 * @property {(data: string) => boolean} isPending whether this button still waits for the bot's answer
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
  const { work, mark, pending } = meaningOf(button, actions);
  const element = el(
    "button",
    {
      type: "button",
      class: `key ${button.style ?? ""}`,
      disabled: !work,
      "aria-busy": pending && "true",
    },
    el("span", { class: "key-text" }, button.text),
    mark && icon(mark, "icon key-mark"),
  );
  if (work) element.addEventListener("click", work);
  return element;
}

/**
 * @param {InlineKeyboardButton} button
 * @param {KeyboardActions} actions
 * @returns {{ work?: () => void, mark?: string, pending?: boolean }} no work for a button that is dead
 */
function meaningOf(button, actions) {
  if ("disabled" in button) return {};
  if ("url" in button) return { work: () => actions.open(button.url), mark: "out" };
  if ("copy_text" in button) return { work: () => actions.copy(button.copy_text.text), mark: "copy" };
  if (!("callback_data" in button)) return {}; // games, payments, mini apps: not on this stand
  const { callback_data: data } = button;
  const pending = actions.isPending(data);
  return { work: () => !pending && actions.press(data), pending };
}
