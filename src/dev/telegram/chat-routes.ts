import type { ChatMember, User } from "@grammyjs/types";
import { Hono } from "hono";
import type { ChatStream } from "./chat-stream.ts";
import { isObject, type JsonObject, present } from "./json.ts";
import { openTopicBy } from "./methods/topics.ts";
import { pageFile } from "./page-files.ts";
import { addBot, createGroup, erase, pin, press, react, say, setMember, start } from "./people.ts";
import { tellBot } from "./posting.ts";
import { Reader } from "./reader.ts";
import type { World } from "./world.ts";

/** What a person at the page does: the body of a request, and who it is. Gives the answer. */
type Deed = (body: JsonObject, user: User) => object | undefined;

/** The chat page and what it asks for. Every deed is done by the person whose `user_id` its body gives. */
export function chatRoutes(world: World, stream: ChatStream): Hono {
  const app = new Hono();
  app.onError((error, context) => context.json({ error: error.message }, 400));

  app.get(
    "/",
    async () => (await pageFile("index.html")) ?? new Response("The chat page is not built.", { status: 404 }),
  );

  app.get("/chat/state", (context) => context.json(readerOf(world, context.req.query("user_id")).state()));
  app.get("/chat/stream", (context) => stream.response(readerOf(world, context.req.query("user_id"))));

  for (const [name, deed] of Object.entries(deeds(world))) {
    app.post(`/chat/${name}`, async (context) => {
      const body = await bodyOf(context.req.raw);
      return context.json(deed(body, world.user(Number(body.user_id)) ?? world.human) ?? { ok: true });
    });
  }

  app.get("/chat/file/:id", (context) => {
    const stored = world.files.find(context.req.param("id"));
    if (!stored) return context.json({ error: "no such file" }, 404);
    const { name, type, bytes } = stored.upload;
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
    return new Response(bytes, { headers: { "content-type": type, "content-disposition": disposition } });
  });

  app.get("/:file", async (context) => (await pageFile(context.req.param("file"))) ?? context.notFound());

  return app;
}

/** All that a person can do, by the last part of its address. */
function deeds(world: World): Readonly<Record<string, Deed>> {
  return {
    say({ chat_id, text, message_thread_id, reply_to }, user) {
      const how = present({ threadId: numberOr(message_thread_id), replyTo: numberOr(reply_to) });
      return { message: say(world, Number(chat_id), String(text ?? ""), { ...how, user }) };
    },
    press(body, user) {
      const query = press(world, Number(body.chat_id), placeIn(body), String(body.callback_data), user);
      return { callback_query_id: query.id };
    },
    /** Without an `emoji` the reaction is taken back. */
    react({ chat_id, message_id, emoji }, user) {
      react(world, Number(chat_id), Number(message_id), typeof emoji === "string" ? emoji : undefined, user);
      return undefined;
    },
    pin({ chat_id, message_id, pinned }, user) {
      pin(world, Number(chat_id), Number(message_id), pinned === true, user);
      return undefined;
    },
    delete(body, user) {
      erase(world, Number(body.chat_id), placeIn(body), user);
      return undefined;
    },
    /** `status` as in getChatMember: promotes the bot, throws it out, blocks it. */
    member({ chat_id, status }, user) {
      setMember(world, Number(chat_id), status as ChatMember["status"], user);
      return undefined;
    },
    topic({ chat_id, name }, user) {
      const room = world.chats.get(Number(chat_id));
      const message = openTopicBy(world, room, user, String(name ?? ""));
      tellBot(world, room, message);
      return { message };
    },
    group({ title, isForum }, user) {
      return { chat: createGroup(world, { title: String(title ?? "Group"), isForum: isForum === true }, user).chat };
    },
    start({ payload }, user) {
      return { message: start(world, String(payload ?? ""), user) };
    },
    /** With a `payload` as a `startgroup` link does. */
    add({ chat_id, payload }, user) {
      addBot(world, Number(chat_id), user, typeof payload === "string" ? payload : undefined);
      return undefined;
    },
  };
}

const readerOf = (world: World, userId: string | undefined): Reader => new Reader(world, Number(userId));

const numberOr = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** Where the chat keeps the message a body names. */
function placeIn({ message_id, ephemeral_message_id }: JsonObject): number {
  return ephemeral_message_id === undefined ? Number(message_id) : -Number(ephemeral_message_id);
}

/** The JSON object a request carries; an empty one when it carries none. */
export async function bodyOf(request: Request): Promise<JsonObject> {
  const body: unknown = await request.json().catch(() => undefined);
  return isObject(body) ? body : {};
}
