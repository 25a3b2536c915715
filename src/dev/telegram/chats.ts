import type { Chat, User } from "@grammyjs/types";
import { adminRights, everyRight, type Rights, type Room, type Trouble } from "./room.ts";

/** How a chat is to be. */
export interface ChatOptions {
  /** @default "supergroup" */
  readonly type?: Chat["type"];
  /** @default the next free one of its type; of a private chat, the user's */
  readonly id?: number;
  /** Of a group; in a private chat the user's name counts. @default "Chat" */
  readonly title?: string;
  readonly username?: string;
  /** Whether it has topics. A private chat may have them too. */
  readonly isForum?: boolean;
  /** The human side of a private chat, or who made the group. @default the default human */
  readonly user?: User;
}

/** All chats the bot could know of. */
export class Chats {
  readonly #rooms = new Map<number, Room>();
  readonly #human: User;
  readonly #onChange: (room: Room) => void;

  constructor(human: User, onChange: (room: Room) => void) {
    this.#human = human;
    this.#onChange = onChange;
  }

  /** Makes a chat in which the bot has every right. */
  create(options: ChatOptions = {}): Room {
    const { type = "supergroup", user = this.#human } = options;
    const id = options.id ?? (type === "private" ? user.id : this.#freeId(type));
    const room: Room = {
      chat: chatOf(id, type, user, options),
      ...(type === "private" ? { human: user } : {}),
      owner: user,
      isAdmin: type !== "private",
      rights: everyRight(),
      members: new Map([[user.id, user]]),
      messages: new Map(),
      versions: new Map(),
      topics: new Map(),
      reactions: new Map(),
      pinned: [],
      lastMessageId: 0,
      lastEphemeralId: 0,
    };
    this.#rooms.set(id, room);
    this.#onChange(room);
    return room;
  }

  all(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  find(id: number): Room | undefined {
    return this.#rooms.get(id);
  }

  findByUsername(username: string): Room | undefined {
    const named = (room: Room) => room.chat.username?.toLowerCase() === username.toLowerCase();
    return this.all().find(named);
  }

  /** The chat of this number; throws when there is none. For tests, which know their chats. */
  get(id: number): Room {
    const room = this.find(id);
    if (!room) throw new Error(`no chat ${id}; there are ${[...this.#rooms.keys()].join(", ")}`);
    return room;
  }

  /** Sets switches of a chat. */
  set(id: number, switches: ChatSwitches): Room {
    const room = this.get(id);
    if ("trouble" in switches) room.trouble = switches.trouble ?? undefined;
    if (switches.isAdmin !== undefined && !room.human) appoint(room, switches.isAdmin);
    if (switches.rights) Object.assign(room.rights, switches.rights);
    if (switches.isForum !== undefined) room.chat = withForum(room.chat, switches.isForum);
    this.#onChange(room);
    return room;
  }

  /** Makes a supergroup of a group: its messages stay behind, and its number answers with the new one. */
  migrate(id: number): Room {
    const group = this.get(id);
    const supergroup = this.create({ type: "supergroup", title: group.chat.title ?? "Chat", user: group.owner });
    appoint(supergroup, group.isAdmin);
    for (const [userId, user] of group.members) supergroup.members.set(userId, user);
    group.migratedTo = supergroup.chat.id;
    this.#onChange(group);
    return supergroup;
  }

  clear(): void {
    this.#rooms.clear();
  }

  #freeId(type: Chat["type"]): number {
    let id = type === "group" ? -4_000_000_001 : -1_001_000_000_001;
    while (this.#rooms.has(id)) id--;
    return id;
  }
}

/** What can be changed about a chat from outside. */
export interface ChatSwitches {
  readonly trouble?: Trouble | null;
  /** Of a group: makes the bot an administrator with every right, or a plain member. */
  readonly isAdmin?: boolean;
  readonly rights?: Partial<Rights>;
  readonly isForum?: boolean;
}

function appoint(room: Room, isAdmin: boolean): void {
  room.isAdmin = isAdmin;
  for (const right of adminRights) room.rights[right] = isAdmin;
}

function chatOf(id: number, type: Chat["type"], user: User, options: ChatOptions): Chat {
  const { title = "Chat", username, isForum = false } = options;
  const named = username === undefined ? {} : { username };
  switch (type) {
    case "private": {
      const { first_name, last_name, username } = user;
      const names = { ...(last_name ? { last_name } : {}), ...(username ? { username } : {}) };
      return withForum({ id, type, first_name, ...names }, isForum);
    }
    case "group":
      return { id, type, title };
    case "channel":
      return { id, type, title, ...named };
    case "supergroup":
      return withForum({ id, type, title, ...named }, isForum);
  }
}

/** Private chats can have topics too; the published types know of it for supergroups only. */
function withForum(chat: Chat, isForum: boolean): Chat {
  const { is_forum: _, ...plain } = chat;
  return (isForum ? { ...plain, is_forum: true } : plain) as Chat;
}
