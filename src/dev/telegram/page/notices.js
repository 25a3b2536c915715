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
  openDialog(text, "OK", false);
}

/**
 * @param {string} text
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export function confirmWith(text, yes) {
  return openDialog(text, yes, true);
}

/**
 * @param {string} text
 * @param {string} yes
 * @param {boolean} canCancel
 * @returns {Promise<boolean>}
 */
function openDialog(text, yes, canCancel) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("dialog"));
  if (dialog.open) dialog.close("");
  byId("dialog-text").textContent = text;
  byId("dialog-ok").textContent = yes;
  byId("dialog-cancel").hidden = !canCancel;
  dialog.returnValue = "";
  dialog.showModal();
  byId("dialog-ok").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
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
