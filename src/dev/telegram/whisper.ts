import type { User } from "@grammyjs/types";
import type { Parameters } from "./call.ts";
import { isObject, type JsonObject } from "./json.ts";
import type { Content } from "./posting.ts";
import { badRequest, type Refusal } from "./refusal.ts";
import { type ChatMessage, placeOf, type Room } from "./room.ts";
import type { World } from "./world.ts";

/** How long after a command that only the bot saw it may answer its sender alone, in seconds. */
const patience = 15;

/**
 * Puts an ephemeral message into a group: only its two sides see it. It has a number of its own, and none in the
 * chat.
 */
export function whisper(world: World, room: Room, from: User, receiver: User, content: Content): ChatMessage {
  const message = {
    message_id: 0,
    ephemeral_message_id: ++room.lastEphemeralId,
    receiver_user: receiver,
    from,
    chat: room.chat,
    date: world.date,
    ...content,
  } as ChatMessage;
  room.messages.set(placeOf(message), message);
  world.tell({ type: "message", message });
  return message;
}

/**
 * Carries out a call with `ephemeral_message_parameters`. A bot that is an administrator may whisper at any time;
 * any bot may for a quarter of a minute after its button was pressed or after an ephemeral command.
 */
export function answerAlone(
  world: World,
  room: Room,
  parameters: Parameters,
  content: Content,
  wish: JsonObject,
): ChatMessage {
  if (room.human) throw unheardOf("ephemeral messages can't be sent to private chats");
  const receiver = room.members.get(Number(wish.receiver_user_id));
  if (!receiver) throw badRequest("user not found");
  const pressed = wish.callback_query_id === undefined ? undefined : pressedBy(world, receiver, wish.callback_query_id);
  if (!pressed && !room.isAdmin && !isAsked(world, room, parameters, receiver)) {
    throw unheardOf("not enough rights to send ephemeral messages to the chat");
  }
  const replaces = wish.replace_callback_query_message === true ? pressed?.message?.message_id : undefined;
  return whisper(world, room, world.bot, receiver, replaces ? { ...content, replaces } : content);
}

/** A refusal that is sure to come, in words that are ours: Telegram's are not known. */
const unheardOf = (reason: string): Refusal => badRequest(reason);

function pressedBy(world: World, receiver: User, queryId: unknown): ReturnType<World["callbacks"]["recent"]> {
  const query = world.callbacks.recent(String(queryId));
  if (query?.from.id === receiver.id) return query;
  throw badRequest("query is too old and response timeout expired or query ID is invalid");
}

/** Whether the call replies to an ephemeral command its receiver has just sent. */
function isAsked(world: World, room: Room, parameters: Parameters, receiver: User): boolean {
  const reply = parameters.json("reply_parameters");
  const id = isObject(reply) ? Number(reply.ephemeral_message_id) : 0;
  const command = room.messages.get(-id);
  return command?.from?.id === receiver.id && world.date - command.date < patience;
}
