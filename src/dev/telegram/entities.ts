import type { MessageEntity, User } from "@grammyjs/types";
import { isObject, type JsonObject, parsed } from "./json.ts";
import { checkLink, mentionedUser } from "./link.ts";
import { badRequest } from "./refusal.ts";

/** Finds the user an entity mentions. */
export type UserById = (id: number) => User | undefined;

/**
 * The entities a call gives as JSON. Types that Telegram finds by itself (mentions, hashtags, commands, addresses) are
 * left out: it does not take them from a bot.
 */
export function readEntities(json: string, userById: UserById): MessageEntity[] {
  if (json === "") return [];
  const value = parsed(json);
  if (value === undefined) throw badRequest("can't parse entities JSON object");
  if (!Array.isArray(value)) return [];
  return value.flatMap((entity) => {
    if (!isObject(entity)) throw unreadable("expected an Object");
    return readEntity(entity, userById) ?? [];
  });
}

const foundByTelegram = "mention hashtag cashtag bot_command url email phone_number bank_card_number".split(" ");
const simple = "bold italic underline strikethrough spoiler blockquote expandable_blockquote code".split(" ");

function readEntity(entity: JsonObject, userById: UserById): MessageEntity | undefined {
  const range = { offset: integer(entity, "offset"), length: integer(entity, "length") };
  const type = string(entity, "type");
  if (foundByTelegram.includes(type)) return undefined;
  if (simple.includes(type)) return { ...range, type: type as "bold" };
  switch (type) {
    case "pre":
      return typeof entity.language === "string" && entity.language !== ""
        ? { ...range, type, language: entity.language }
        : { ...range, type };
    case "text_link":
      return link(range, string(entity, "url"), userById);
    case "text_mention":
      return mention(range, isObject(entity.user) ? integer(entity.user, "id") : 0, userById);
    case "custom_emoji":
      return { ...range, type, custom_emoji_id: emojiId(string(entity, "custom_emoji_id")) };
    case "date_time": {
      const format = timeFormat(typeof entity.date_time_format === "string" ? entity.date_time_format : "");
      if (format === undefined) throw unreadable("Invalid date format used");
      return { ...range, type, unix_time: integer(entity, "unix_time"), date_time_format: format };
    }
    default:
      throw unreadable("unsupported type specified");
  }
}

/** A range of text, in UTF-16 units. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

function link(range: Range, url: string, userById: UserById): MessageEntity {
  const user = mentionedUser(url);
  if (user !== undefined) return mention(range, user, userById);
  const check = checkLink(url);
  if (check.kind === "wrong") throw badRequest(`entity URL '${url}' is invalid: ${check.why}`);
  return { ...range, type: "text_link", url: check.url };
}

function mention(range: Range, id: number, userById: UserById): MessageEntity {
  const user = userById(id);
  if (!user) throw badRequest("user not found");
  return { ...range, type: "text_mention", user };
}

function emojiId(id: string): string {
  if (!/^[1-9]\d*$/.test(id)) throw badRequest("invalid custom emoji identifier specified");
  return id;
}

/** How a `date_time` entity is written. */
export type TimeFormat = MessageEntity.DateTimeMessageEntity["date_time_format"];

/** A time's format as Telegram writes it back: `r`, or `w`, `d` or `D`, `t` or `T`; undefined when it is none. */
export function timeFormat(format: string): TimeFormat | undefined {
  if (format === "r" || format === "R") return "r";
  if (!/^[tTdDwW]*$/.test(format)) return undefined;
  const week = /w/i.test(format) ? "w" : "";
  const day = (format.match(/d/gi)?.at(-1) ?? "") as "d" | "D" | "";
  const time = (format.match(/t/gi)?.at(-1) ?? "") as "t" | "T" | "";
  return `${week}${day}${time}`;
}

function integer(object: JsonObject, name: string): number {
  const value = object[name];
  if (value === undefined) throw unreadable(`Can't find field "${name}"`);
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (!Number.isInteger(number)) throw unreadable(`Field "${name}" must be of type Number`);
  return number as number;
}

function string(object: JsonObject, name: string): string {
  const value = object[name];
  if (value === undefined) throw unreadable(`Can't find field "${name}"`);
  if (typeof value !== "string") throw unreadable(`Field "${name}" must be of type String`);
  return value;
}

function unreadable(why: string): Error {
  return badRequest(`can't parse MessageEntity: ${why}`);
}
