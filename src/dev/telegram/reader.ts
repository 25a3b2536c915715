import type { BotCommand, User } from "@grammyjs/types";
import { type ChatMessage, placeOf, type Room, type Topic, type Trouble } from "./room.ts";
import type { CallbackAnswer, Change, World } from "./world.ts";

/** One emoji under a message, and who set it. */
export interface Reaction {
  readonly emoji: string;
  readonly user_ids: readonly number[];
}

/** A chat as its reader is told of it, without its messages. */
export interface ChatSummary {
  readonly chat: Room["chat"];
  readonly topics: readonly Topic[];
  readonly pinned: readonly number[];
  /** What the reader is offered after a slash. */
  readonly commands: readonly BotCommand[];
  /** How the bot stands in the chat. */
  readonly bot: "administrator" | "member" | Trouble;
  /** Whether the reader may pin, and delete what others wrote. */
  readonly moderates: boolean;
}

/** A chat as the chat page shows it. */
export type ChatState = ChatSummary & {
  readonly messages: readonly ChatMessage[];
  readonly reactions: Readonly<Record<string, readonly Reaction[]>>;
};

/** All that a reader sees. */
export interface ReaderState {
  readonly bot: User;
  readonly me: User;
  readonly people: readonly User[];
  readonly chats: readonly ChatState[];
}

/** Something a reader sees happen. */
export type Seen =
  | Extract<Change, { readonly type: "message" | "edit" | "pin" | "typing" | "reset" }>
  | {
      readonly type: "delete";
      readonly chat_id: number;
      readonly message_id: number;
      readonly ephemeral_message_id?: number;
    }
  | {
      readonly type: "reactions";
      readonly chat_id: number;
      readonly message_id: number;
      readonly reactions: readonly Reaction[];
    }
  | { readonly type: "chat"; readonly chat: ChatSummary }
  | ({ readonly type: "answer" } & CallbackAnswer);

const lastShown = 500;

/** The chats as one person sees them: those they are in, and of what is for one pair of eyes only, their own. */
export class Reader {
  readonly #world: World;
  readonly #me: User;

  /** @param userId one of the world's people; anybody else is taken for the first of them */
  constructor(world: World, userId: number) {
    this.#world = world;
    this.#me = world.people.find(({ id }) => id === userId) ?? world.human;
  }

  state(): ReaderState {
    const { bot, people, chats } = this.#world;
    const rooms = chats.all().filter((room) => this.#isIn(room));
    return { bot, me: this.#me, people, chats: rooms.map((room) => this.#chat(room)) };
  }

  /** A change as the reader sees it; undefined when it is hidden from them. */
  see(change: Change): Seen | undefined {
    switch (change.type) {
      case "reset":
        return change;
      case "answer":
        return change.to.id === this.#me.id ? { type: "answer", ...change.answer } : undefined;
      case "message":
      case "edit":
        return this.#mayRead(change.message) ? change : undefined;
      case "delete":
        return this.#mayRead(change.message) ? deletionOf(change.message) : undefined;
      case "chat":
        return this.#isIn(change.room) ? { type: "chat", chat: this.#summary(change.room) } : undefined;
      case "reactions": {
        const { room, message_id } = change;
        const reactions = reactionsTo(room, message_id);
        return this.#isIn(room) ? { type: "reactions", chat_id: room.chat.id, message_id, reactions } : undefined;
      }
      case "pin":
      case "typing":
        return this.#isIn(this.#world.chats.find(change.chat_id)) ? change : undefined;
    }
  }

  #isIn(room: Room | undefined): boolean {
    return room?.members.has(this.#me.id) ?? false;
  }

  #mayRead({ chat, ephemeral_message_id, from, receiver_user }: ChatMessage): boolean {
    const isMine = from?.id === this.#me.id || receiver_user?.id === this.#me.id;
    return this.#isIn(this.#world.chats.find(chat.id)) && (ephemeral_message_id === undefined || isMine);
  }

  #chat(room: Room): ChatState {
    const messages = [...room.messages.values()].filter((message) => this.#mayRead(message)).slice(-lastShown);
    const reactions = [...room.reactions.keys()].map((id) => [id, reactionsTo(room, id)] as const);
    return { ...this.#summary(room), messages, reactions: Object.fromEntries(reactions) };
  }

  #summary(room: Room): ChatSummary {
    return {
      chat: room.chat,
      topics: [...room.topics.values()],
      pinned: room.pinned,
      commands: this.#world.commandsFor(this.#me, room),
      bot: room.trouble ?? (room.isAdmin ? "administrator" : "member"),
      moderates: this.#world.moderates(this.#me, room),
    };
  }
}

function deletionOf(message: ChatMessage): Seen {
  const { chat, message_id, ephemeral_message_id } = message;
  const number = placeOf(message) < 0 ? { ephemeral_message_id: Number(ephemeral_message_id) } : {};
  return { type: "delete", chat_id: chat.id, message_id, ...number };
}

/** In the order in which each emoji was first set. */
function reactionsTo(room: Room, messageId: number): readonly Reaction[] {
  const byEmoji = new Map<string, number[]>();
  for (const [userId, emoji] of room.reactions.get(messageId) ?? []) {
    byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), userId]);
  }
  return [...byEmoji].map(([emoji, user_ids]) => ({ emoji, user_ids }));
}
