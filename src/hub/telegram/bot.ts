/** What the chat says to us: Telegram's updates, as far as they are our business. */
import * as z from "zod";
import type { Button } from "./render/message.ts";

/** Something that happened in a chat and concerns the bot. */
export type Incoming = Said | Pressed | Membership | Migration;

interface Happened {
  /** Telegram numbers what it tells a bot; what it tells again has the same number. */
  readonly updateId: number;
  readonly chatId: number;
  readonly isPrivate: boolean;
  readonly userId: number;
}

/** A person wrote a command: `/status@snitch_bot orders-api 1h`. */
export interface Said extends Happened {
  readonly kind: "said";
  readonly messageId: number;
  /** The forum topic that it stands in. */
  readonly threadId: number | undefined;
  /** When it was written, milliseconds since 1970. */
  readonly at: number;
  /** `status` */
  readonly name: string;
  /** `snitch_bot`; absent where nobody was named. */
  readonly to: string | undefined;
  readonly words: readonly string[];
}

/** A person pressed a button. */
export interface Pressed extends Happened {
  readonly kind: "pressed";
  readonly queryId: string;
  readonly messageId: number;
  readonly threadId: number | undefined;
  /** The button's, as it came: anybody may have made it up. */
  readonly data: string;
  /** What the message says; absent for a picture, a file, and for one that is too old. */
  readonly text: string | undefined;
  /** All buttons below the message that are like ours. */
  readonly buttons: readonly (readonly Button[])[];
}

/** The bot was let into a chat, given other rights, or thrown out. */
export interface Membership extends Happened {
  readonly kind: "membership";
  /** Why nothing can be sent any more, for people; absent while something can. */
  readonly out?: string;
}

/** The group became a supergroup, which is another chat. */
export interface Migration extends Happened {
  readonly kind: "migration";
  readonly to: number;
}

/** Reads an update; `undefined` for what is not our business, or no update at all. */
export function readUpdate(raw: unknown): Incoming | undefined {
  const it = update.safeParse(raw).data;
  if (it?.message)
    return "text" in it.message ? saidOf(it.update_id, it.message) : migrationOf(it.update_id, it.message);
  if (it?.callback_query) return pressedOf(it.update_id, it.callback_query);
  return it?.my_chat_member && membershipOf(it.update_id, it.my_chat_member);
}

/** Words of a command that are read. */
const MOST_WORDS = 20;

const id = z.int();
const chat = z.object({ id, type: z.string() });
const user = z.object({ id });
const topic = { is_topic_message: z.boolean().optional(), message_thread_id: id.optional() };
const message = z.object({ ...topic, message_id: id, date: id, chat, from: user, text: z.string() });
const migration = z.object({ chat, from: user, migrate_to_chat_id: id });
const button = z.union([
  z
    .object({ text: z.string(), callback_data: z.string() })
    .transform((it) => ({ text: it.text, data: it.callback_data })),
  z
    .object({ text: z.string(), copy_text: z.object({ text: z.string() }) })
    .transform((it) => ({ text: it.text, copy: it.copy_text.text })),
]);
const keyboard = z.object({ inline_keyboard: z.array(z.array(button)) });
const query = z.object({
  id: z.string(),
  from: user,
  data: z.string(),
  message: z.object({
    ...topic,
    message_id: id,
    chat,
    text: z.string().optional(),
    reply_markup: keyboard.optional().catch(undefined),
  }),
});
const membership = z.object({ chat, from: user, new_chat_member: z.object({ status: z.string() }) });
const update = z.object({
  update_id: z.int(),
  message: z.union([message, migration]).optional().catch(undefined),
  callback_query: query.optional().catch(undefined),
  my_chat_member: membership.optional().catch(undefined),
});

function happened(
  updateId: number,
  { id: chatId, type }: z.infer<typeof chat>,
  { id: userId }: { id: number },
): Happened {
  return { updateId, chatId, userId, isPrivate: type === "private" };
}

/** Replies carry a thread too; only in a forum it is a topic. */
function threadOf({ is_topic_message, message_thread_id }: z.infer<z.ZodObject<typeof topic>>): number | undefined {
  return is_topic_message ? message_thread_id : undefined;
}

function saidOf(updateId: number, it: z.infer<typeof message>): Said | undefined {
  const [, name, to, words = ""] = /^\/([a-z0-9_]{1,32})(?:@(\w{1,64}))?(?:\s+([\s\S]*))?$/i.exec(it.text.trim()) ?? [];
  if (name === undefined) return undefined;
  return {
    ...happened(updateId, it.chat, it.from),
    ...{ kind: "said", messageId: it.message_id, threadId: threadOf(it), at: it.date * 1_000 },
    ...{ name: name.toLowerCase(), to: to?.toLowerCase() },
    words: words.split(/\s+/, MOST_WORDS).filter(Boolean),
  };
}

function pressedOf(updateId: number, { id: queryId, from, data, message: below }: z.infer<typeof query>): Pressed {
  return {
    ...happened(updateId, below.chat, from),
    ...{ kind: "pressed", queryId, messageId: below.message_id, threadId: threadOf(below), data, text: below.text },
    buttons: below.reply_markup?.inline_keyboard ?? [],
  };
}

function migrationOf(updateId: number, it: z.infer<typeof migration>): Migration {
  return { ...happened(updateId, it.chat, it.from), kind: "migration", to: it.migrate_to_chat_id };
}

function membershipOf(updateId: number, it: z.infer<typeof membership>): Membership {
  const { status } = it.new_chat_member;
  const isOut = status === "kicked" || status === "left";
  const removed = `the bot was ${status === "left" ? "removed" : "kicked"}`;
  const out = it.chat.type === "private" ? "the user blocked the bot" : removed;
  return { ...happened(updateId, it.chat, it.from), kind: "membership", ...(isOut && { out }) };
}
