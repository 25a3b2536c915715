/** One thing at a time to one chat: a message, an edit, a digest. What Telegram answers is obeyed here. */
import type { Severity } from "../event.ts";
import { RANK } from "./severity.ts";
import type { Due } from "./store/keys.ts";
import type { Entry, Kept, Store, Told } from "./store/store.ts";
import type { Outcome, Telegram } from "./telegram/api.ts";
import { type Message, renderAlert, renderDigest } from "./telegram/render/message.ts";

/** What came of a job: a new message; nothing left to do; or it is due again later. */
export type Result = "sent" | "done" | "left";

/** The way to one chat. */
export interface Delivery {
  /** Where alerts go now; a group that became a supergroup is followed. */
  chatId(): number | undefined;
  /** Nothing is sent before; milliseconds since 1970. */
  blockedUntil(): number;
  /** What is wrong with the chat, as far as this hub has seen. */
  fault(): string | undefined;
  /** Sends a new message, and rewrites it at once when enough repeats came while it was under way. */
  tell(due: Due & { readonly kind: "message" }, entry: Entry): Promise<Result>;
  /** Rewrites a message that shows less than the last rung. Skipped while the chat is blocked: its window closes later. */
  recount(id: string, entry: Entry): Promise<void>;
  /** The last edit of a window: from now on the number is exact. */
  close(due: Due & { readonly kind: "window" }, kept: Kept): Promise<Result>;
  /** One message for all that was over the limit. */
  digest(due: Due & { readonly kind: "digest" }): Promise<Result>;
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

export function createDelivery(parts: DeliveryParts): Delivery {
  const { store, telegram, clock } = parts;
  let { chatId } = parts;
  let blockedUntil = 0;
  let fault: string | undefined;

  /** A longer wait is never shortened by a later answer. */
  function block(ms: number): number {
    blockedUntil = Math.max(blockedUntil, clock() + ms);
    return blockedUntil;
  }

  /** Sends, and should the group have become a supergroup, sends to where it went. */
  async function send(message: Message, severity: Severity): Promise<Outcome> {
    if (chatId === undefined) return { kind: "gone", why: "no chat is bound: set TELEGRAM_CHAT_ID" };
    const silent = RANK[severity] < RANK.error;
    const outcome = await telegram.send(chatId, message, silent);
    if (outcome.kind !== "moved") return outcome;
    chatId = outcome.chatId;
    return telegram.send(chatId, message, silent);
  }

  /** Answers where a new message is; `undefined` when it is nowhere, and then the store knows what to do with it. */
  async function obey(due: Exclude<Due, { kind: "window" }>, outcome: Outcome): Promise<number | undefined> {
    switch (outcome.kind) {
      case "sent":
        fault = undefined;
        return outcome.messageId;
      case "later":
        await store.postpone([due], outcome.limited ? block(outcome.after) : clock() + outcome.after);
        return undefined;
      case "refused":
        console.error(`snitchbot: Telegram refused a message for good: ${outcome.why}`);
        if (due.kind === "message") await store.discard(due);
        else await store.postpone([due], clock() + DEAD);
        return undefined;
      case "moved": // twice in a row
      case "gone":
        fault = outcome.kind === "gone" ? outcome.why : "the group moved twice";
        console.error(`snitchbot: the chat is out of reach: ${fault}`);
        await store.postpone([due], block(DEAD));
        return undefined;
    }
  }

  /** Puts the present count into a message. What is wrong with the chat it stands in says nothing of ours. */
  async function rewrite({ alert, tally }: Entry, { chatId, messageId }: Told): Promise<Outcome> {
    const outcome = await telegram.edit(chatId, messageId, renderAlert(alert, tally, clock()));
    if (outcome.kind === "later" && outcome.limited) block(outcome.after);
    return outcome;
  }

  async function recount(id: string, entry: Entry): Promise<void> {
    const { alert, message, tally } = entry;
    if (message === undefined || rungAt(tally.count) <= message.shown || clock() < blockedUntil) return;
    const outcome = await rewrite(entry, message);
    if (outcome.kind === "sent") await store.shown(alert.service, id, { ...message, shown: tally.count });
  }

  return {
    chatId: () => chatId,
    blockedUntil: () => blockedUntil,
    fault: () => fault,
    recount,

    async tell(due, entry) {
      const { alert, tally } = entry;
      const messageId = await obey(due, await send(renderAlert(alert, tally, clock()), alert.event.severity));
      if (messageId === undefined || chatId === undefined) return "left";
      const message: Told = { chatId, messageId, shown: tally.count };
      const now = await store.settle(due, message);
      if (now !== undefined) await recount(due.id, { alert, tally: now, message });
      return "sent";
    },

    async close(due, kept) {
      const { message, tally, refused, seen } = kept;
      if (message === undefined && !refused) {
        // Telegram does not have it yet; when it does, it shows all that was counted until then.
        await store.postpone([due], clock() + DEAD);
        return "left";
      }
      // Even when it should show this number already: of two edits under way at once the older may have come last.
      const outcome = message && (await rewrite(kept, message));
      if (outcome?.kind === "later") {
        await store.postpone([due], clock() + outcome.after);
        return "left";
      }
      // A message that somebody deleted, or a chat that is no more, needs no number.
      await store.close(
        due,
        seen,
        message && outcome?.kind === "sent" ? { ...message, shown: tally.count } : undefined,
      );
      return "done";
    },

    async digest(due) {
      const digest = await store.digest(due.service);
      if (digest !== undefined) {
        const { from, count, lost } = digest;
        const message = renderDigest({ service: due.service, count, lost, from, to: clock() });
        if ((await obey(due, await send(message, "error"))) === undefined) return "left";
      }
      await store.digested(due.service, digest, clock());
      return digest === undefined ? "done" : "sent";
    },
  };
}
