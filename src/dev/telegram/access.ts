import type { Parameters } from "./call.ts";
import { badRequest, forbidden } from "./refusal.ts";
import type { ChatMessage, Rights, Room, Topic, Trouble } from "./room.ts";
import type { World } from "./world.ts";

/** The chat a call is about; refuses when the bot cannot reach it. */
export function roomOf(world: World, parameters: Parameters): Room {
  const room = findRoom(world, parameters.text("chat_id").trim());
  if (room.migratedTo !== undefined) {
    throw badRequest("group chat was upgraded to a supergroup chat", { migrate_to_chat_id: room.migratedTo });
  }
  if (room.trouble) throw forbidden(saying(room.trouble, room.chat.type));
  return room;
}

function findRoom(world: World, chatId: string): Room {
  if (chatId === "") throw badRequest("chat_id is empty");
  const room = chatId.startsWith("@") ? world.chats.findByUsername(chatId.slice(1)) : world.chats.find(Number(chatId));
  if (room) return room;
  if (Number(chatId) > 0 && world.user(Number(chatId))) throw forbidden("bot can't initiate conversation with a user");
  throw badRequest("chat not found");
}

function saying(trouble: Trouble, type: Room["chat"]["type"]): string {
  switch (trouble) {
    case "blocked":
      return "bot was blocked by the user";
    case "deactivated":
      return "user is deactivated";
    case "never started":
      return "bot can't initiate conversation with a user";
    case "kicked":
      return `bot was kicked from the ${type} chat`;
    case "left":
      return `bot is not a member of the ${type} chat`;
    case "deleted":
      return "the group chat was deleted";
  }
}

/** The topic a message goes to, if any; refuses one that is not there or closed. */
export function openTopic(room: Room, parameters: Parameters): Topic | undefined {
  const id = parameters.integer("message_thread_id");
  if (id === 0) return undefined;
  const topic = room.topics.get(id);
  if (!topic) throw badRequest("message thread not found"); // General, number 1, must be left out.
  if (topic.closed) throw badRequest("TOPIC_CLOSED");
  return topic;
}

/** Refuses what the bot has no right to, in Telegram's words for `what`. */
export function mustBeAllowed(room: Room, right: keyof Rights, what: string): void {
  if (!room.rights[right]) throw badRequest(`not enough rights to ${what}`);
}

/** The message a call is about; refuses with `missing` when there is none. */
export function messageOf(room: Room, parameters: Parameters, missing: string): ChatMessage {
  if (parameters.text("message_id") === "") throw badRequest("message identifier is not specified");
  const message = room.messages.get(parameters.integer("message_id"));
  if (!message || message.message_id === 0) throw badRequest(missing);
  return message;
}
