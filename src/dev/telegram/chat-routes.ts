import { Hono } from "hono";
import type { ChatStream } from "./chat-stream.ts";
import { isObject, type JsonObject, present } from "./json.ts";
import { pageFile } from "./page-files.ts";
import { press, say } from "./people.ts";
import type { ChatMessage } from "./room.ts";
import type { ChatSummary, World } from "./world.ts";

/** A chat as the chat page shows it. */
export type ChatState = ChatSummary & { readonly messages: readonly ChatMessage[] };

const lastShown = 500;

/** The chat page and what it asks for. */
export function chatRoutes(world: World, stream: ChatStream): Hono {
  const app = new Hono();
  app.onError((error, context) => context.json({ error: error.message }, 400));

  app.get(
    "/",
    async () => (await pageFile("index.html")) ?? new Response("The chat page is not built.", { status: 404 }),
  );

  app.get("/chat/state", (context) =>
    context.json({
      bot: world.bot,
      me: world.human,
      chats: world.chats.all().map((room) => stateOf(world, room.chat.id)),
    }),
  );

  app.get("/chat/stream", () => stream.response());

  app.post("/chat/say", async (context) => {
    const { chat_id, text, message_thread_id } = await bodyOf(context.req.raw);
    const threadId = typeof message_thread_id === "number" ? message_thread_id : undefined;
    return context.json({ message: say(world, Number(chat_id), String(text ?? ""), present({ threadId })) });
  });

  app.post("/chat/press", async (context) => {
    const { chat_id, message_id, ephemeral_message_id, callback_data } = await bodyOf(context.req.raw);
    const id = ephemeral_message_id === undefined ? Number(message_id) : -Number(ephemeral_message_id);
    const query = press(world, Number(chat_id), id, String(callback_data));
    return context.json({ callback_query_id: query.id });
  });

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

/** The JSON object a request carries; an empty one when it carries none. */
export async function bodyOf(request: Request): Promise<JsonObject> {
  const body: unknown = await request.json().catch(() => undefined);
  return isObject(body) ? body : {};
}

function stateOf(world: World, chatId: number): ChatState {
  const room = world.chats.get(chatId);
  return { ...world.summary(room), messages: [...room.messages.values()].slice(-lastShown) };
}
