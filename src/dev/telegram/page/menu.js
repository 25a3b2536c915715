// @ts-check
/** The menu that opens at a button or under the pointer. */

import { byId, el } from "./dom.js";

/**
 * @typedef {{ label: string, run: () => void, isDanger?: boolean }} Item
 *
 * @typedef {object} Place Where on the screen, in pixels.
 * @property {number} x
 * @property {number} y
 */

/** Room that stays free around the menu, in pixels. */
const MARGIN = 8;

/**
 * Opens a menu; it closes when something is chosen, at Escape, and at a click elsewhere.
 *
 * @param {Place} place
 * @param {readonly Item[]} items
 * @param {readonly (Item & { isOn?: boolean })[]} [row] short ones that stand side by side above the others
 */
export function openMenu(place, items, row = []) {
  const popup = byId("popup");
  const choices = items.map((item) => choice(item, item.isDanger ? "popup-item danger" : "popup-item"));
  const emoji = row.map((item) => choice(item, item.isOn ? "popup-emoji on" : "popup-emoji"));
  popup.replaceChildren(...(emoji.length > 0 ? [el("div", { class: "popup-row" }, ...emoji)] : []), ...choices);
  if (!popup.matches(":popover-open")) popup.showPopover();
  const { offsetWidth: width, offsetHeight: height } = popup;
  popup.style.left = `${Math.max(MARGIN, Math.min(place.x, innerWidth - width - MARGIN))}px`;
  popup.style.top = `${Math.max(MARGIN, Math.min(place.y, innerHeight - height - MARGIN))}px`;
  choices[0]?.focus({ preventScroll: true });
}

/**
 * @param {Item} item
 * @param {string} className
 */
function choice({ label, run }, className) {
  const button = el("button", { type: "button", role: "menuitem", class: className }, label);
  button.addEventListener("click", () => {
    byId("popup").hidePopover();
    run();
  });
  return button;
}

/**
 * @param {Element} element
 * @returns {Place} right under it
 */
export function below(element) {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left, y: bottom + 4 };
}

/** Arrow keys walk along the choices, as in any menu. */
export function walkMenuByKeyboard() {
  const popup = byId("popup");
  popup.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...popup.querySelectorAll("button")];
    const index = buttons.findIndex((button) => button.matches(":focus"));
    buttons[(index + step + buttons.length) % buttons.length]?.focus();
  });
}
