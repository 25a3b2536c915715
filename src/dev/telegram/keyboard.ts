import type { InlineKeyboardButton, InlineKeyboardMarkup } from "@grammyjs/types";
import { isObject, type JsonObject, parsed } from "./json.ts";
import { checkLink } from "./link.ts";
import { badRequest, type Refusal } from "./refusal.ts";

/**
 * The keyboard a call gives as JSON, or undefined when it gives none; an empty one is none. Keyboards that replace the
 * reader's own (and their removal, and forced replies) are accepted and leave no trace on the message.
 */
export function readKeyboard(json: string, isPrivate: boolean): InlineKeyboardMarkup | undefined {
  if (json === "") return undefined;
  const markup = parsed(json);
  if (markup === undefined) throw badRequest("can't parse reply keyboard markup JSON object");
  if (markup === null) return undefined;
  if (!isObject(markup)) throw badRequest("object expected as reply markup");
  if (!("inline_keyboard" in markup)) return undefined;

  const rows = readRows(markup.inline_keyboard).map((row) => row.map((button) => readButton(button, isPrivate)));
  const keyboard = rows.filter((row) => row.length > 0);
  if (keyboard.flat().length > mostButtons) throw badRequest("reply markup is too long");
  return keyboard.length > 0 ? { inline_keyboard: keyboard } : undefined;
}

const mostButtons = 100;
const field = 'field "inline_keyboard" of the InlineKeyboardMarkup must be';

function readRows(rows: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(rows)) throw badRequest(`${field} of type Array`);
  if (!rows.every(Array.isArray)) throw badRequest(`${field} an Array of Arrays`);
  return rows;
}

function readButton(value: unknown, isPrivate: boolean): InlineKeyboardButton {
  if (!isObject(value)) throw unreadable("InlineKeyboardButton must be an Object");
  const text = string(value, "text");
  if (text === "") throw unreadable("button text must be non-empty");
  return { text, ...look(value), ...action(value, isPrivate) };
}

/** What a button looks like, beside its text. */
function look(button: JsonObject): Pick<InlineKeyboardButton, "style" | "icon_custom_emoji_id"> {
  const icon = typeof button.icon_custom_emoji_id === "string" && button.icon_custom_emoji_id;
  const emoji = icon ? { icon_custom_emoji_id: icon } : {};
  const { style } = button;
  if (style === undefined || style === "") return emoji;
  if (style !== "danger" && style !== "success" && style !== "primary") {
    throw unreadable("invalid button style specified");
  }
  return { ...emoji, style };
}

type Action = Omit<InlineKeyboardButton.UrlButton, "text"> | Omit<InlineKeyboardButton.CallbackButton, "text">;

/** What a button does: the first of the actions Telegram looks for. */
function action(button: JsonObject, isPrivate: boolean): Action {
  if ("url" in button) return { url: buttonUrl(string(button, "url")) };
  if ("callback_data" in button && button.callback_data !== "") return callback(string(button, "callback_data"));
  if ("web_app" in button) return webApp(button.web_app, isPrivate);
  if ("copy_text" in button) return copyText(button.copy_text);
  for (const name of otherActions) {
    if (name in button) return kept({ [name]: button[name] });
  }
  throw unreadable("Text buttons are unallowed in the inline keyboard");
}

const otherActions: readonly string[] = [
  "disabled",
  "switch_inline_query",
  "switch_inline_query_current_chat",
  "switch_inline_query_chosen_chat",
  "login_url",
  "callback_game",
  "pay",
];

/** Actions the stand-in hands on as they came: nobody here acts on them. */
const kept = (action: JsonObject): Action => action as unknown as Action;

function buttonUrl(url: string): string {
  const check = checkLink(url);
  if (check.kind === "wrong") throw badRequest(`inline keyboard button URL '${url}' is invalid: ${check.why}`);
  return check.url;
}

function callback(data: string): Action {
  if (Buffer.byteLength(data) > 64) throw badRequest("BUTTON_DATA_INVALID");
  return { callback_data: data };
}

function webApp(app: unknown, isPrivate: boolean): Action {
  if (!isObject(app)) throw unreadable('Field "web_app" must be of type Object');
  if (!isPrivate) throw badRequest("BUTTON_TYPE_INVALID");
  return kept({ web_app: app });
}

function copyText(copy: unknown): Action {
  if (!isObject(copy)) throw unreadable('Field "copy_text" must be of type Object');
  const { length } = [...string(copy, "text")];
  if (length === 0 || length > 256) throw badRequest("BUTTON_COPY_TEXT_INVALID");
  return kept({ copy_text: copy });
}

function string(object: JsonObject, name: string): string {
  const value = object[name];
  if (value === undefined) throw unreadable(`Can't find field "${name}"`);
  if (typeof value !== "string") throw unreadable(`Field "${name}" must be of type String`);
  return value;
}

function unreadable(why: string): Refusal {
  return badRequest(`can't parse inline keyboard button: ${why}`);
}
