import type { Chat, ForumTopic, Message, User } from "@grammyjs/types";

/**
 * A message as the chat shows it: a Bot API Message, marked when it came without a sound, or when its one reader sees
 * it in place of another.
 */
export type ChatMessage = Message & { silent?: true; replaces?: number };

/** Where a chat keeps a message: under its number, or under that of an ephemeral one, negated. */
export function placeOf({ message_id, ephemeral_message_id }: ChatMessage): number {
  return ephemeral_message_id === undefined ? message_id : -ephemeral_message_id;
}

/** What may stand between the bot and a chat. */
export type Trouble =
  /** The user blocked the bot. */
  | "blocked"
  /** The user deleted their account. */
  | "deactivated"
  /** The user never started the bot. */
  | "never started"
  /** The bot was removed from the group. */
  | "kicked"
  /** The bot left, or never was, in the group. */
  | "left"
  /** The group was deleted. */
  | "deleted";

/** What the bot may do in a chat. All of it, unless a test takes it away. */
export interface Rights {
  can_send_messages: boolean;
  can_send_documents: boolean;
  can_send_photos: boolean;
  can_pin_messages: boolean;
  can_delete_messages: boolean;
  can_manage_topics: boolean;
}

/** A forum topic. */
export type Topic = ForumTopic & { closed?: true };

/** One chat and everything in it. Its switches may be set at any time. */
export interface Room {
  chat: Chat;
  /** The human side of a private chat. */
  readonly human?: User;
  /** Who made it; of a private chat, its human side. */
  readonly owner: User;
  trouble?: Trouble | undefined;
  /** Whether the bot is an administrator: a plain member of a group hears commands and replies only. */
  isAdmin: boolean;
  /** The supergroup this group has become. */
  migratedTo?: number | undefined;
  readonly rights: Rights;
  readonly members: Map<number, User>;
  /** In the order of sending. Ephemeral messages are kept under their number, negated. */
  readonly messages: Map<number, ChatMessage>;
  /** Every version a message has had, the newest last. */
  readonly versions: Map<number, ChatMessage[]>;
  readonly topics: Map<number, Topic>;
  /** By message, the emoji each user set on it. */
  readonly reactions: Map<number, Map<number, string>>;
  /** The newest last. */
  pinned: number[];
  lastMessageId: number;
  lastEphemeralId: number;
}

/** All of them. */
export function everyRight(): Rights {
  return {
    can_send_messages: true,
    can_send_documents: true,
    can_send_photos: true,
    can_pin_messages: true,
    can_delete_messages: true,
    can_manage_topics: true,
  };
}

/** What being an administrator brings; a plain member has none of it, as where the owner leaves it to admins. */
export const adminRights: readonly (keyof Rights)[] = ["can_pin_messages", "can_delete_messages", "can_manage_topics"];
