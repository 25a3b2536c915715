import type { BotCommand, CallbackQuery, User } from "@grammyjs/types";
import type { Call } from "./call.ts";
import { CallbackQueries } from "./callbacks.ts";
import { Chats } from "./chats.ts";
import { type Alarms, alarmsOn, type Clock } from "./clock.ts";
import { Faults } from "./faults.ts";
import { Files } from "./files.ts";
import { Limiter } from "./limiter.ts";
import type { ChatMessage, Room } from "./room.ts";
import { Updates } from "./updates.ts";
import { Webhook } from "./webhook.ts";

/** Something a reader of the chats would see happen. */
export type Change =
  | { readonly type: "message" | "edit"; readonly message: ChatMessage }
  | { readonly type: "delete"; readonly message: ChatMessage }
  | { readonly type: "pin"; readonly chat_id: number; readonly pinned: readonly number[] }
  | { readonly type: "reactions"; readonly room: Room; readonly message_id: number }
  | { readonly type: "chat"; readonly room: Room }
  | { readonly type: "typing"; readonly chat_id: number; readonly message_thread_id?: number; readonly action: string }
  | { readonly type: "answer"; readonly to: User; readonly answer: CallbackAnswer }
  | { readonly type: "reset" };

/** What the bot answered when a button was pressed. */
export interface CallbackAnswer {
  readonly callback_query_id: CallbackQuery["id"];
  readonly text?: string;
  readonly show_alert?: boolean;
  readonly url?: string;
}

/** What a {@link World} is made with. */
export interface WorldOptions {
  readonly clock: Clock;
  readonly bot: User;
  /** Who can sit at the chat page, the default one first. */
  readonly people: readonly [User, ...User[]];
  /** Posts updates to the bot's webhook. */
  readonly post: typeof fetch;
  /** Carries out the call a bot made by answering its webhook. */
  readonly onReply: (call: Call) => Promise<void>;
}

/** Telegram as the stand-in keeps it: who is there, what was said, what still has to be told to the bot. */
export class World {
  readonly clock: Alarms;
  readonly bot: User;
  /** Who can sit at the chat page. */
  readonly people: readonly User[];
  /** The first of them. */
  readonly human: User;
  readonly chats: Chats;
  readonly files: Files;
  readonly updates: Updates;
  readonly webhook: Webhook;
  readonly callbacks: CallbackQueries;
  readonly faults: Faults;
  readonly limiter: Limiter;
  /** Commands by scope and language. */
  readonly commands: Map<string, readonly BotCommand[]> = new Map();
  /** What a call did that Telegram would not mind and a test should. */
  readonly violations: string[] = [];
  readonly #watchers = new Set<(change: Change) => void>();

  constructor({ clock, bot, people, post, onReply }: WorldOptions) {
    this.clock = alarmsOn(clock);
    this.bot = bot;
    this.people = people;
    this.human = people[0];
    this.chats = new Chats(this.human, (room) => this.tell({ type: "chat", room }));
    this.files = new Files();
    this.updates = new Updates(this.clock);
    this.webhook = new Webhook(this.updates, this.clock, post, onReply);
    this.callbacks = new CallbackQueries(this.clock);
    this.faults = new Faults();
    this.limiter = new Limiter(this.clock);
    this.#populate();
  }

  /** Seconds since 1970, as Telegram counts. */
  get date(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  /** Calls `watcher` with every change, until the function it returns is called. */
  watch(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  tell(change: Change): void {
    for (const watcher of this.#watchers) watcher(change);
  }

  /** The user of this number, if the bot could know them. */
  user(id: number): User | undefined {
    if (id === this.bot.id) return this.bot;
    const person = this.people.find((person) => person.id === id);
    return person ?? this.chats.all().flatMap((room) => room.members.get(id) ?? [])[0];
  }

  /** Whether a user may pin in a chat, and delete what others wrote: its owner, and both sides of a private chat. */
  moderates(user: User, room: Room): boolean {
    return room.owner.id === user.id;
  }

  /**
   * The commands a user is offered in a chat: of the narrowest scope that has any, in the user's language or in none.
   *
   * @see https://core.telegram.org/bots/api#determining-list-of-commands
   */
  commandsFor(user: User, room: Room): readonly BotCommand[] {
    const { chat, human } = room;
    const chatScope = `chat:${chat.id}`;
    const isAdmin = this.moderates(user, room);
    const scopes = human
      ? [chatScope, "all_private_chats", "default"]
      : [
          `chat_member:${chat.id}:${user.id}`,
          ...(isAdmin ? [`chat_administrators:${chat.id}`] : []),
          chatScope,
          ...(isAdmin ? ["all_chat_administrators"] : []),
          "all_group_chats",
          "default",
        ];
    const keys = scopes.flatMap((scope) => [`${scope}/${user.language_code ?? ""}`, `${scope}/`]);
    return keys.map((key) => this.commands.get(key) ?? []).find((list) => list.length > 0) ?? [];
  }

  /** Everything as on the first day, but for the clock and for what belongs to the bot: its webhook and commands. */
  reset(): void {
    this.callbacks.clear();
    this.updates.clear();
    this.clock.stop();
    this.webhook.restart();
    this.chats.clear();
    this.files.clear();
    this.faults.clear();
    this.limiter.disable();
    this.violations.length = 0;
    this.#populate();
    this.tell({ type: "reset" });
  }

  /** Ends polls, deliveries and alarms. */
  stop(): void {
    this.webhook.set(undefined);
    this.updates.clear();
    this.callbacks.clear();
    this.clock.stop();
  }

  #populate(): void {
    const alerts = this.chats.create({ id: -1_001_000_000_001, title: "Alerts" });
    for (const person of this.people) {
      alerts.members.set(person.id, person);
      this.chats.create({ type: "private", user: person }).trouble = "never started";
    }
  }
}
