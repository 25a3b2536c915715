/** Messages out, outcomes back. What Telegram answers becomes one of five things; nothing here throws. */

import type { MessageEntity } from "grammy/types";
import { Api, type ApiClientOptions, GrammyError, InlineKeyboard, InputFile } from "grammy/web";
import { serviceId } from "../fingerprint.ts";
import { type Button, type Message, renderPlain } from "./render/message.ts";
import { clip, clipped } from "./render/text.ts";

/** What Telegram made of one message. Nothing else can happen to it. */
export type Outcome =
  /** `plain` says why it had to go without its formatting. */
  | { readonly kind: "sent"; readonly messageId: number; readonly plain?: string }
  /** Try again, no sooner than `after` milliseconds from now. Whether it arrived may be unknown. */
  | { readonly kind: "later"; readonly after: number; readonly why: string; readonly limited: boolean }
  /** The group became a supergroup; send to `chatId` from now on. */
  | { readonly kind: "moved"; readonly chatId: number }
  /** The channel is dead: bot blocked, chat deleted, token revoked. Or only the topic is no more. */
  | { readonly kind: "gone"; readonly what: "chat" | "topic"; readonly why: string }
  /** This message can never arrive as it is. */
  | { readonly kind: "refused"; readonly why: string };

/** How a message is sent. */
export interface How {
  /** Spares the reader the sound. */
  readonly silent: boolean;
  /** The message that it answers, if that is still there. */
  readonly replyTo?: number | undefined;
  /** The topic it goes to. */
  readonly threadId?: number | undefined;
  /** Only this person sees it, who has just pressed a button; not in private chats, where nobody else is. */
  readonly onlyFor?: { readonly userId: number; readonly queryId: string } | undefined;
}

/** A file as it goes into a message. */
export interface Attachment {
  readonly name: string;
  /** 50 MB at most, a picture 10 MB. */
  readonly bytes: Uint8Array;
  /** 1,024 code points at most; what is longer is cut. */
  readonly caption: Message;
}

/** A bot's way out to its chats. */
export interface Telegram {
  send(chatId: number, message: Message, how: How): Promise<Outcome>;
  /** Rewrites a message. One that already reads so counts as sent. */
  edit(chatId: number, messageId: number, message: Message): Promise<Outcome>;
  /** Puts other buttons below a message, and leaves its text. */
  putButtons(chatId: number, messageId: number, buttons: Message["buttons"]): Promise<Outcome>;
  sendDocument(chatId: number, file: Attachment, how: How): Promise<Outcome>;
  /** A PNG or JPEG. */
  sendPhoto(chatId: number, file: Attachment, how: How): Promise<Outcome>;
  /** Pins a message without a sound. */
  pin(chatId: number, messageId: number): Promise<Outcome>;
  unpin(chatId: number, messageId: number): Promise<Outcome>;
  /** Tells the person who pressed a button, 200 characters at most; "" only ends the button's waiting. Costs nothing, and fails in silence. */
  answer(queryId: string, text: string): Promise<void>;
  /** The bot's name, in lower case; asked for once. `undefined` when Telegram does not say. */
  username(): Promise<string | undefined>;
  /** Makes a topic, its colour derived from its name. */
  createTopic(
    chatId: number,
    name: string,
  ): Promise<{ readonly kind: "made"; readonly threadId: number } | Exclude<Outcome, { kind: "sent" }>>;
}

export interface TelegramOptions {
  readonly token: string;
  readonly apiRoot: string;
  /** @default the runtime's own */
  readonly fetch?: typeof fetch;
}

/** Longest wait for one answer, in seconds. Well inside a lease, so that nobody else sends what is still under way. */
const TIMEOUT = 8;
/** How long to leave Telegram alone after an answer that says nothing, or none at all. */
const PAUSE = 10_000;

/** How grammY reaches Telegram. Its own time-out is 500 seconds; its own fetch, on Node, another library's. */
export function clientOf(options: TelegramOptions): ApiClientOptions {
  return {
    apiRoot: options.apiRoot,
    timeoutSeconds: TIMEOUT,
    // Bound anew: workerd's fetch refuses to be called as a method of something else.
    fetch: options.fetch ?? ((...request: Parameters<typeof fetch>) => fetch(...request)),
  };
}

export function createTelegram(options: TelegramOptions): Telegram {
  const api = new Api(options.token, clientOf(options));
  let name: Promise<string | undefined> | undefined;

  async function askName(): Promise<string | undefined> {
    try {
      return (await api.getMe()).username.toLowerCase();
    } catch {
      name = undefined; // it is asked for again
      return undefined;
    }
  }

  return {
    async send(chatId, message, how) {
      const sendTo = (threadId?: number) =>
        attempt(message, (it) => api.sendMessage(chatId, it.text, { ...bodyOf(it), ...partsOf({ ...how, threadId }) }));
      const outcome = await sendTo(how.threadId);
      // Somebody has closed the topic, but not to lose what is told there.
      return how.threadId !== undefined && outcome.kind === "gone" && outcome.why.includes("TOPIC_CLOSED")
        ? sendTo()
        : outcome;
    },
    async createTopic(chatId, name) {
      try {
        const color = COLORS[Number.parseInt(serviceId(name), 16) % COLORS.length] ?? COLORS[0];
        const topic = await api.createForumTopic(chatId, name, { icon_color: color });
        return { kind: "made", threadId: topic.message_thread_id };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    edit: (chatId, messageId, message) =>
      attempt(
        message,
        async (it) => {
          await api.editMessageText(chatId, messageId, it.text, bodyOf(it));
          return { message_id: messageId };
        },
        messageId,
      ),
    putButtons: (chatId, messageId, buttons) =>
      settled(messageId, () => {
        const reply_markup = keyboardOf(buttons) ?? new InlineKeyboard();
        return api.editMessageReplyMarkup(chatId, messageId, { reply_markup });
      }),
    sendDocument: (chatId, file, how) =>
      attempt(captionOf(file), (caption) =>
        api.sendDocument(chatId, new InputFile(file.bytes, file.name), { ...captionParts(caption), ...partsOf(how) }),
      ),
    sendPhoto: (chatId, file, how) =>
      attempt(captionOf(file), (caption) =>
        api.sendPhoto(chatId, new InputFile(file.bytes, file.name), { ...captionParts(caption), ...partsOf(how) }),
      ),
    pin: (chatId, messageId) =>
      settled(messageId, () => api.pinChatMessage(chatId, messageId, { disable_notification: true })),
    unpin: (chatId, messageId) => settled(messageId, () => api.unpinChatMessage(chatId, messageId)),
    async answer(queryId, text) {
      try {
        await api.answerCallbackQuery(queryId, text === "" ? {} : { text: clip(text, MOST_ANSWER) });
      } catch {
        // The person has gone on, or Telegram is away: there is nobody to tell.
      }
    },
    username() {
      name ??= askName();
      return name;
    },
  };
}

/** @see https://core.telegram.org/bots/api#answercallbackquery */
const MOST_ANSWER = 200;
const MOST_CAPTION = 1024;

function captionOf({ caption }: Attachment): Message {
  return { ...caption, ...clipped(caption, MOST_CAPTION) };
}

function captionParts({ text, entities, buttons }: Message) {
  const reply_markup = keyboardOf(buttons);
  return { caption: text, caption_entities: entities as MessageEntity[], ...(reply_markup && { reply_markup }) };
}

/** A change of something that is there; one that changes nothing counts as done. */
async function settled(messageId: number, call: () => Promise<unknown>): Promise<Outcome> {
  try {
    await call();
  } catch (error) {
    if (!said(error, "message is not modified")) return outcomeOf(error);
  }
  return { kind: "sent", messageId };
}

/** The colours that Telegram lets a topic's icon have. */
const COLORS = [0x6fb9f0, 0xffd67e, 0xcb86db, 0x8eee98, 0xff93b2, 0xfb6f5f] as const;

function partsOf({ silent, replyTo, threadId, onlyFor }: How) {
  return {
    disable_notification: silent,
    ...(replyTo !== undefined && {
      reply_parameters: { message_id: replyTo, allow_sending_without_reply: true },
    }),
    ...(threadId !== undefined && { message_thread_id: threadId }),
    ...(onlyFor && {
      ephemeral_message_parameters: { receiver_user_id: onlyFor.userId, callback_query_id: onlyFor.queryId },
    }),
  };
}

/** Tries a message, and should Telegram not understand its entities, the same text without them. */
async function attempt(
  message: Message,
  call: (message: Message) => Promise<{ readonly message_id: number }>,
  editing?: number,
): Promise<Outcome> {
  try {
    return { kind: "sent", messageId: (await call(message)).message_id };
  } catch (error) {
    if (editing !== undefined && said(error, "message is not modified")) return { kind: "sent", messageId: editing };
    if (message.entities.length > 0 && error instanceof GrammyError && said(error, "entit")) {
      const outcome = await attempt(renderPlain(message), call, editing);
      return outcome.kind === "sent" ? { ...outcome, plain: error.description } : outcome;
    }
    return outcomeOf(error);
  }
}

/** What an error of the Bot API means for the message and its chat. */
export function outcomeOf(error: unknown): Exclude<Outcome, { kind: "sent" }> {
  if (!(error instanceof GrammyError)) return later(PAUSE, "no answer from Telegram");
  const { error_code: code, description: why, parameters } = error;
  if (parameters.migrate_to_chat_id !== undefined) return { kind: "moved", chatId: parameters.migrate_to_chat_id };
  if (code === 429) return { ...later((parameters.retry_after ?? 30) * 1_000, why), limited: true };
  if (code >= 500) return later(PAUSE, why);
  if (code === 401 || code === 404) return { kind: "gone", what: "chat", why: BAD_TOKEN };
  if (why.includes("message thread not found")) return { kind: "gone", what: "topic", why };
  // Whatever is not known to be about the message is about the chat or the bot: the message waits until that is mended.
  return code === 400 && ABOUT_THE_MESSAGE.test(why) ? { kind: "refused", why } : { kind: "gone", what: "chat", why };
}

const BAD_TOKEN = "TELEGRAM_BOT_TOKEN is none that Telegram knows (Unauthorized): copy it again from @BotFather";

const ABOUT_THE_MESSAGE =
  /too long|text is empty|non-empty|entit|keyboard|reply markup|button|not modified|can't be edited|to edit not found|no text in the message/i;

const later = (after: number, why: string) => ({ kind: "later", after, why, limited: false }) as const;

const said = (error: unknown, words: string): boolean =>
  error instanceof GrammyError && error.description.includes(words);

function bodyOf({ entities, buttons }: Message) {
  const reply_markup = keyboardOf(buttons);
  return {
    entities: entities as MessageEntity[],
    link_preview_options: { is_disabled: true },
    ...(reply_markup && { reply_markup }),
  };
}

function keyboardOf(buttons: Message["buttons"]): InlineKeyboard | undefined {
  return buttons.length > 0 ? new InlineKeyboard(buttons.map((row) => row.map(buttonOf))) : undefined;
}

function buttonOf(button: Button) {
  if ("data" in button) return InlineKeyboard.text(button.text, button.data);
  return InlineKeyboard.copyText(button.text, button.copy);
}
