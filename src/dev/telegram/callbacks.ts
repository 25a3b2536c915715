import type { CallbackQuery } from "@grammyjs/types";
import type { Clock } from "./clock.ts";
import { badRequest } from "./refusal.ts";
import type { CallbackAnswer } from "./world.ts";

/** How long a pressed button waits for its answer, and how long it lets the bot answer the presser alone. */
const patience = 60_000;
const ephemeralPatience = 15_000;

interface Pressed {
  readonly query: CallbackQuery;
  readonly at: number;
  readonly answered: Promise<CallbackAnswer | undefined>;
  readonly settle: (answer: CallbackAnswer | undefined) => void;
  isOver: boolean;
}

/** The buttons that were pressed: each is answered once, and not too late. */
export class CallbackQueries {
  readonly #clock: Clock;
  readonly #pressed = new Map<string, Pressed>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A number for the next query, as long as Telegram's. */
  nextId(): string {
    return `${4_382_000_000_000_000_000n + BigInt(++this.#count)}`;
  }

  open(query: CallbackQuery): void {
    const { promise, resolve } = deferred<CallbackAnswer | undefined>();
    const pressed = { query, at: this.#clock.now(), answered: promise, settle: resolve, isOver: false };
    this.#pressed.set(query.id, pressed);
    this.#clock.after(patience, () => close(pressed, undefined));
  }

  /** Gives the query that was answered; refuses a second answer and one that comes too late. */
  answer(answer: CallbackAnswer): CallbackQuery {
    const pressed = this.#pressed.get(answer.callback_query_id);
    if (!pressed || pressed.isOver) {
      throw badRequest("query is too old and response timeout expired or query ID is invalid");
    }
    close(pressed, answer);
    return pressed.query;
  }

  /** What the bot answers; undefined when it does not do so in time. */
  answerTo(id: string): Promise<CallbackAnswer | undefined> {
    return this.#pressed.get(id)?.answered ?? Promise.resolve(undefined);
  }

  /** The pressed button that lets the bot write to its presser alone. */
  recent(id: string): CallbackQuery | undefined {
    const pressed = this.#pressed.get(id);
    return pressed && this.#clock.now() - pressed.at < ephemeralPatience ? pressed.query : undefined;
  }

  clear(): void {
    for (const pressed of this.#pressed.values()) close(pressed, undefined);
    this.#pressed.clear();
  }
}

function close(pressed: Pressed, answer: CallbackAnswer | undefined): void {
  pressed.isOver = true;
  pressed.settle(answer);
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
