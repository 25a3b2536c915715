/** Forum topics: in a chat that has them, each service gets its own. */
import type { Store } from "./store/store.ts";
import type { Outcome, Telegram } from "./telegram/api.ts";
import { renderTopicHint } from "./telegram/render/message.ts";

/** Where a service's message goes: a thread or, without an id, the chat itself. Or not now. */
export type Thread = { readonly kind: "thread"; readonly id?: number } | (Outcome & { readonly kind: "later" });

export interface Topics {
  /** Finds a service's thread, and makes its topic when it has none; `known` is what the store has just said of it. */
  find(chatId: number, service: string, known: string | undefined): Promise<Thread>;
  /** As {@link find}, after Telegram did not know a topic any more. */
  replace(chatId: number, service: string, gone: number): Promise<Thread>;
  /** Takes over until when the store says that the chat has no topics. */
  adopt(plainUntil: number | undefined): void;
}

/** How long a chat that has no topics, or none for us, is believed. That we were promoted is heard at once. */
const DAY = 24 * 3_600_000;
const CHAT: Thread = { kind: "thread" };

export function createTopics(store: Store, telegram: Telegram, clock: () => number): Topics {
  let plainUntil = 0;

  async function ask(chatId: number, service: string, gone?: number): Promise<Thread> {
    const place = await store.place(service, chatId, clock(), gone);
    if (place.kind === "create") return make(chatId, service);
    return place.kind === "topic" ? { kind: "thread", id: place.threadId } : CHAT;
  }

  async function make(chatId: number, service: string): Promise<Thread> {
    const made = await telegram.createTopic(chatId, service);
    switch (made.kind) {
      case "made":
        await store.topicMade(service, chatId, made.threadId);
        return { kind: "thread", id: made.threadId };
      case "later":
        // Without an answer it may or may not be there; the message must not wait for that.
        return made.limited ? made : CHAT;
      case "moved": // the message finds out where to
        return CHAT;
      default:
        await goWithout(chatId, service, made.kind === "gone" && made.why.includes("not enough rights"));
        return CHAT;
    }
  }

  async function goWithout(chatId: number, service: string, lacksRight: boolean): Promise<void> {
    plainUntil = clock() + DAY;
    const isFirst = await store.withoutTopics(service, chatId, plainUntil, lacksRight);
    if (isFirst) await telegram.send(chatId, renderTopicHint(), { silent: true });
  }

  return {
    async find(chatId, service, known) {
      if (known !== undefined && /^\d+$/.test(known)) return { kind: "thread", id: Number(known) };
      return clock() < plainUntil ? CHAT : ask(chatId, service);
    },
    replace: ask,
    adopt(until = 0) {
      plainUntil = until;
    },
  };
}
