// @ts-check
/** What a person can do beside writing: with a message, with a chat and the bot in it, and with links. */

import { addBot, createGroup, erase, openTopic, pin, react, setBot, start } from "./api.js";
import { botLink } from "./links.js";
import { openMenu } from "./menu.js";
import { askFor, choose, copyText, toast } from "./notices.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./api.js").ChatState} ChatState
 * @typedef {import("./store.js").Known} Known
 * @typedef {import("./menu.js").Item} Item
 * @typedef {import("./menu.js").Place} Place
 *
 * @typedef {object} Deeds
 * @property {(message: Message, place: Place) => void} openMessageMenu
 * @property {(message: Message, emoji: string) => void} toggleReaction
 * @property {(chat: ChatState, place: Place) => void} openChatMenu
 * @property {(place: Place) => void} openNewMenu
 * @property {(url: string) => boolean} followBotLink `false` when the link leads elsewhere
 * @property {(chat: ChatState) => { label: string, run: () => void } | undefined} wayIn what has to be done before the
 *   bot can be written to
 */

/** The reactions a menu offers; a bot may be told of them. */
const REACTIONS = ["👍", "👀", "👌", "❤", "🔥", "🤔"];

/**
 * @param {object} page
 * @param {() => Known | undefined} page.known
 * @param {(chatId: number) => void} page.open
 * @param {(message: Message) => void} page.reply
 * @returns {Deeds}
 */
export function createDeeds({ known, open, reply }) {
  /** @param {Promise<unknown>} work what the stand-in refuses is said in its words */
  async function attempt(work) {
    try {
      return await work;
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /**
   * @param {Message} message
   * @param {string} emoji
   */
  function toggleReaction(message, emoji) {
    attempt(react(message, isMine(message, emoji) ? undefined : emoji));
  }

  /**
   * @param {Message} message
   * @param {string} emoji
   */
  function isMine({ reactions = [] }, emoji) {
    const me = known()?.me.id ?? 0;
    return reactions.some((reaction) => reaction.emoji === emoji && reaction.user_ids.includes(me));
  }

  /**
   * @param {Message} message
   * @param {Place} place
   */
  function openMessageMenu(message, place) {
    const chat = known()?.chats.get(message.chat.id);
    const isEphemeral = message.ephemeral_message_id !== undefined;
    const isPinned = chat?.pinned.includes(message.message_id) ?? false;
    const mayDelete = isEphemeral || chat?.moderates || message.from?.id === known()?.me.id;
    const text = message.text ?? message.caption;
    /** @type {(Item | false | undefined)[]} */
    const items = [
      !isEphemeral && { label: "Reply", run: () => reply(message) },
      text !== undefined && { label: "Copy text", run: () => copyText(text) },
      chat?.moderates &&
        !isEphemeral && { label: isPinned ? "Unpin" : "Pin", run: () => attempt(pin(message, !isPinned)) },
      mayDelete && { label: "Delete", isDanger: true, run: () => attempt(erase(message)) },
    ];
    const row = REACTIONS.map((emoji) => ({
      label: emoji,
      isOn: isMine(message, emoji),
      run: () => toggleReaction(message, emoji),
    }));
    openMenu(place, items.filter(isItem), isEphemeral ? [] : row);
  }

  /**
   * @param {ChatState} chat
   * @param {Place} place
   */
  function openChatMenu(chat, place) {
    const { id, type, is_forum } = chat.chat;
    const bot = known()?.bot.first_name;
    const status = (/** @type {"administrator" | "member" | "kicked"} */ next) => () => attempt(setBot(id, next));
    const isGroup = type !== "private";
    const way = wayIn(chat);
    /** @type {(Item | false | undefined)[]} */
    const items = [
      way,
      is_forum && { label: "New topic…", run: () => newTopic(id) },
      isGroup && chat.bot === "member" && { label: `Make ${bot} an administrator`, run: status("administrator") },
      isGroup && chat.bot === "administrator" && { label: `Make ${bot} a plain member`, run: status("member") },
      !way && {
        label: isGroup ? `Remove ${bot} from the group` : `Block ${bot}`,
        isDanger: true,
        run: status("kicked"),
      },
    ];
    openMenu(place, items.filter(isItem));
  }

  /** @param {number} chatId */
  async function newTopic(chatId) {
    const name = await askFor("Name of the topic", "Create", "orders-api");
    if (name) attempt(openTopic(chatId, name));
  }

  /** @param {Place} place */
  function openNewMenu(place) {
    openMenu(place, [
      { label: "New group…", run: () => attempt(newGroup(false)) },
      { label: "New group with topics…", run: () => attempt(newGroup(true)) },
      { label: "Open a t.me link…", run: askForLink },
    ]);
  }

  /**
   * @param {boolean} isForum
   * @param {string} [payload] of the link that asked for a group
   */
  async function newGroup(isForum, payload) {
    const title = await askFor(isForum ? "Name of the group with topics" : "Name of the group", "Create", "Ops");
    if (!title) return;
    const { chat } = await createGroup(title, isForum);
    await addBot(chat.id, payload);
    open(chat.id);
  }

  async function askForLink() {
    const url = await askFor("A link to the bot", "Open", `t.me/${known()?.bot.username}?start=…`);
    if (url && !followBotLink(url)) toast(`That is no link to @${known()?.bot.username}`);
  }

  /** @param {string} url */
  function followBotLink(url) {
    const link = botLink(url, known()?.bot.username);
    if (link) attempt(link.kind === "start" ? startWith(link.payload) : addToGroup(link.payload));
    return link !== undefined;
  }

  /** @param {string} payload */
  async function startWith(payload) {
    const { message } = await start(payload);
    open(message.chat.id);
  }

  /** @param {string} payload */
  async function addToGroup(payload) {
    const groups = [...(known()?.chats.values() ?? [])].filter(
      ({ chat, moderates }) => chat.type !== "private" && moderates,
    );
    const names = groups.map(({ chat }) => chat.title ?? "Group");
    const index = await choose("Add the bot to which group?", [...names, "New group…", "New group with topics…"]);
    const group = groups[index];
    if (group) {
      await addBot(group.chat.id, payload);
      open(group.chat.id);
    } else if (index >= 0) await newGroup(index > groups.length, payload);
  }

  /** @param {ChatState} chat */
  function wayIn({ chat, bot }) {
    if (bot === "never started") return { label: "Start", run: () => attempt(start("")) };
    if (bot === "blocked") return { label: "Unblock", run: () => attempt(start("")) };
    if (bot === "kicked" || bot === "left") return { label: "Add the bot", run: () => attempt(addBot(chat.id)) };
    return undefined;
  }

  return { openMessageMenu, toggleReaction, openChatMenu, openNewMenu, followBotLink, wayIn };
}

/**
 * @param {Item | false | undefined} item
 * @returns {item is Item}
 */
function isItem(item) {
  return Boolean(item);
}
