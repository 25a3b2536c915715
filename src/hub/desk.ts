/** Where the chat's wishes come in: who may, once, and within the budget. Everybody else gets silence. */
import type { Claims } from "./claims.ts";
import type { Answer, Delivery, To } from "./delivery.ts";
import type { Presses } from "./presses.ts";
import { report } from "./report.ts";
import type { Seam } from "./seam.ts";
import { type Caller, type Entered, type Store, StoreError } from "./store/store.ts";
import type { Telegram } from "./telegram/api.ts";
import { type Incoming, type Membership, type Pressed, readUpdate, type Said } from "./telegram/bot.ts";
import type { Ask, Command, Means, Reply } from "./telegram/commands/command.ts";
import { nearest } from "./telegram/commands/words.ts";
import {
  renderAway,
  renderBroken,
  renderHasty,
  renderNoCommand,
  renderUnknown,
  renderUsage,
} from "./telegram/render/answer.ts";
import { parseCallback } from "./telegram/render/callback.ts";

export interface Desk {
  /**
   * Takes one update of Telegram's, once. Whatever is in it, it does not fail; it rejects only when the store is away, and
   * then nothing was taken. Answers how many milliseconds it has to wait, because no call to Telegram may be made now.
   */
  take(update: unknown, seam: Seam): Promise<number | undefined>;
}

export interface DeskParts {
  readonly store: Store;
  readonly telegram: Telegram;
  readonly delivery: Delivery;
  readonly claims: Claims;
  readonly presses: Presses;
  readonly commands: readonly Command[];
  readonly means: Means;
  /** The chat that the hub was given; without one the store says which is bound. */
  readonly given: number | undefined;
  /** Who may ask and press; empty means everybody in the chat. */
  readonly allowed: readonly number[];
  readonly clock: () => number;
}

/** A question that could not be answered for so long is dropped: who asked has gone on. */
const PATIENCE = 90_000;
/** The longest that Telegram is asked to wait with the next update of a chat: there may be a press of a mute behind it. */
const PAUSE = 10_000;
/** How long another chat is known as such, so that it costs the store nothing. */
const FOREIGN = 10 * 60_000;
const REMEMBERED = 1_000;

export function createDesk(parts: DeskParts): Desk {
  const { store, telegram, delivery, claims, presses, commands, means, clock } = parts;
  const strangers = new Map<number, number>();

  /** Takes an update in; `undefined` when it is none of ours, or not the first of its kind. */
  async function enter(
    it: Incoming,
    call: Caller["call"],
  ): Promise<Exclude<Entered, { kind: "seen" | "foreign" }> | undefined> {
    const { updateId, userId, chatId } = it;
    const threadId = it.kind === "membership" ? undefined : it.threadId;
    const entered = await store.enter({ now: clock(), updateId, userId, chatId, threadId, given: parts.given, call });
    if (entered.kind === "foreign") estrange(chatId);
    if (entered.kind === "seen" || entered.kind === "foreign") return undefined;
    delivery.turnTo(chatId);
    return entered;
  }

  function estrange(chatId: number): void {
    if (strangers.size >= REMEMBERED) strangers.clear();
    strangers.set(chatId, clock() + FOREIGN);
  }

  function mayAsk({ chatId, userId }: Incoming): boolean {
    const isStranger = chatId !== delivery.chatId() && (strangers.get(chatId) ?? 0) > clock();
    return !isStranger && (parts.allowed.length === 0 || parts.allowed.includes(userId));
  }

  async function hear(it: Said): Promise<number | undefined> {
    const command = commands.find(({ name }) => name === it.name);
    if (command === undefined && !it.isPrivate && it.to === undefined) return undefined; // another bot's, perhaps
    if (it.to !== undefined && it.to !== ((await telegram.username()) ?? it.to)) return undefined;
    const entered = await enter(it, "must");
    if (entered?.kind === "early") return clock() - it.at < PATIENCE ? Math.min(entered.ms, PAUSE) : undefined;
    if (entered === undefined) return undefined;
    const to: To = { chatId: it.chatId, threadId: it.threadId, replyTo: it.messageId };
    if (entered.kind === "hasty") {
      if (entered.isNews) await delivery.answer(to, messageOf(renderHasty(Math.ceil(entered.ms / 1_000))));
    } else if (command) await delivery.answer(to, await answerTo(command, askOf(it, it.name, it.words, entered)));
    else {
      const near = nearest(
        it.name,
        commands.map(({ name }) => name),
        3,
      );
      await delivery.answer(to, messageOf(renderNoCommand(it.name, near)));
    }
    return undefined;
  }

  /** What a person asks, whose words may name a service. */
  function askOf(
    it: Said | Pressed,
    name: string,
    words: readonly string[],
    { services, topicOf }: Entered & { kind: "in" },
  ): Ask {
    const at = words.findIndex((word) => word === "*" || services.includes(word.toLowerCase()));
    const named = words[at]?.toLowerCase();
    const { chatId, threadId, userId, isPrivate } = it;
    return {
      ...{ name, services, chatId, threadId, userId, isPrivate, now: clock() },
      words: words.filter((_, i) => i !== at),
      service: named === "*" ? undefined : (named ?? topicOf),
    };
  }

  /** Never rejects: an update that was taken in does not come again. */
  async function answerTo(command: Command, ask: Ask): Promise<Answer> {
    try {
      return unfolded(await command.run(ask, means), command, ask);
    } catch (error) {
      report(error);
      return messageOf(error instanceof StoreError ? renderAway() : renderBroken());
    }
  }

  async function press(it: Pressed): Promise<void> {
    const callback = parseCallback(it.data);
    const entered = await enter(it, presses.callOf(callback)).catch((error) => sayAway(it, error));
    if (entered === undefined) return;
    if (entered.kind !== "in") {
      return telegram.answer(it.queryId, `That was a lot at once. Press again in ${Math.ceil(entered.ms / 1_000)} s.`);
    }
    if (callback?.verb !== "ask") return presses.press(it, callback, entered);
    const command = commands.find(({ name }) => name === callback.command);
    if (command === undefined) return telegram.answer(it.queryId, "This button is of another version.");
    if (!entered.granted)
      return telegram.answer(it.queryId, "Telegram lets me say no more right now. Press again in a moment.");
    const service = callback.service && presses.serviceOf(callback.service, entered);
    if (callback.service !== undefined && service === undefined)
      return telegram.answer(it.queryId, "This is no longer there.");
    await telegram.answer(it.queryId, "");
    const ask = { ...askOf(it, command.name, callback.words, entered), ...(service && { service }) };
    const { chatId, threadId, messageId, text } = it;
    const isText = text !== undefined;
    await delivery.answer({ chatId, threadId, ...(isText && { editing: messageId }) }, await answerTo(command, ask));
  }

  /** Telegram brings the press again; who waits for it is told, where that is surely somebody of ours. */
  async function sayAway({ chatId, queryId }: Pressed, error: unknown): Promise<never> {
    const words = "The store does not answer. What you pressed is done as soon as it does.";
    if (chatId === delivery.chatId()) await telegram.answer(queryId, words);
    throw error;
  }

  async function follow(it: Membership): Promise<void> {
    if ((await enter(it, "none"))?.kind !== "in") return;
    await (it.out === undefined ? delivery.welcomed() : delivery.expelled(it.out));
  }

  async function forbid(it: Incoming): Promise<void> {
    if (it.kind === "pressed" && it.chatId === delivery.chatId())
      await telegram.answer(it.queryId, "You may not decide this.");
  }

  return {
    async take(update, seam) {
      const it = readUpdate(update);
      if (it === undefined) return undefined;
      if (it.kind === "membership") await follow(it);
      else if (!mayAsk(it) && !claims.isClaim(it)) await forbid(it);
      else if (it.kind === "pressed") await press(it);
      else if (claims.isClaim(it)) await claims.claim(it, seam);
      else return hear(it);
      return undefined;
    },
  };
}

function messageOf(message: (Answer & { kind: "message" })["message"]): Answer {
  return { kind: "message", message };
}

/** What the person reads where the command itself leaves that to us. */
function unfolded(reply: Reply, command: Command, { services, words }: Ask): Answer {
  if (reply.kind === "usage") return messageOf(renderUsage(command, reply.why));
  if (reply.kind !== "unknown") return reply;
  const others = words.filter((word) => word !== reply.word);
  return messageOf(renderUnknown(reply.word, nearest(reply.word, services), command.name, others));
}
