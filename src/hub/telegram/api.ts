/** Messages out, outcomes back. What Telegram answers becomes one of five things; nothing here throws. */

import type { MessageEntity } from "grammy/types";
import { Api, type ApiClientOptions, GrammyError, InlineKeyboard } from "grammy/web";
import { type Message, renderPlain } from "./render/message.ts";

/** What Telegram made of one message. Nothing else can happen to it. */
export type Outcome =
  | { readonly kind: "sent"; readonly messageId: number }
  /** Try again, no sooner than `after` milliseconds from now. Whether it arrived may be unknown. */
  | { readonly kind: "later"; readonly after: number; readonly why: string; readonly limited: boolean }
  /** The group became a supergroup; send to `chatId` from now on. */
  | { readonly kind: "moved"; readonly chatId: number }
  /** The channel is dead: bot blocked, chat deleted, token revoked. */
  | { readonly kind: "gone"; readonly why: string }
  /** This message can never arrive as it is. */
  | { readonly kind: "refused"; readonly why: string };

/** A bot's way out to its chats. */
export interface Telegram {
  /** Sends a message; `silent` spares the reader the sound. One that it would reply to may be gone by now. */
  send(chatId: number, message: Message, silent: boolean, replyTo?: number): Promise<Outcome>;
  /** Rewrites a message. One that already reads so counts as sent. */
  edit(chatId: number, messageId: number, message: Message): Promise<Outcome>;
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
  return {
    send(chatId, message, silent, replyTo) {
      const reply = replyTo !== undefined && {
        reply_parameters: { message_id: replyTo, allow_sending_without_reply: true },
      };
      const how = { disable_notification: silent, ...reply };
      return attempt(message, (it) => api.sendMessage(chatId, it.text, { ...bodyOf(it), ...how }));
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
    if (message.entities.length > 0 && said(error, "entit")) return attempt(renderPlain(message), call, editing);
    return outcomeOf(error);
  }
}

/** What an error of the Bot API means for the message and its chat. */
export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof GrammyError)) return later(PAUSE, "no answer from Telegram");
  const { error_code: code, description: why, parameters } = error;
  if (parameters.migrate_to_chat_id !== undefined) return { kind: "moved", chatId: parameters.migrate_to_chat_id };
  if (code === 429) return { ...later((parameters.retry_after ?? 30) * 1_000, why), limited: true };
  if (code >= 500) return later(PAUSE, why);
  // Whatever is not known to be about the message is about the chat or the bot: the message waits until that is mended.
  return code === 400 && ABOUT_THE_MESSAGE.test(why) ? { kind: "refused", why } : { kind: "gone", why };
}

const ABOUT_THE_MESSAGE =
  /too long|text is empty|non-empty|entit|keyboard|reply markup|button|not modified|can't be edited|to edit not found|no text in the message/i;

const later = (after: number, why: string) => ({ kind: "later", after, why, limited: false }) as const;

const said = (error: unknown, words: string): boolean =>
  error instanceof GrammyError && error.description.includes(words);

function bodyOf({ entities, buttons }: Message) {
  return {
    entities: entities as MessageEntity[],
    link_preview_options: { is_disabled: true },
    ...(buttons.length > 0 && {
      reply_markup: new InlineKeyboard(
        buttons.map((row) => row.map(({ text, data }) => InlineKeyboard.text(text, data))),
      ),
    }),
  };
}
