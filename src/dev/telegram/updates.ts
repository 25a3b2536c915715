import type { Update } from "@grammyjs/types";
import type { Clock } from "./clock.ts";
import { Refusal } from "./refusal.ts";

/** The kinds of updates a bot may ask for. */
export type UpdateKind = Exclude<keyof Update, "update_id">;

/** An update the bot has not confirmed yet. */
export interface Pending {
  readonly update: Update;
  readonly at: number;
  /** Updates of one chat (or of one user, outside of chats) are told in order. */
  readonly chatId: number;
}

/** Kinds that a bot is told only when it asks for them by name. */
const onRequest: readonly string[] = ["chat_member", "message_reaction", "message_reaction_count"];

/** What still has to be told to the bot, by webhook or when it asks. */
export class Updates {
  /** Called when an update has been added. */
  onAdd: () => void = () => {};
  /** What the bot asked for; empty means all but those it must ask for by name. */
  allowed: readonly string[] = [];
  readonly #clock: Clock;
  readonly #queue: Pending[] = [];
  #nextId = 730_000_001;
  #poll: Poll | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps an update for the bot, unless it did not ask for its kind. */
  add<K extends UpdateKind>(kind: K, content: NonNullable<Update[K]>, chatId: number): Update | undefined {
    if (!this.#isAllowed(kind)) return undefined;
    const update: Update = { update_id: this.#nextId++, [kind]: content };
    this.#queue.push({ update, at: this.#clock.now(), chatId });
    this.#poll?.wake();
    this.onAdd();
    return update;
  }

  get pending(): readonly Pending[] {
    return this.#queue;
  }

  /** Strikes out an update. */
  confirm(updateId: number): void {
    const index = this.#queue.findIndex(({ update }) => update.update_id === updateId);
    if (index >= 0) this.#queue.splice(index, 1);
  }

  drop(): void {
    this.#queue.length = 0;
  }

  /** The updates from `offset` on, which confirms all before; waits up to `seconds` for the first. */
  async take(offset: number, limit: number, seconds: number): Promise<Update[]> {
    this.endPoll("Conflict: terminated by other getUpdates request; make sure that only one bot instance is running");
    this.#confirmBefore(offset);
    if (this.#queue.length === 0 && seconds > 0) await this.#wait(seconds);
    return this.#queue.slice(0, limit).map(({ update }) => update);
  }

  /** Ends a waiting getUpdates with 409. */
  endPoll(why: string): void {
    this.#poll?.end(new Refusal(409, why));
  }

  clear(): void {
    this.drop();
    this.#poll?.wake();
  }

  #isAllowed(kind: string): boolean {
    return this.allowed.length > 0 ? this.allowed.includes(kind) : !onRequest.includes(kind);
  }

  /** A negative offset counts from the end. */
  #confirmBefore(offset: number): void {
    const isOld = ({ update }: Pending, index: number, queue: readonly Pending[]) =>
      offset < 0 ? index < queue.length + offset : update.update_id < offset;
    this.#queue.splice(0, this.#queue.filter(isOld).length);
  }

  async #wait(seconds: number): Promise<void> {
    let cancel = () => {};
    const wait = new Promise<void>((resolve, reject) => {
      this.#poll = { wake: resolve, end: reject };
      cancel = this.#clock.after(seconds * 1000, resolve);
    });
    const poll = this.#poll;
    try {
      await wait;
    } finally {
      cancel();
      if (this.#poll === poll) this.#poll = undefined;
    }
  }
}

interface Poll {
  wake(): void;
  end(why: Error): void;
}
