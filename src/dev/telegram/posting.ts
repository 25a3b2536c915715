import type { InlineKeyboardMarkup, User } from "@grammyjs/types";
import { openTopic } from "./access.ts";
import type { Parameters } from "./call.ts";
import { isObject, present } from "./json.ts";
import { badRequest } from "./refusal.ts";
import { type ChatMessage, placeOf, type Room } from "./room.ts";
import { answerAlone } from "./whisper.ts";
import type { World } from "./world.ts";

/** What a message says: text, a document, a photo, or a service message's news. */
export type Content = Partial<ChatMessage>;

/** Puts a message into a chat and shows it. */
export function put(world: World, room: Room, from: User, content: Content): ChatMessage {
  const id = ++room.lastMessageId;
  const message = { message_id: id, from, chat: room.chat, date: world.date, ...content } as ChatMessage;
  room.messages.set(id, message);
  room.versions.set(id, [message]);
  world.tell({ type: "message", message });
  return message;
}

/** Replaces a message by a newer version of itself. */
export function change(world: World, room: Room, message: ChatMessage): ChatMessage {
  room.messages.set(placeOf(message), message);
  room.versions.get(placeOf(message))?.push(message);
  world.tell({ type: "edit", message });
  return message;
}

/** Tells the bot of a message it should hear of. */
export function tellBot(world: World, room: Room, message: ChatMessage): void {
  const kind = room.chat.type === "channel" ? "channel_post" : "message";
  world.updates.add(kind, message as never, room.chat.id);
}

/** Posts what the bot sends, with everything that the sending methods have in common. */
export function post(
  world: World,
  room: Room,
  parameters: Parameters,
  content: Content,
  keyboard: InlineKeyboardMarkup | undefined,
): ChatMessage {
  const topic = openTopic(room, parameters);
  const common: Content = {
    ...(topic ? { message_thread_id: topic.message_thread_id, is_topic_message: true } : {}),
    ...present({ reply_to_message: repliedTo(world, room, parameters) }),
    ...content,
    ...present({ reply_markup: keyboard, effect_id: parameters.text("message_effect_id") || undefined }),
    ...(parameters.flag("protect_content") ? { has_protected_content: true } : {}),
    ...(parameters.flag("disable_notification") ? { silent: true } : {}),
  };
  const ephemeral = parameters.json("ephemeral_message_parameters");
  return isObject(ephemeral)
    ? answerAlone(world, room, parameters, common, ephemeral)
    : put(world, room, world.bot, common);
}

function repliedTo(world: World, room: Room, parameters: Parameters): Content["reply_to_message"] | undefined {
  const given = parameters.json("reply_parameters");
  const reply = isObject(given) ? given : { message_id: parameters.integer("reply_to_message_id") };
  const id = Number(reply.message_id ?? 0);
  if (id === 0) return undefined;

  const other = reply.chat_id === undefined ? room : world.chats.find(Number(reply.chat_id));
  if (!other) throw badRequest("chat not found");
  const message = other.messages.get(id);
  if (!message) {
    if (reply.allow_sending_without_reply === true) return undefined;
    throw badRequest("message to be replied not found");
  }
  return quoted(message);
}

/** A message as another one carries it: without what it replied to itself. */
export function quoted(message: ChatMessage): NonNullable<ChatMessage["reply_to_message"]> {
  const { reply_to_message: _, ...plain } = message;
  return plain as NonNullable<ChatMessage["reply_to_message"]>;
}
