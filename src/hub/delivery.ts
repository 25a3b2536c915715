/** One thing at a time to one chat: a message, an edit, a digest. What Telegram answers is obeyed here. */
import type { Severity } from "../event.ts";
import { RANK } from "./severity.ts";
import type { Due } from "./store/keys.ts";
import type { Entry, Store, Told } from "./store/store.ts";
import type { Outcome, Telegram } from "./telegram/api.ts";
import { type Message, renderAlert, renderDigest } from "./telegram/render/message.ts";

/** The way to one chat. Each job answers `true` once nothing is left to do for it. */
export interface Delivery {
  /** Nothing is sent before; milliseconds since 1970. */
  blockedUntil(): number;
  /** What is wrong with the chat, as far as this hub has seen. */
  fault(): string | undefined;
  /** Sends a new message, and rewrites it at once when enough repeats came while it was under way. */
  tell(due: Due & { readonly kind: "message" }, entry: Entry): Promise<boolean>;
  /** Rewrites a message that shows less than the last rung. Skipped while the chat is blocked: its window closes later. */
  recount(id: string, entry: Entry): Promise<void>;
  /** The last edit of a window: from now on the number is exact. */
  close(due: Due & { readonly kind: "window" }, entry: Entry): Promise<boolean>;
  /** One message for all that was over the limit. */
  digest(due: Due & { readonly kind: "digest" }): Promise<boolean>;
}

export interface DeliveryParts {
  readonly store: Store;
  readonly telegram: Telegram;
  /** Where alerts go; without it they wait in the outbox. */
  readonly chatId: number | undefined;
  readonly clock: () => number;
}

/** A dead channel is tried again after this; so is a chat that is not bound yet. */
const DEAD = 60_000;

/** The count at which a message was last due to be rewritten: 2, 5, 10, 20, 50, … What lies between waits for the next. */
export function rungAt(count: number): number {
  if (count < 2) return 1;
  const decade = 10 ** Math.floor(Math.log10(count));
  return decade * (count >= decade * 5 ? 5 : count >= decade * 2 ? 2 : 1);
}

export function createDelivery({ store, telegram, chatId, clock }: DeliveryParts): Delivery {
  let chat = chatId;
  let blockedUntil = 0;
  let fault: string | undefined;

  /** Sends, and should the group have become a supergroup, sends to where it went. */
  async function send(message: Message, severity: Severity): Promise<Outcome> {
    if (chat === undefined) return { kind: "gone", why: "no chat is bound: set TELEGRAM_CHAT_ID" };
    const silent = RANK[severity] < RANK.error;
    const outcome = await telegram.send(chat, message, silent);
    if (outcome.kind !== "moved") return outcome;
    chat = outcome.chatId;
    return telegram.send(chat, message, silent);
  }

  /** Answers where the message is now; `undefined` when it is not, and then the store knows what to do with it. */
  async function obey(due: Due, outcome: Outcome): Promise<number | undefined> {
    fault = outcome.kind === "gone" ? outcome.why : undefined;
    switch (outcome.kind) {
      case "sent":
        return outcome.messageId;
      case "later":
        if (outcome.limited) blockedUntil = clock() + outcome.after;
        await store.postpone([due], clock() + outcome.after);
        return undefined;
      case "refused":
        console.error(`snitchbot: Telegram refused a message for good: ${outcome.why}`);
        await store.discard(due);
        return undefined;
      case "moved": // twice in a row: leave it to the next sweep
      case "gone":
        if (fault) console.error(`snitchbot: the chat is out of reach: ${fault}`);
        blockedUntil = clock() + DEAD;
        await store.postpone([due], blockedUntil);
        return undefined;
    }
  }

  async function rewrite(id: string, { alert, tally, message }: Entry): Promise<Outcome | undefined> {
    if (message === undefined) return undefined;
    const outcome = await telegram.edit(message.chatId, message.messageId, renderAlert(alert, tally, clock()));
    if (outcome.kind === "sent") await store.shown(alert.service, id, { ...message, shown: tally.count });
    return outcome;
  }

  async function recount(id: string, entry: Entry): Promise<void> {
    const { message, tally } = entry;
    if (message === undefined || rungAt(tally.count) <= message.shown || clock() < blockedUntil) return;
    const outcome = await rewrite(id, entry);
    if (outcome?.kind === "later" && outcome.limited) blockedUntil = clock() + outcome.after;
  }

  return {
    blockedUntil: () => blockedUntil,
    fault: () => fault,
    recount,

    async tell(due, entry) {
      const { alert, tally } = entry;
      const messageId = await obey(due, await send(renderAlert(alert, tally, clock()), alert.event.severity));
      if (messageId === undefined || chat === undefined) return false;
      const message: Told = { chatId: chat, messageId, shown: tally.count };
      const now = await store.settle(due, message);
      if (now !== undefined) await recount(due.id, { ...entry, tally: now, message });
      return true;
    },

    async close(due, entry) {
      if (entry.message !== undefined && entry.message.shown < entry.tally.count) {
        const outcome = await rewrite(due.id, entry);
        // A message that somebody deleted needs no number.
        if (outcome && outcome.kind !== "refused" && (await obey(due, outcome)) === undefined) return false;
      }
      await store.close(due, entry.seen);
      return true;
    },

    async digest(due) {
      const digest = await store.digest(due.service);
      if (digest === undefined) {
        await store.remove(due);
        return true;
      }
      const { from, count, lost } = digest;
      const message = renderDigest({ service: due.service, count, lost, from, to: clock() });
      if ((await obey(due, await send(message, "error"))) === undefined) return false;
      await store.digested(due.service, digest, clock());
      return true;
    },
  };
}
