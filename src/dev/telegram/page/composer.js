// @ts-check
/** The box to write in, and the menu of the bot's commands that a "/" opens. */

import { byId, el } from "./dom.js";
import { nameOf, summaryOf } from "./message.js";

/**
 * @typedef {{ command: string, description: string }} Command
 * @typedef {import("./api.js").Message} Message
 *
 * @typedef {object} Composer
 * @property {(place: string, label: string, commands: readonly Command[]) => void} enter moves to a chat or topic, keeping each one's draft
 * @property {(text: string) => void} write
 * @property {(message: Message | undefined) => void} replyTo what the next text answers
 * @property {(way: { label: string, run: () => void } | undefined) => void} close puts a button in the place of the box
 * @property {() => void} focus
 */

/** The tallest the box grows, in pixels. */
const TALLEST = 200;

/**
 * @param {(text: string, replyTo: number | undefined) => void} send
 * @returns {Composer}
 */
export function createComposer(send) {
  const form = byId("compose");
  const input = /** @type {HTMLTextAreaElement} */ (byId("input"));
  const button = /** @type {HTMLButtonElement} */ (byId("send"));
  const menu = byId("menu");
  const toggle = byId("menu-toggle");
  /** @type {readonly Command[]} */
  let commands = [];
  /** @type {readonly Command[]} */
  let offered = [];
  let chosen = 0;
  let place = "";
  /** @type {Map<string, string>} */
  const drafts = new Map();
  /** @type {Message | undefined} */
  let answered;
  let enterChat = () => {};

  /** @param {string} text */
  function write(text) {
    input.value = text;
    grow();
    offerFor(text);
  }

  function grow() {
    button.disabled = input.value.trim() === "";
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, TALLEST)}px`;
  }

  function submit() {
    const text = input.value.trim();
    if (!text) return;
    write("");
    const replyTo = answered?.message_id;
    answer(undefined);
    send(text, replyTo);
  }

  /** @param {Message | undefined} message */
  function answer(message) {
    answered = message;
    byId("reply").hidden = !message;
    byId("reply-text").textContent = message ? `${nameOf(message)}: ${summaryOf(message, 80)}` : "";
  }

  /** @param {string} text */
  function offerFor(text) {
    const prefix = /^\/(\w*)$/.exec(text)?.[1];
    offer(prefix === undefined ? [] : commands.filter(({ command }) => command.startsWith(prefix.toLowerCase())));
  }

  /** @param {readonly Command[]} list */
  function offer(list) {
    offered = list;
    chosen = 0;
    menu.hidden = list.length === 0;
    toggle.setAttribute("aria-expanded", String(!menu.hidden));
    menu.replaceChildren(...list.map(option));
    choose(0);
  }

  /**
   * @param {Command} command
   * @param {number} index
   */
  function option(command, index) {
    const item = el(
      "div",
      { role: "option", id: `command-${index}`, class: "menu-item" },
      el("span", { class: "menu-command" }, `/${command.command}`),
      el("span", { class: "menu-description" }, command.description),
    );
    item.addEventListener("pointermove", () => choose(index));
    item.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    item.addEventListener("click", () => run(command));
    return item;
  }

  /** @param {number} index */
  function choose(index) {
    chosen = (index + offered.length) % Math.max(offered.length, 1);
    for (const [i, item] of [...menu.children].entries()) item.setAttribute("aria-selected", String(i === chosen));
    if (menu.hidden) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `command-${chosen}`);
    menu.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Command} command */
  function run({ command }) {
    write(`/${command}`);
    submit();
    input.focus();
  }

  /** @param {KeyboardEvent} event */
  function onMenuKey(event) {
    const command = offered[chosen];
    if (menu.hidden || !command) return false;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" && !event.shiftKey) run(command);
    else if (event.key === "Tab" && !event.shiftKey) write(`/${command.command} `);
    else if (event.key === "Escape") offer([]);
    else return false;
    return true;
  }

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter belongs to the input method
    if (onMenuKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  });
  input.addEventListener("input", () => {
    grow();
    offerFor(input.value);
  });
  input.addEventListener("blur", () => offer([]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  byId("reply-cancel").addEventListener("click", () => answer(undefined));
  byId("join").addEventListener("click", () => enterChat());
  toggle.addEventListener("pointerdown", (event) => event.preventDefault());
  toggle.addEventListener("click", () => {
    const isOpen = !menu.hidden;
    input.focus();
    offer(isOpen ? [] : commands);
  });
  document.addEventListener("keydown", (event) => {
    const isElsewhere = document.activeElement === document.body || document.activeElement?.id === "feed";
    if (event.key !== "/" || !isElsewhere) return;
    event.preventDefault();
    write("/");
    input.focus();
  });

  return {
    enter: (next, label, list) => {
      const isNews = JSON.stringify(list) !== JSON.stringify(commands);
      commands = list;
      toggle.hidden = list.length === 0;
      input.placeholder = label;
      input.setAttribute("aria-label", label);
      if (next === place) {
        if (isNews && document.activeElement === input) offerFor(input.value);
        return;
      }
      drafts.set(place, input.value);
      place = next;
      write(drafts.get(next) ?? "");
      offer([]);
      answer(undefined);
    },
    write: (text) => {
      write(text);
      input.focus();
    },
    replyTo: (message) => {
      answer(message);
      input.focus();
    },
    close: (way) => {
      byId("composer-box").hidden = way !== undefined;
      byId("join").hidden = !way;
      byId("join").textContent = way?.label ?? "";
      if (way) enterChat = way.run;
    },
    focus: () => input.focus(),
  };
}
