import { roomOf } from "../access.ts";
import type { Parameters } from "../call.ts";
import { readFormatted } from "../formatting.ts";
import { badRequest } from "../refusal.ts";
import type { ChatMessage, Room } from "../room.ts";
import { captionText, messageText } from "../text.ts";
import type { World } from "../world.ts";
import { captionContent, edit, readText, remove, textContent } from "./messages.ts";
import type { Methods } from "./method.ts";

/** Changing what only one reader sees. Each gives `true`, whether or not the reader is there to see it. */
export const ephemeralMethods: Methods = {
  editEphemeralMessageText(world, parameters) {
    const given = readText(world, parameters);
    const { room, message } = find(world, parameters, "message to edit not found");
    if (message.text === undefined) throw badRequest("there is no text in the message to edit");
    const { text: _, entities: __, link_preview_options: ___, ...rest } = message;
    edit(world, room, parameters, rest as ChatMessage, textContent(messageText(given), parameters));
    return true;
  },

  editEphemeralMessageCaption(world, parameters) {
    const given = readFormatted(world, parameters, { text: "caption", entities: "caption_entities" });
    const { room, message } = find(world, parameters, "message to edit not found");
    if (!message.document && !message.photo) throw badRequest("there is no caption in the message to edit");
    const { caption: _, caption_entities: __, ...rest } = message;
    edit(world, room, parameters, rest as ChatMessage, captionContent(captionText(given)));
    return true;
  },

  editEphemeralMessageReplyMarkup(world, parameters) {
    const { room, message } = find(world, parameters, "message to edit not found");
    edit(world, room, parameters, message, {});
    return true;
  },

  deleteEphemeralMessage(world, parameters) {
    const { room, message } = find(world, parameters, "message to delete not found");
    remove(world, room, message);
    return true;
  },
};

function find(world: World, parameters: Parameters, missing: string): { room: Room; message: ChatMessage } {
  const room = roomOf(world, parameters);
  const message = room.messages.get(-parameters.integer("ephemeral_message_id"));
  const isTheirs = message?.receiver_user?.id === parameters.integer("receiver_user_id");
  if (!message?.ephemeral_message_id || !isTheirs) throw badRequest(missing);
  return { room, message };
}
