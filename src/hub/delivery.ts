/** One thing at a time to one chat: a message, an edit. What Telegram answers is obeyed here. */
import type { Severity } from "../event.ts";
import type { Alert, Tally } from "./alert.ts";
import { RANK } from "./severity.ts";
import type { Due } from "./store/keys.ts";
import type { Channel, Entry, Kept, MessageDue, Store, Told, WindowDue } from "./store/store.ts";
import type { How, Outcome, Telegram } from "./telegram/api.ts";
import type { Reply } from "./telegram/commands/command.ts";
import { type Message, renderAlert, renderBack, renderConfession } from "./telegram/render/message.ts";
import type { Topics } from "./topics.ts";

/** What came of a job: a new message; nothing left to do; or it is due again later. */
export type Result = "sent" | "done" | "left";

/**
 * The way to one chat. Its calls were granted by the store, out of the chat's one budget; but for what it says of itself,
 * and for what it tells while the store is away.
 */
export interface Delivery {
  /**
   * Sends a message, into a service's topic where one is named. Answers where it is; "refused" when Telegram will never have
   * it, and the chat was told so; `undefined` when `due` waits.
   */
  post(due: Due, message: Message, severity: Severity, where?: Where): Promise<Spot | "refused" | undefined>;
  /** Where alerts go now; a group that became a supergroup is followed. */
  chatId(): number | undefined;
  /** Takes over what the store knows of the chat, and tells it what it does not know. */
  adopt(channel: Channel): Promise<void>;
  /** This is the chat that alerts go to: it was bound, or has just been heard of as such. */
  turnTo(chatId: number): void;
  /** The chat became this one. Rejects when the store is away: then nobody knows of it. */
  moveTo(chatId: number): Promise<void>;
  /** Nothing is sent before; milliseconds since 1970. */
  blockedUntil(): number;
  /** Sends a new message, in reply to one that it outdoes. */
  tell(due: MessageDue, entry: Entry, repliesTo?: Told): Promise<Result>;
  /** Puts the present count into a message. Should that fail, its window closes with the exact number. */
  recount(id: string, entry: Entry): Promise<void>;
  /** The last edit of a window: from now on the number is exact. */
  close(due: WindowDue, kept: Kept): Promise<Result>;
  /** Sends what the store cannot take, marked as such. Answers whether Telegram has it. */
  tellDirectly(alert: Alert, tally: Tally): Promise<boolean>;
  /** Counts what was sent while the store was away in the chat's budget. */
  own(times: readonly number[]): Promise<void>;
  /** Says that the store is back, after how long, and how many messages were sent without it. `false` when it has to be said later. */
  sayBack(ms: number, messages: number): Promise<boolean>;
  /** Rewrites a message. Should that have to wait, `due` does. */
  edit(place: Spot, message: Message, due?: Due): Promise<Outcome>;
  /** Pins a message without a sound, or unpins it. The call was granted. */
  pin(place: Spot, isPinned: boolean): Promise<Outcome>;
  /** Answers a person. The call was granted; what comes of it is obeyed, and nobody tries again. */
  answer(to: To, answer: Answer): Promise<Outcome>;
  /** Puts other buttons below a message. The call was granted. */
  putButtons(place: Spot, buttons: Message["buttons"]): Promise<void>;
  /** The bot was let into the chat, or given other rights. */
  welcomed(): Promise<void>;
  /** The bot was thrown out of the chat; `why` is for people. */
  expelled(why: string): Promise<void>;
}

/** A message's place in Telegram. */
export type Spot = Omit<Told, "shown">;

/** What a person reads who asked. */
export type Answer = Exclude<Reply, { readonly kind: "usage" | "unknown" }>;

/** Where an answer goes. */
export interface To extends Omit<How, "silent"> {
  readonly chatId: number;
  /** The message that it takes the place of, if it is a message itself. */
  readonly editing?: number;
}

/** Where a message belongs. */
export interface Where {
  readonly service: string;
  /** The service's topic, as the store keeps it. */
  readonly topic?: string | undefined;
  readonly repliesTo?: Spot | undefined;
}

export interface DeliveryParts {
  readonly store: Store;
  readonly telegram: Telegram;
  readonly topics: Topics;
  /** Where alerts go; without it they wait in the outbox. */
  readonly chatId: number | undefined;
  /** The lowest severity that makes a sound. */
  readonly loudFrom: Severity;
  readonly clock: () => number;
}

/** What met a dead channel, or a message that is not there yet, is looked at again after this. */
const AGAIN = 60_000;
/** The longest wait between two attempts to reach Telegram: when it is back, nobody should wait much longer. */
const PATIENCE = 2 * 60_000;
/** After each so many attempts Telegram is offered another message; if it takes that, the first is given up. */
const ENOUGH = 10;
const HOUR = 3_600_000;

export function createDelivery(parts: DeliveryParts): Delivery {
  const { store, telegram, topics, clock } = parts;
  const loudFrom = RANK[parts.loudFrom];
  let { chatId } = parts;
  let blockedUntil = 0;
  /** The end of a penalty that the store does not know of, since it was away. */
  let metAlone = 0;
  let dead: string | undefined;
  let quiet: Channel["quiet"];
  let confessedUntil = 0;
  let tookAt = Number.NEGATIVE_INFINITY;

  /** Tells all hubs to leave a chat alone; a longer wait is never shortened. */
  async function block(chat: number, ms: number, due: Due | undefined): Promise<void> {
    const until = clock() + ms;
    if (chat === chatId) hold(until);
    await store.block(chat, until, due);
    if (chat === chatId) metAlone = 0;
  }

  /** Until the store knows it too, nobody but this hub keeps a penalty. */
  function hold(until: number): void {
    blockedUntil = Math.max(blockedUntil, until);
    metAlone = blockedUntil;
  }

  /** In quiet hours only what is critical makes a sound. */
  function isSilent(severity: Severity): boolean {
    const isQuiet = quiet !== undefined && clock() >= quiet.from && clock() < quiet.to;
    return RANK[severity] < (isQuiet ? RANK.critical : loudFrom);
  }

  async function moveTo(other: number): Promise<void> {
    if (chatId !== undefined) await store.moved(chatId, other);
    chatId = other;
  }

  /** A message of ours: to where the chat is, followed once when it has moved. */
  async function send(message: Message, severity: Severity, how: Omit<How, "silent"> = {}): Promise<Outcome> {
    if (chatId === undefined) return { kind: "gone", what: "chat", why: "no chat is bound: set TELEGRAM_CHAT_ID" };
    const silent = isSilent(severity);
    const outcome = await telegram.send(chatId, message, { ...how, silent });
    if (outcome.kind !== "moved") return outcome;
    await moveTo(outcome.chatId);
    return telegram.send(chatId, message, { silent });
  }

  /** A message of a service: into its topic, where the chat has them. A topic that is gone is made again, once. */
  async function sendFor({ service, topic, repliesTo }: Where, message: Message, severity: Severity): Promise<Outcome> {
    const replyTo = repliesTo?.chatId === chatId ? repliesTo?.messageId : undefined;
    if (chatId === undefined) return send(message, severity);
    const thread = await topics.find(chatId, service, topic);
    if (thread.kind === "later") return thread;
    const outcome = await send(message, severity, { replyTo, threadId: thread.id });
    if (outcome.kind !== "gone" || outcome.what !== "topic" || thread.id === undefined) return outcome;
    const other = await topics.replace(chatId, service, thread.id);
    if (other.kind === "later") return other;
    const again = await send(message, severity, { threadId: other.id });
    return again.kind === "gone" && again.what === "topic" ? send(message, severity) : again;
  }

  /** Answers where a new message is; `undefined` when it is nowhere, and then the store knows what to do with it. */
  async function obey(due: Due, outcome: Outcome, attempts = 0): Promise<Spot | "refused" | undefined> {
    if (chatId === undefined) return undefined;
    switch (outcome.kind) {
      case "sent":
        if (dead) await store.revived(chatId);
        dead = undefined;
        tookAt = clock();
        if (outcome.plain) await confess(outcome.plain, "format");
        return { chatId, messageId: outcome.messageId };
      case "later":
        if (outcome.limited) await block(chatId, outcome.after, due);
        else if (due.kind === "message" && attempts % ENOUGH === ENOUGH - 1 && (await takesOthers(outcome.why))) {
          await store.refused(due);
        } else await wait(due, attempts, Math.min(PATIENCE, outcome.after * 2 ** attempts));
        return undefined;
      case "refused":
        await Promise.all([store.refused(due), confess(outcome.why, "deliver")]);
        return "refused";
      case "moved": // twice in a row
      case "gone":
        dead = outcome.kind === "gone" ? outcome.why : "the group moved twice";
        console.error(`snitchbot: the chat is out of reach: ${dead}`);
        await wait(due, attempts, AGAIN);
        blockedUntil = await store.die(chatId, clock(), dead);
        return undefined;
    }
  }

  /** Whether Telegram takes other messages while it does not answer for one; it is offered the news of that. */
  async function takesOthers(why: string): Promise<boolean> {
    const hasTaken = clock() - tookAt < PATIENCE;
    return (await confess(why, "deliver")) || hasTaken;
  }

  async function wait(due: Due, attempts: number, ms: number): Promise<void> {
    const until = clock() + ms;
    await (due.kind === "message" ? store.retry(due, attempts + 1, until) : store.postpone(due, until));
  }

  /**
   * A message that nobody will read is a fault of ours: it shows in `/health`, and the chat hears of it; once an hour is
   * enough. Answers whether the chat has heard it now.
   */
  async function confess(why: string, failed: "deliver" | "format"): Promise<boolean> {
    console.error(`snitchbot: Telegram refused a message: ${why}`);
    if (chatId === undefined || clock() < Math.max(confessedUntil, blockedUntil)) return false;
    const outcome = await telegram.send(chatId, renderConfession(why, failed), { silent: true });
    if (outcome.kind === "sent") confessedUntil = clock() + HOUR;
    if (outcome.kind === "later" && outcome.limited) await block(chatId, outcome.after, undefined);
    return outcome.kind === "sent";
  }

  /** An edit. What is wrong with the chat that a message stands in says nothing of the one we send to. */
  async function edit({ chatId: chat, messageId }: Spot, message: Message, due?: Due): Promise<Outcome> {
    const outcome = await telegram.edit(chat, messageId, message);
    if (outcome.kind === "later" && outcome.limited) await block(chat, outcome.after, due);
    else if (outcome.kind === "later" && due) await store.postpone(due, clock() + outcome.after);
    return outcome;
  }

  /** Nobody needs a sound who has just asked. */
  function say({ chatId: chat, editing, ...how }: To, answer: Answer): Promise<Outcome> {
    const silently = { ...how, silent: true };
    switch (answer.kind) {
      case "message":
        if (editing !== undefined) return telegram.edit(chat, editing, answer.message);
        return telegram.send(chat, answer.message, silently);
      case "document":
        return telegram.sendDocument(chat, answer, silently);
      case "photo":
        return telegram.sendPhoto(chat, { ...answer, name: "picture.png" }, silently);
    }
  }

  return {
    chatId: () => chatId,
    blockedUntil: () => blockedUntil,

    async adopt({ movedTo, isUnbound, dead: why, plainUntil, blockedUntil: until = 0, quiet: hours }) {
      if (movedTo !== undefined || isUnbound) chatId = movedTo;
      dead = why;
      quiet = hours;
      blockedUntil = Math.max(metAlone, until);
      topics.adopt(plainUntil);
      if (chatId !== undefined && metAlone > Math.max(until, clock()))
        await block(chatId, metAlone - clock(), undefined);
    },

    turnTo(chat) {
      chatId = chat;
    },

    moveTo,

    async tell(due, { alert, tally, attempts, topic }, repliesTo) {
      const message = renderAlert(alert, tally, clock());
      const outcome = await sendFor({ service: alert.service, topic, repliesTo }, message, alert.event.severity);
      const place = await obey(due, outcome, attempts);
      if (place === undefined || place === "refused") return "left";
      blockedUntil = Math.max(blockedUntil, await store.settle(due, { ...place, shown: tally.count }, attempts));
      return "sent";
    },

    async post(due, message, severity, where) {
      if (clock() < blockedUntil) return undefined;
      return obey(due, await (where ? sendFor(where, message, severity) : send(message, severity)));
    },

    edit,

    async pin({ chatId: chat, messageId }, isPinned) {
      const outcome = await (isPinned ? telegram.pin(chat, messageId) : telegram.unpin(chat, messageId));
      if (outcome.kind === "later" && outcome.limited) await block(chat, outcome.after, undefined);
      return outcome;
    },

    async tellDirectly(alert, tally) {
      if (chatId === undefined || clock() < blockedUntil) return false;
      const message = renderAlert(alert, tally, clock(), { warning: "Redis is away: repeats are not counted" });
      const silent = isSilent(alert.event.severity);
      let outcome = await telegram.send(chatId, message, { silent });
      if (outcome.kind === "moved") {
        chatId = outcome.chatId; // the store hears of it from the next who meets it
        outcome = await telegram.send(chatId, message, { silent });
      }
      if (outcome.kind === "later" && outcome.limited) hold(clock() + outcome.after);
      return outcome.kind === "sent";
    },

    async own(times) {
      if (chatId !== undefined && times.length > 0) await store.spent(chatId, times);
    },

    async sayBack(ms, messages) {
      if (chatId === undefined) return true;
      if (clock() < blockedUntil) return false;
      await store.spent(chatId, [clock()]);
      const outcome = await telegram.send(chatId, renderBack(ms, messages), { silent: true });
      if (outcome.kind === "later" && outcome.limited) await block(chatId, outcome.after, undefined);
      return outcome.kind !== "later";
    },

    async recount(id, { alert, tally, message }) {
      if (message === undefined || clock() < blockedUntil) return;
      const outcome = await edit(message, renderAlert(alert, tally, clock()));
      if (outcome.kind === "sent") await store.shown(alert.service, id, { ...message, shown: tally.count });
    },

    async close(due, { alert, tally, message, refused, seen, mutedUntil }) {
      if (message === undefined && !refused) {
        // Telegram does not have it yet; when it does, it shows all that was counted until then.
        await store.postpone(due, clock() + AGAIN);
        return "left";
      }
      // Even when it should show this number already: of two edits under way at once the older may have come last.
      const outcome = message && (await edit(message, renderAlert(alert, tally, clock(), { mutedUntil }), due));
      if (outcome?.kind === "later") return "left";
      if (outcome?.kind === "gone" && message?.chatId === chatId) {
        await obey(due, outcome); // the number waits until the chat answers again
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

    async answer(to, answer) {
      const outcome = await say(to, answer);
      if (outcome.kind === "later" && outcome.limited) await block(to.chatId, outcome.after, undefined);
      if (outcome.kind !== "sent") console.error(`snitchbot: an answer did not arrive: ${whyOf(outcome)}`);
      return outcome;
    },

    async putButtons({ chatId: chat, messageId }, buttons) {
      const outcome = await telegram.putButtons(chat, messageId, buttons);
      if (outcome.kind === "later" && outcome.limited) await block(chat, outcome.after, undefined);
    },

    async welcomed() {
      if (chatId === undefined) return;
      topics.adopt(undefined);
      if (await store.revived(chatId)) blockedUntil = metAlone;
      dead = undefined;
    },

    async expelled(why) {
      if (chatId === undefined) return;
      dead = why;
      blockedUntil = await store.die(chatId, clock(), why, "surely");
    },
  };
}

function whyOf(outcome: Exclude<Outcome, { kind: "sent" }>): string {
  return outcome.kind === "moved" ? "the group has moved" : outcome.why;
}
