// @ts-check
/** What the page says for a moment: toasts, dialogs, and the banner of a lost connection. */

import { byId, el } from "./dom.js";

/** How long a toast stays, in milliseconds: at least this, and longer for longer texts. */
const TOAST_LASTS = 3200;
const PER_CHARACTER = 40;

/** @param {string} text */
export function toast(text) {
  const element = el("div", { class: "toast", "data-testid": "toast" }, text);
  byId("toasts").replaceChildren(element);
  setTimeout(() => element.classList.add("leaving"), TOAST_LASTS + text.length * PER_CHARACTER);
  setTimeout(() => element.remove(), TOAST_LASTS + text.length * PER_CHARACTER + 250);
}

/**
 * Says something that has to be acknowledged.
 *
 * @param {string} text
 */
export function alertUser(text) {
  openDialog({ text, yes: "OK" });
}

/**
 * @param {string} text
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export async function confirmWith(text, yes) {
  return (await openDialog({ text, yes, canCancel: true })) === "ok";
}

/**
 * Asks for a line of text.
 *
 * @param {string} text
 * @param {string} yes
 * @param {string} placeholder
 * @returns {Promise<string>} empty when nothing was given
 */
export async function askFor(text, yes, placeholder) {
  const answer = await openDialog({ text, yes, canCancel: true, placeholder });
  return answer === "ok" ? /** @type {HTMLInputElement} */ (byId("dialog-input")).value.trim() : "";
}

/**
 * Lets the reader choose one of several.
 *
 * @param {string} text
 * @param {readonly string[]} choices
 * @returns {Promise<number>} its index; -1 when none was chosen
 */
export async function choose(text, choices) {
  const answer = await openDialog({ text, canCancel: true, choices });
  return answer === "" ? -1 : Number(answer);
}

/**
 * @param {object} question
 * @param {string} question.text
 * @param {string} [question.yes] what the button that agrees says; without it there is none
 * @param {boolean} [question.canCancel]
 * @param {string} [question.placeholder] of the line to write in, if there is one
 * @param {readonly string[]} [question.choices]
 * @returns {Promise<string>} "ok", the index of a choice, or nothing
 */
function openDialog({ text, yes, canCancel = false, placeholder, choices = [] }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("dialog"));
  const input = /** @type {HTMLInputElement} */ (byId("dialog-input"));
  if (dialog.open) dialog.close("");
  byId("dialog-text").textContent = text;
  byId("dialog-ok").textContent = yes ?? "";
  byId("dialog-ok").hidden = yes === undefined;
  byId("dialog-cancel").hidden = !canCancel;
  byId("dialog-choices").replaceChildren(
    ...choices.map((choice, index) => el("button", { type: "submit", value: index }, choice)),
  );
  input.hidden = placeholder === undefined;
  input.placeholder = placeholder ?? "";
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  (placeholder === undefined ? byId("dialog-ok") : input).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser did not allow copying");
  }
}

/** A break shorter than this (milliseconds) is not worth a word. */
const GRACE = 600;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let banner;

/** @param {boolean} isConnected */
export function showConnection(isConnected) {
  clearTimeout(banner);
  const element = byId("connection");
  if (isConnected) element.hidden = true;
  else
    banner = setTimeout(() => {
      element.hidden = false;
    }, GRACE);
}
