/** What a person may ask of the bot, and what it answers. One file beside this one for each command. */
import type { Store } from "../../store/store.ts";
import type { Message } from "../render/message.ts";

/** What a person asked: by writing `/status orders-api 1h`, or by pressing a button that stands for it. */
export interface Ask {
  /** The command's name, without its slash: `status`. */
  readonly name: string;
  /** What follows it, split at blanks; without the word that named the service. */
  readonly words: readonly string[];
  /** The service that a word names; else the topic's own; `undefined` means all of them. A lone `*` means all in a topic too. */
  readonly service: string | undefined;
  /** Every service that is known, in order of the alphabet. */
  readonly services: readonly string[];
  readonly chatId: number;
  /** The forum topic that it was asked in. */
  readonly threadId: number | undefined;
  readonly userId: number;
  readonly isPrivate: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * What comes of it, delivered as one call to Telegram out of the chat's budget. To a button, a message takes the place of
 * the one below which it was pressed; the rest is sent beside it.
 */
export type Reply =
  | { readonly kind: "message"; readonly message: Message }
  /** A file; its caption is 1,024 code points at most. */
  | { readonly kind: "document"; readonly name: string; readonly bytes: Uint8Array; readonly caption: Message }
  /** A PNG or JPEG; its caption is 1,024 code points at most. */
  | { readonly kind: "photo"; readonly bytes: Uint8Array; readonly caption: Message }
  /** It was not understood: the person reads why, the command's usage and an example. `why` is a sentence without its full stop. */
  | { readonly kind: "usage"; readonly why: string }
  /** This word should have been a service: the person is offered the nearest names, as buttons that ask the same of them. */
  | { readonly kind: "unknown"; readonly word: string };

/** What commands work with. */
export interface Means {
  readonly store: Store;
  /** The hub was given its chat by `TELEGRAM_CHAT_ID`; else it was bound with the claim code. */
  readonly isGiven: boolean;
}

/** One command: a constant in a file of its own, listed in commands.ts. It keeps nothing between two asks. */
export interface Command {
  /** 1 to 32 of `a-z 0-9 _`. */
  readonly name: string;
  /** One line for Telegram's menu and for `/help`; an imperative without a full stop. */
  readonly summary: string;
  /** What may follow, such as `[service] [window]`; "" for nothing. */
  readonly usage: string;
  /**
   * None of its words names a service, though one may be called `off` or `berlin`.
   *
   * @default false
   */
  readonly hasOwnWords?: boolean;
  /** A whole example, such as `/status orders-api 1h`. */
  readonly example: string;
  /**
   * Answers within one HTTP call of the store: another was made before it. Rejects when the store is away; the person is
   * told so.
   */
  run(ask: Ask, means: Means): Promise<Reply>;
}
