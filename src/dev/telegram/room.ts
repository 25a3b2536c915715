import type { Chat, ForumTopic, Message, User } from "@grammyjs/types";

/** A message as the chat shows it: a Bot API Message, marked when it came without a sound. */
export type ChatMessage = Message & { silent?: true };

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
  trouble?: Trouble | undefined;
  /** The supergroup this group has become. */
  migratedTo?: number | undefined;
  readonly rights: Rights;
  readonly members: Map<number, User>;
  /** In the order of sending. Ephemeral messages are kept under their number, negated. */
  readonly messages: Map<number, ChatMessage>;
  /** Every version a message has had, the newest last. */
  readonly versions: Map<number, ChatMessage[]>;
  readonly topics: Map<number, Topic>;
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
