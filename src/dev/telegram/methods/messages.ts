import { isDeepStrictEqual } from "node:util";
import { messageOf, mustBeAllowed, roomOf } from "../access.ts";
import type { Parameters } from "../call.ts";
import { readFormatted } from "../formatting.ts";
import { isObject, present } from "../json.ts";
import { readKeyboard } from "../keyboard.ts";
import { type Content, change, post } from "../posting.ts";
import { badRequest } from "../refusal.ts";
import { type ChatMessage, placeOf, type Room } from "../room.ts";
import { captionText, type Formatted, messageText } from "../text.ts";
import type { World } from "../world.ts";
import type { Methods } from "./method.ts";

/** Sending, editing and deleting. */
export const messageMethods: Methods = {
  sendMessage(world, parameters) {
    const given = readText(world, parameters);
    const room = roomOf(world, parameters);
    const keyboard = readKeyboard(parameters.text("reply_markup"), room.chat.type === "private");
    mustBeAllowed(room, "can_send_messages", "send text messages to the chat");
    return post(world, room, parameters, textContent(messageText(given), parameters), keyboard);
  },

  editMessageText(world, parameters) {
    const given = readText(world, parameters);
    const { room, message } = editable(world, parameters);
    if (message.text === undefined) throw badRequest("there is no text in the message to edit");
    const { text: _, entities: __, link_preview_options: ___, ...rest } = message;
    return edit(world, room, parameters, rest, textContent(messageText(given), parameters));
  },

  editMessageCaption(world, parameters) {
    const given = readFormatted(world, parameters, { text: "caption", entities: "caption_entities" });
    const { room, message } = editable(world, parameters);
    if (!message.document && !message.photo) throw badRequest("there is no caption in the message to edit");
    const { caption: _, caption_entities: __, ...rest } = message;
    return edit(world, room, parameters, rest, captionContent(captionText(given)));
  },

  editMessageReplyMarkup(world, parameters) {
    const { room, message } = editable(world, parameters);
    return edit(world, room, parameters, message, {});
  },

  deleteMessage(world, parameters) {
    const room = roomOf(world, parameters);
    const message = messageOf(room, parameters, "message to delete not found");
    const isTooOld = world.date - message.date >= 48 * 60 * 60;
    const isAllowed = message.from?.id === world.bot.id || room.human || room.rights.can_delete_messages;
    if (isTooOld || !isAllowed) throw badRequest("message can't be deleted");
    remove(world, room, message);
    return true;
  },
};

/** Takes a message out of its chat. */
export function remove(world: World, room: Room, message: ChatMessage): void {
  const messageId = message.message_id;
  room.messages.delete(placeOf(message));
  room.reactions.delete(messageId);
  world.tell({ type: "delete", message });
  if (!room.pinned.includes(messageId)) return;
  room.pinned = room.pinned.filter((id) => id !== messageId);
  world.tell({ type: "pin", chat_id: room.chat.id, pinned: room.pinned });
}

/** A caption as a message carries it. */
export function captionContent({ text, entities }: Formatted): Content {
  return text === "" ? {} : { caption: text, ...(entities.length > 0 ? { caption_entities: [...entities] } : {}) };
}

/** The text a call gives; it must give one. */
export function readText(world: World, parameters: Parameters): Formatted {
  if (parameters.text("text") === "") throw badRequest("message text is empty");
  return readFormatted(world, parameters, { text: "text", entities: "entities" });
}

/** A text as a message carries it. */
export function textContent({ text, entities }: Formatted, parameters: Parameters): Content {
  const preview = parameters.json("link_preview_options");
  return {
    text,
    ...present({
      entities: entities.length > 0 ? [...entities] : undefined,
      link_preview_options: isObject(preview) ? preview : undefined,
    }),
  };
}

/** The message a call would change, when the bot may. */
export function editable(world: World, parameters: Parameters): { room: Room; message: ChatMessage } {
  const room = roomOf(world, parameters);
  const message = messageOf(room, parameters, "message to edit not found");
  const isService = message.text === undefined && !message.document && !message.photo;
  if (message.from?.id !== world.bot.id || isService) throw badRequest("message can't be edited");
  return { room, message };
}

/** An edit that gives no keyboard takes the old one away; one that changes nothing is refused. */
export function edit(
  world: World,
  room: Room,
  parameters: Parameters,
  rest: ChatMessage,
  content: Content,
): ChatMessage {
  const keyboard = readKeyboard(parameters.text("reply_markup"), room.chat.type === "private");
  const current = room.messages.get(placeOf(rest)) as ChatMessage;
  const { reply_markup: _, edit_date: __, ...bare } = { ...rest, ...content };
  const next = { ...bare, ...present({ reply_markup: keyboard }) } as ChatMessage;
  const { edit_date: ___, ...before } = current;
  if (isDeepStrictEqual(next, before)) {
    throw badRequest(
      "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    );
  }
  return change(world, room, { ...next, edit_date: world.date });
}
