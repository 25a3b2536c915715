/** Where the chat's wishes come in: who may, once, and within the budget. Everybody else gets silence. */
import type { Claims } from "./claims.ts";
import type { Answer, Delivery, To } from "./delivery.ts";
import type { Press, Presses } from "./presses.ts";
import { openQuery } from "./query.ts";
import { report } from "./report.ts";
import type { Seam } from "./seam.ts";
import { type Caller, type Entered, type Store, StoreError } from "./store/store.ts";
import type { Telegram } from "./telegram/api.ts";
import { type Incoming, type Membership, type Migration, type Pressed, readUpdate, type Said } from "./telegram/bot.ts";
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
import { type AskCallback, parseCallback } from "./telegram/render/callback.ts";
import type { Message } from "./telegram/render/message.ts";
import { hastyToast, TOAST } from "./telegram/render/toast.ts";

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
const FOREIGN = 60_000;
const REMEMBERED = 1_000;

/** An update that was taken in. */
type In = Entered & { readonly kind: "in" };

export function createDesk(parts: DeskParts): Desk {
  const { store, telegram, delivery, claims, presses, commands, means, allowed, clock } = parts;
  const strangers = new Map<number, number>();

  /** Takes an update in; `undefined` when it is none of ours, or was taken before. */
  async function enter(it: Incoming, call: Caller["call"]): Promise<Welcome | undefined> {
    const { updateId, userId, chatId } = it;
    const threadId = "threadId" in it ? it.threadId : undefined;
    const entered = await store.enter({ now: clock(), updateId, userId, chatId, threadId, given: parts.given, call });
    if (entered.kind === "foreign") estrange(chatId);
    if (entered.kind === "seen" || entered.kind === "foreign") return undefined;
    // Who asks too much may be known as such before anybody has looked where: that makes no chat ours.
    if (entered.kind !== "hasty" || entered.isNews) delivery.turnTo(chatId);
    return chatId === delivery.chatId() ? entered : undefined;
  }

  function estrange(chatId: number): void {
    if (strangers.size >= REMEMBERED) strangers.clear();
    strangers.set(chatId, clock() + FOREIGN);
  }

  function mayAsk({ chatId, userId }: Incoming): boolean {
    const isStranger = chatId !== delivery.chatId() && (strangers.get(chatId) ?? 0) > clock();
    return !isStranger && (allowed.length === 0 || allowed.includes(userId));
  }

  /** Of what is written in a group, other bots may be meant. */
  async function isMeant({ to, isPrivate }: Said, command: Command | undefined): Promise<boolean> {
    if (to === undefined) return isPrivate || command !== undefined;
    return to === ((await telegram.username()) ?? to);
  }

  async function hear(it: Said): Promise<number | undefined> {
    const command = commands.find(({ name }) => name === it.name);
    if (!(await isMeant(it, command))) return undefined;
    const entered = await enter(it, "must");
    if (entered?.kind === "early") return clock() - it.at < PATIENCE ? Math.min(entered.ms, PAUSE) : undefined;
    const answer = entered && (await wordsFor(it, command, entered));
    const { chatId, threadId, messageId: replyTo } = it;
    if (answer) await delivery.answer({ chatId, threadId, replyTo }, answer);
    return undefined;
  }

  async function wordsFor(
    it: Said,
    command: Command | undefined,
    entered: Entered & { readonly kind: "in" | "hasty" },
  ): Promise<Answer | undefined> {
    if (entered.kind === "hasty") return entered.isNews ? messageOf(renderHasty(secondsOf(entered.ms))) : undefined;
    if (command) return answerTo(command, askOf(it, command, it.words, entered));
    const names = commands.map(({ name }) => name);
    return messageOf(renderNoCommand(it.name, nearest(it.name, names, 3)));
  }

  /** What a person asks, whose words may name a service. */
  function askOf(
    it: Said | Pressed,
    { name, hasOwnWords = false }: Command,
    words: readonly string[],
    { services, topicOf }: In,
  ): Ask {
    const at = hasOwnWords ? -1 : words.findIndex((word) => word === "*" || services.includes(word.toLowerCase()));
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
    const query = openQuery(telegram, it.queryId, it.chatId === delivery.chatId());
    const callback = parseCallback(it.data);
    try {
      const entered = await enter(it, presses.callOf(callback));
      if (entered === undefined) return;
      if (entered.kind !== "in") await query.answer(hastyToast(secondsOf(entered.ms)));
      else if (callback === undefined) await query.answer(TOAST.otherVersion);
      else if (callback.verb === "ask") await pressAsk({ it, query, callback, entered });
      else await presses.press({ it, query, callback, entered });
    } catch (error) {
      // Telegram brings the press again; who waits for it is told, where that is surely somebody of ours.
      if (it.chatId === delivery.chatId()) await query.answer(TOAST.storeAway);
      throw error;
    } finally {
      query.close();
    }
  }

  /** A button that stands for a command: what it answers takes the place of the message, as far as both are text. */
  async function pressAsk({ it, query, callback, entered }: PressedAsk): Promise<void> {
    const command = commands.find(({ name }) => name === callback.command);
    const service = callback.service && presses.serviceOf(callback.service, entered);
    if (command === undefined) return query.answer(TOAST.otherVersion);
    if (callback.service && service === undefined) return query.answer(TOAST.noLonger);
    if (!entered.granted) return query.answer(TOAST.noCall);
    await query.answer("");
    const said = askOf(it, command, callback.words, entered);
    // A button that carries its service has no other name among its words: a monitor may be called as a service is.
    const ask = service ? { ...said, service, words: callback.words } : said;
    const { chatId, threadId, messageId, text } = it;
    const to: To = { chatId, threadId, ...(text !== undefined && { editing: messageId }) };
    await delivery.answer(to, await answerTo(command, ask));
  }

  async function follow(it: Membership): Promise<void> {
    if ((await enter(it, "none"))?.kind !== "in") return;
    await (it.out === undefined ? delivery.welcomed() : delivery.expelled(it.out));
  }

  /** What was said in the new chat before this came was a stranger's. */
  async function move(it: Migration): Promise<void> {
    if ((await enter(it, "none"))?.kind !== "in") return;
    strangers.delete(it.to);
    await delivery.moveTo(it.to);
  }

  async function forbid(it: Said | Pressed): Promise<void> {
    const isOurs = it.chatId === delivery.chatId();
    if (it.kind === "pressed" && isOurs) await telegram.answer(it.queryId, TOAST.forbidden);
  }

  return {
    async take(update, seam) {
      const it = readUpdate(update);
      if (it === undefined) return undefined;
      if (it.kind === "membership") await follow(it);
      else if (it.kind === "migration") await move(it);
      else if (claims.isClaim(it)) await claims.claim(it, seam);
      else if (!mayAsk(it)) await forbid(it);
      else if (it.kind === "pressed") await press(it);
      else return hear(it);
      return undefined;
    },
  };
}

/** An update of our chat that comes for the first time. */
type Welcome = Exclude<Entered, { readonly kind: "seen" | "foreign" }>;

/** A press of a button that stands for a command. */
type PressedAsk = Omit<Press, "callback"> & { readonly callback: AskCallback };

/** A wait as people are told it. */
const secondsOf = (ms: number): number => Math.ceil(ms / 1_000);

function messageOf(message: Message): Answer {
  return { kind: "message", message };
}

/** What the person reads where the command itself leaves that to us. */
function unfolded(reply: Reply, command: Command, { services, words }: Ask): Answer {
  if (reply.kind === "usage") return messageOf(renderUsage(command, reply.why));
  if (reply.kind !== "unknown") return reply;
  const others = words.filter((word) => word !== reply.word);
  return messageOf(renderUnknown(reply.word, nearest(reply.word, services), command.name, others));
}
