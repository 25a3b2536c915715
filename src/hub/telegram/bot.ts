/** What the chat says to us. */
import type { Update, UserFromGetMe } from "grammy/types";
import { Bot, BotError } from "grammy/web";
import * as z from "zod";
import { clientOf, type TelegramOptions } from "./api.ts";
import { type Callback, type MonitorVerb, parseCallback } from "./render/callback.ts";

/** Takes one update, from the webhook or from polling. Rejects only when the store is away: Telegram repeats what failed. */
export type Updates = (update: unknown) => Promise<void>;

const update = z.looseObject({ update_id: z.int() });

/** The one chat that a bot serves, as far as its updates touch it. */
export interface Chat {
  chatId(): number | undefined;
  /** Looks whether it has moved. */
  follow(): Promise<void>;
  /** The bot was let in, or given other rights. */
  welcomed(): Promise<void>;
  /** The bot was thrown out. */
  expelled(why: string): Promise<void>;
  /** A person decided something about a monitor. Answers what that person is told. */
  decide(verb: MonitorVerb, service: string, monitor: string, offer?: string): Promise<string>;
}

/** The bot of one chat; every other chat gets silence, and who is not `allowed`, of whom none means all, decides nothing. */
export function createUpdates(options: TelegramOptions, chat: Chat, allowed: readonly number[]): Updates {
  const bot = new Bot(options.token, { botInfo: botInfoOf(options.token), client: clientOf(options) });
  const bound = bot.filter(async (context) => {
    if (context.chat === undefined) return false;
    if (context.chat.id !== chat.chatId()) await chat.follow();
    return context.chat.id === chat.chatId();
  });

  bound.on("my_chat_member", async ({ myChatMember }) => {
    const { status } = myChatMember.new_chat_member;
    if (status !== "kicked" && status !== "left") await chat.welcomed();
    else
      await chat.expelled(
        myChatMember.chat.type === "private"
          ? "the user blocked the bot"
          : `the bot was ${status === "left" ? "removed" : "kicked"}`,
      );
  });
  bound.callbackQuery(/^v1:/, async (context) => {
    const pressed = parseCallback(context.callbackQuery.data);
    const may = allowed.length === 0 || allowed.includes(context.from.id);
    await context.answerCallbackQuery({ text: may ? await answerTo(pressed, chat) : "You may not decide this." });
  });

  bound.on("message::bot_command", (context) => context.reply("Not yet: this version knows no commands."));

  return async (raw) => {
    const found = update.safeParse(raw);
    if (!found.success) return;
    try {
      await bot.handleUpdate(found.data as unknown as Update);
    } catch (error) {
      const cause = error instanceof BotError ? error.error : error;
      if (cause instanceof Error && cause.name === "StoreError") throw cause; // Telegram brings it again
      console.error("snitchbot: an update failed:", cause instanceof Error ? cause.message.slice(0, 200) : "unknown");
    }
  };
}

/** Does what a button asks for, and says so. */
async function answerTo(pressed: Callback | undefined, chat: Chat): Promise<string> {
  if (pressed === undefined) return "This button is of another version.";
  switch (pressed.verb) {
    case "trace":
      return "Not yet: this version cannot show the full trace.";
    case "m5m":
    case "m1h":
    case "m24h":
    case "muted":
    case "unmute":
    case "ask":
      return "Not yet: this version cannot mute.";
    default:
      return chat.decide(pressed.verb, pressed.service, pressed.monitor, pressed.offer).catch(notNow);
  }
}

function notNow(error: unknown): string {
  console.error("snitchbot: a decision failed:", error instanceof Error ? error.message.slice(0, 200) : "unknown");
  return "The store does not answer. Press again in a moment.";
}

/** Told instead of asked: `getMe` would cost a request in each cold isolate. */
function botInfoOf(token: string): UserFromGetMe {
  return {
    id: Number(token.split(":")[0]),
    is_bot: true,
    first_name: "snitchbot",
    username: "snitchbot",
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}
