import { messageOf, mustBeAllowed, roomOf } from "../access.ts";
import { put, quoted, tellBot } from "../posting.ts";
import { badRequest } from "../refusal.ts";
import type { ChatMessage, Room } from "../room.ts";
import type { World } from "../world.ts";
import type { Methods } from "./method.ts";

/** Pinned messages. */
export const pinMethods: Methods = {
  pinChatMessage(world, parameters) {
    const room = roomOf(world, parameters);
    mayPin(room);
    const message = messageOf(room, parameters, "message to pin not found");
    if (!isOrdinary(message)) throw badRequest("message can't be pinned");
    if (room.pinned.includes(message.message_id)) return true;
    setPins(world, room, [...room.pinned, message.message_id]);
    announce(world, room, message, parameters.flag("disable_notification"));
    return true;
  },

  unpinChatMessage(world, parameters) {
    const room = roomOf(world, parameters);
    mayPin(room);
    const id = parameters.text("message_id") === "" ? room.pinned.at(-1) : parameters.integer("message_id");
    if (id !== undefined && !room.messages.has(id)) throw badRequest("message to unpin not found");
    setPins(
      world,
      room,
      room.pinned.filter((pinned) => pinned !== id),
    );
    return true;
  },

  unpinAllChatMessages(world, parameters) {
    const room = roomOf(world, parameters);
    mayPin(room);
    setPins(world, room, []);
    return true;
  },
};

function mayPin(room: Room): void {
  if (!room.human) mustBeAllowed(room, "can_pin_messages", "manage pinned messages in the chat");
}

const isOrdinary = (message: ChatMessage): boolean => Boolean(message.text || message.document || message.photo);

function setPins(world: World, room: Room, pinned: number[]): void {
  room.pinned = pinned;
  world.tell({ type: "pin", chat_id: room.chat.id, pinned });
}

/** Every pin leaves a message that says so; the bot is told of it like everybody else. */
function announce(world: World, room: Room, pinned: ChatMessage, isSilent: boolean): void {
  const thread = pinned.message_thread_id;
  const news = put(world, room, world.bot, {
    ...(thread === undefined ? {} : { message_thread_id: thread, is_topic_message: true }),
    pinned_message: quoted(pinned),
    ...(isSilent ? { silent: true } : {}),
  });
  tellBot(world, room, news);
}
