import type { BotCommand, CallbackQuery, User } from "@grammyjs/types";
import type { Call } from "./call.ts";
import { CallbackQueries } from "./callbacks.ts";
import { Chats } from "./chats.ts";
import { type Alarms, alarmsOn, type Clock } from "./clock.ts";
import { Faults } from "./faults.ts";
import { Files } from "./files.ts";
import { Limiter } from "./limiter.ts";
import type { ChatMessage, Room, Topic } from "./room.ts";
import { Updates } from "./updates.ts";
import { Webhook } from "./webhook.ts";

/** A chat as the chat page is told of it, without its messages. */
export interface ChatSummary {
  readonly chat: Room["chat"];
  readonly topics: readonly Topic[];
  readonly pinned: readonly number[];
  readonly commands: readonly BotCommand[];
}

/** Something a reader of the chats would see happen. */
export type Change =
  | { readonly type: "message" | "edit"; readonly message: ChatMessage }
  | { readonly type: "delete"; readonly chat_id: number; readonly message_id: number }
  | { readonly type: "pin"; readonly chat_id: number; readonly pinned: readonly number[] }
  | { readonly type: "chat"; readonly chat: ChatSummary }
  | { readonly type: "typing"; readonly chat_id: number; readonly message_thread_id?: number; readonly action: string }
  | ({ readonly type: "answer" } & CallbackAnswer)
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
  /** The person at the chat page. */
  readonly human: User;
  /** Posts updates to the bot's webhook. */
  readonly post: typeof fetch;
  /** Carries out the call a bot made by answering its webhook. */
  readonly onReply: (call: Call) => Promise<void>;
}

/** Telegram as the stand-in keeps it: who is there, what was said, what still has to be told to the bot. */
export class World {
  readonly clock: Alarms;
  readonly bot: User;
  /** The person at the chat page. */
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

  constructor({ clock, bot, human, post, onReply }: WorldOptions) {
    this.clock = alarmsOn(clock);
    this.bot = bot;
    this.human = human;
    this.chats = new Chats(human, (room) => this.tell({ type: "chat", chat: this.summary(room) }));
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
    if (id === this.human.id) return this.human;
    return this.chats.all().flatMap((room) => room.members.get(id) ?? [])[0];
  }

  summary(room: Room): ChatSummary {
    return {
      chat: room.chat,
      topics: [...room.topics.values()],
      pinned: room.pinned,
      commands: this.commandsIn(room.chat),
    };
  }

  /** The commands a member of the chat is offered. */
  commandsIn(chat: Room["chat"]): readonly BotCommand[] {
    const kind = chat.type === "private" ? "all_private_chats" : "all_group_chats";
    const lists = [`chat:${chat.id}`, kind, "default"].map((scope) => this.commands.get(`${scope}/`) ?? []);
    return lists.find((list) => list.length > 0) ?? [];
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
    this.chats.create({ id: -1_001_000_000_001, title: "Alerts" });
  }
}
