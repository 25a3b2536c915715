import type { MessageEntity } from "@grammyjs/types";
import { type Range, timeFormat, type UserById } from "./entities.ts";
import { checkLink, mentionedUser } from "./link.ts";
import { badRequest, type Refusal } from "./refusal.ts";

/** A tag that has been opened; `offset` is where its text begins. */
export interface OpenTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly offset: number;
}

const styles: ReadonlyMap<string, MessageEntity.CommonMessageEntity["type"]> = new Map([
  ["b", "bold"],
  ["strong", "bold"],
  ["i", "italic"],
  ["em", "italic"],
  ["s", "strikethrough"],
  ["strike", "strikethrough"],
  ["del", "strikethrough"],
  ["u", "underline"],
  ["ins", "underline"],
  ["tg-spoiler", "spoiler"],
  ["span", "spoiler"],
]);
/** The tags Telegram knows. */
export const tags: readonly string[] = [...styles.keys(), "a", "blockquote", "code", "pre", "tg-emoji", "tg-time"];

/** The entity an element makes of the text in it; undefined when it makes none. */
export function entityOf(tag: OpenTag, inner: string, userById: UserById): MessageEntity | undefined {
  const { name, attributes } = tag;
  const range = { offset: tag.offset, length: inner.length };
  const style = styles.get(name);
  if (style) return { ...range, type: style };
  switch (name) {
    case "a":
      return link(attributes.get("href") || inner, range, userById);
    case "blockquote":
      return { ...range, type: attributes.has("expandable") ? "expandable_blockquote" : "blockquote" };
    case "tg-emoji":
      return emoji(attributes.get("emoji-id") ?? "", range);
    case "tg-time":
      return time(attributes.get("unix") ?? "", attributes.get("format") ?? "", range);
    default:
      return { ...range, type: name as "code" | "pre" };
  }
}

function link(href: string, range: Range, userById: UserById): MessageEntity | undefined {
  const id = mentionedUser(href);
  const user = id === undefined ? undefined : userById(id);
  if (user) return { ...range, type: "text_mention", user };
  const check = checkLink(href);
  return check.kind === "link" && id === undefined ? { ...range, type: "text_link", url: check.url } : undefined;
}

function emoji(id: string, range: Range): MessageEntity {
  if (!/^[1-9]\d*$/.test(id)) throw unparsable("Invalid custom emoji identifier specified");
  return { ...range, type: "custom_emoji", custom_emoji_id: id };
}

function time(unix: string, format: string, range: Range): MessageEntity | undefined {
  const date_time_format = timeFormat(format);
  if (date_time_format === undefined) throw unparsable("Invalid date format used");
  const unix_time = Number.parseInt(unix, 10);
  return unix_time > 0 ? { ...range, type: "date_time", unix_time, date_time_format } : undefined;
}

/** A fault in the markup. */
export function unparsable(why: string): Refusal {
  return badRequest(`can't parse entities: ${why}`);
}
