import type { BotCommand } from "@grammyjs/types";
import { roomOf } from "../access.ts";
import { Parameters } from "../call.ts";
import { isObject } from "../json.ts";
import { badRequest } from "../refusal.ts";
import type { World } from "../world.ts";
import type { Methods } from "./method.ts";

/** The list of commands that a chat offers. */
export const commandMethods: Methods = {
  setMyCommands(world, parameters) {
    const commands = parameters.json("commands");
    if (!Array.isArray(commands)) throw badRequest("can't parse commands JSON object");
    if (commands.length > 100) throw badRequest("BOT_COMMANDS_TOO_MUCH");
    world.commands.set(key(world, parameters), commands.map(command));
    show(world);
    return true;
  },

  getMyCommands(world, parameters) {
    return world.commands.get(key(world, parameters)) ?? [];
  },

  deleteMyCommands(world, parameters) {
    world.commands.delete(key(world, parameters));
    show(world);
    return true;
  },
};

function command(value: unknown): BotCommand {
  const { command: given, description, is_ephemeral } = isObject(value) ? value : {};
  if (typeof given !== "string" || typeof description !== "string") throw badRequest("can't parse BotCommand");
  const name = given.replace(/^\//, "");
  if (!/^[a-z0-9_]{1,32}$/.test(name)) throw badRequest("BOT_COMMAND_INVALID");
  const { length } = [...description];
  if (length === 0 || length > 256) throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
  return { command: name, description, ...(is_ephemeral === true ? { is_ephemeral } : {}) } as BotCommand;
}

const scopes: readonly string[] = [
  "default",
  "all_private_chats",
  "all_group_chats",
  "all_chat_administrators",
  "chat",
  "chat_administrators",
  "chat_member",
];

/** Scope and language, in one word. */
function key(world: World, parameters: Parameters): string {
  const language = parameters.text("language_code");
  if (!/^([a-z]{2})?$/.test(language)) throw badRequest("invalid language code specified");
  const scope = parameters.json("scope");
  const { type, chat_id, user_id } = isObject(scope) ? scope : { type: "default" };
  if (typeof type !== "string" || !scopes.includes(type))
    throw badRequest("can't parse BotCommandScope: unsupported type specified");
  if (/^chat/.test(type)) checkChat(world, type, String(chat_id ?? ""));
  const parts = [type, chat_id, user_id].filter((part) => part !== undefined);
  return `${parts.join(":")}/${language}`;
}

/**
 * @see https://github.com/tdlib/td/blob/master/td/telegram/BotCommandScope.cpp get_bot_command_scope
 */
function checkChat(world: World, type: string, chatId: string): void {
  const room = roomOf(world, new Parameters(new Map([["chat_id", chatId]])));
  if (room.human && type !== "chat") throw badRequest("can't use specified scope in private chats");
  if (room.chat.type === "channel") throw badRequest("can't change commands in channel chats");
}

function show(world: World): void {
  for (const room of world.chats.all()) world.tell({ type: "chat", room });
}
