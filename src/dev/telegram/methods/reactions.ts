import { messageOf, roomOf } from "../access.ts";
import { isObject } from "../json.ts";
import { badRequest } from "../refusal.ts";
import type { Room } from "../room.ts";
import type { World } from "../world.ts";
import type { Methods } from "./method.ts";

/** Emoji under a message. */
export const reactionMethods: Methods = {
  setMessageReaction(world, parameters) {
    const room = roomOf(world, parameters);
    const message = messageOf(room, parameters, "message to react not found");
    const wish = parameters.json("reaction") ?? [];
    if (!Array.isArray(wish)) throw badRequest("can't parse reaction types JSON object");
    if (wish.length > 1) throw badRequest("REACTIONS_TOO_MANY");
    setReaction(world, room, message.message_id, world.bot.id, wish.map(emojiOf)[0]);
    return true;
  },
};

/** The emoji anyone may react with; without the selector that asks for a coloured one, as Telegram writes them. */
const emojis: ReadonlySet<string> = new Set(
  (
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 " +
    "🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
  ).split(" "),
);

function emojiOf(reaction: unknown): string {
  const { type, emoji } = isObject(reaction) ? reaction : {};
  if (type !== "emoji") throw badRequest("can't parse ReactionType: unsupported type specified");
  return checkedEmoji(String(emoji));
}

/** The emoji, when Telegram takes it for a reaction. */
export function checkedEmoji(emoji: string): string {
  if (!emojis.has(emoji)) throw badRequest("REACTION_INVALID");
  return emoji;
}

/**
 * Sets, or without an emoji takes back, somebody's reaction to a message.
 *
 * @returns the reaction it had before
 */
export function setReaction(
  world: World,
  room: Room,
  messageId: number,
  userId: number,
  emoji: string | undefined,
): string | undefined {
  const reactions = room.reactions.get(messageId) ?? new Map<number, string>();
  const before = reactions.get(userId);
  if (emoji === undefined) reactions.delete(userId);
  else reactions.set(userId, emoji);
  room.reactions.set(messageId, reactions);
  world.tell({ type: "reactions", room, message_id: messageId });
  return before;
}
