import type { ChatMember, User } from "@grammyjs/types";
import { Hono } from "hono";
import { respond } from "./answer.ts";
import { chatRoutes } from "./chat-routes.ts";
import { ChatStream } from "./chat-stream.ts";
import type { Chats } from "./chats.ts";
import { type Clock, realClock } from "./clock.ts";
import { type CallRecord, Door } from "./door.ts";
import type { Faults } from "./faults.ts";
import type { Limiter } from "./limiter.ts";
import { migrate, press, type SayOptions, say, setMember } from "./people.ts";
import type { ChatMessage, Room } from "./room.ts";
import { simRoutes } from "./sim-routes.ts";
import { Unanswered } from "./spoiling.ts";
import { type CallbackAnswer, World } from "./world.ts";

/** How the stand-in is set up; nothing is required. */
export interface BotApiOptions {
  /** @default a token that looks like one and opens nothing */
  readonly token?: string;
  /** Tells the time, in milliseconds since 1970; a wait still takes as long as it takes. @default Date.now */
  readonly now?: () => number;
  /** Tells the time and wakes; see `virtualClock`. @default this machine's clock, with `now` */
  readonly clock?: Clock;
  /** Whether what Telegram would let pass is noted in `violations`. @default true */
  readonly strict?: boolean;
  /** Posts updates to the webhook. @default the global `fetch` */
  readonly fetch?: typeof fetch;
}

/** A Bot API in this process: Telegram for one bot, and the means to look at it and to act in it. */
export interface BotApi {
  readonly token: string;
  readonly bot: User;
  /** The person at the chat page. */
  readonly human: User;
  /** Somebody else in the Alerts chat: a person whom an allow-list leaves out. */
  readonly stranger: User;
  /** The chat that is always there: a supergroup named Alerts. */
  readonly alerts: number;
  /** Every route: the Bot API, the chat page, `/sim`. Takes the place of the global `fetch`, for grammY's `client.fetch`. */
  fetch(this: void, input: string | URL | Request, init?: RequestInit): Promise<Response>;

  readonly chats: Chats;
  readonly faults: Faults;
  readonly limiter: Limiter;
  /** Every call that was made, oldest first. */
  readonly calls: readonly CallRecord[];
  /** What calls did that Telegram would not mind and a test should: unknown parameters, wrong types. Emptied by `reset`. */
  readonly violations: readonly string[];
  /** The messages a chat holds now, oldest first. @param chatId default: the Alerts chat */
  messages(chatId?: number): ChatMessage[];
  /** Every version of a message, the newest last. */
  history(chatId: number, messageId: number): ChatMessage[];

  /** A person writes into a chat. */
  say(chatId: number, text: string, options?: SayOptions): ChatMessage;
  /**
   * A person presses a button, found by its callback data or its text.
   *
   * @returns what the bot answers; undefined when it does not answer within a minute
   */
  press(chatId: number, messageId: number, button: string, user?: User): Promise<CallbackAnswer | undefined>;
  /** The bot is promoted, removed, blocked, let back in: `kicked` and `left` close the chat to it. */
  setMember(chatId: number, status: ChatMember["status"]): void;
  /** A group becomes a supergroup. Gives the new chat. */
  migrate(chatId: number): Room;
  /** Resolves when no update is on its way to the webhook. */
  idle(): Promise<void>;

  /** Everything as on the first day, but for the clock and for what belongs to the bot: its webhook and commands. */
  reset(): void;
  /** Ends all streams, polls, deliveries and timers. */
  stop(): void;
}

/** Makes a Bot API that serves requests in this process. It listens on no port; `startTelegram` does. */
export function createBotApi(options: BotApiOptions = {}): BotApi {
  const { token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawdev", now, strict = true } = options;
  const clock = options.clock ?? (now ? { ...realClock, now } : realClock);
  const bot = botOf(token);
  const world = new World({
    clock,
    bot,
    people: [human, stranger],
    post: options.fetch ?? fetch,
    onReply: (call) => door.reply(call),
  });
  const door = new Door(world);
  const stream = new ChatStream(world, clock);
  const app = new Hono();

  const api: BotApi = {
    token,
    bot,
    human,
    stranger,
    alerts: -1_001_000_000_001,
    chats: world.chats,
    faults: world.faults,
    limiter: world.limiter,
    calls: door.calls,
    violations: strict ? world.violations : [],
    fetch: (input, init) => answer(app, input, init),
    messages: (chatId = api.alerts) => [...world.chats.get(chatId).messages.values()],
    history: (chatId, messageId) => [...(world.chats.get(chatId).versions.get(messageId) ?? [])],
    say: (chatId, text, how) => say(world, chatId, text, how),
    press: async (chatId, messageId, button, user) =>
      world.callbacks.answerTo(press(world, chatId, messageId, button, user).id),
    setMember: (chatId, status) => setMember(world, chatId, status),
    migrate: (chatId) => migrate(world, chatId),
    idle: () => world.webhook.idle(),
    reset() {
      door.stop();
      world.reset();
      door.calls.length = 0;
    },
    stop() {
      door.stop();
      world.stop();
      stream.stop();
    },
  };

  botRoutes(app, world, door, token);
  app.route("/sim", simRoutes(api));
  app.route("/", chatRoutes(world, stream));
  return api;
}

const human: User = { id: 5_000_000_001, is_bot: false, first_name: "Ada", username: "ada", language_code: "en" };
const stranger: User = { id: 5_000_000_002, is_bot: false, first_name: "Eve", username: "eve", language_code: "en" };

async function answer(app: Hono, input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
  // A body that streams must be announced; the platform's types do not know the word.
  const half: RequestInit & { duplex?: "half" } = init?.body instanceof ReadableStream ? { duplex: "half" } : {};
  try {
    return await app.fetch(new Request(input, { ...init, ...half }));
  } catch (error) {
    throw error instanceof Unanswered ? error.cause : error;
  }
}

function botRoutes(app: Hono, world: World, door: Door, token: string): void {
  app.all("/:bot{bot[^/]+}/:method{(?:test/)?[^/]+}", (context) => {
    const { bot, method } = context.req.param();
    const given = bot.slice(3);
    if (!/^\d+:[\w-]+$/.test(given)) return failure(401, "Unauthorized: invalid token specified");
    if (given !== token) return failure(401, "Unauthorized");
    return door.serve(method.replace(/^test\//, ""), context.req.raw);
  });

  app.get("/file/:bot{bot[^/]+}/:path{.+}", (context) => {
    const { bot, path } = context.req.param();
    if (bot.slice(3) !== token) return failure(401, "Unauthorized");
    const stored = world.files.findByPath(path);
    return stored ? new Response(stored.upload.bytes) : failure(404, "Not Found");
  });

  app.notFound(() => failure(404, "Not Found"));
  app.onError((error) => {
    if (error instanceof Unanswered) throw error;
    return failure(500, `Internal Server Error: ${error.message}`);
  });
}

const failure = (error_code: number, description: string): Response => respond({ ok: false, error_code, description });

function botOf(token: string): User {
  return { id: Number.parseInt(token, 10) || 1, is_bot: true, first_name: "Snitch", username: "snitch_dev_bot" };
}
