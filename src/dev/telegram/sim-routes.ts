import type { ChatMember } from "@grammyjs/types";
import { Hono } from "hono";
import type { BotApi } from "./api.ts";
import { bodyOf } from "./chat-routes.ts";
import type { ChatOptions, ChatSwitches } from "./chats.ts";
import type { Fault } from "./faults.ts";
import { present } from "./json.ts";

/** What a test in this process does through {@link BotApi}, for tests in other processes. Bodies are JSON. */
export function simRoutes(api: BotApi): Hono {
  const app = new Hono();
  app.onError((error, context) => context.json({ error: error.message }, 400));

  app.post("/reset", (context) => {
    api.reset();
    return context.json({ ok: true });
  });

  app.post("/faults", async (context) => {
    api.faults.add((await bodyOf(context.req.raw)) as Fault);
    return context.json({ ok: true });
  });
  app.delete("/faults", (context) => {
    api.faults.clear();
    return context.json({ ok: true });
  });

  app.post("/limiter", async (context) => {
    const { enabled = true } = await bodyOf(context.req.raw);
    if (enabled) api.limiter.enable();
    else api.limiter.disable();
    return context.json({ enabled });
  });

  app.get("/messages", (context) => context.json(api.messages(Number(context.req.query("chat_id") ?? api.alerts))));
  app.get("/calls", (context) => context.json(api.calls));
  app.get("/violations", (context) => context.json(api.violations));

  const userOf = (id: unknown) => [api.human, api.stranger].find((person) => person.id === id);

  /** `{chat_id, text, message_thread_id?, user_id?}` */
  app.post("/say", async (context) => {
    const { chat_id = api.alerts, text, message_thread_id, user_id } = await bodyOf(context.req.raw);
    const how = present({ threadId: message_thread_id as number | undefined, user: userOf(user_id) });
    return context.json({ message: api.say(Number(chat_id), String(text ?? ""), how) });
  });

  /** `{chat_id, message_id, callback_data, user_id?, wait?}`: with `wait` the bot's answer is awaited and told. */
  app.post("/press", async (context) => {
    const { chat_id = api.alerts, message_id, callback_data, user_id, wait } = await bodyOf(context.req.raw);
    const pressed = api.press(Number(chat_id), Number(message_id), String(callback_data), userOf(user_id));
    return context.json({ answer: wait ? ((await pressed) ?? null) : null });
  });

  /** `{id?, …}`: without an `id`, or with one that is new, makes a chat; otherwise sets its switches. */
  app.post("/chat", async (context) => {
    const { status, migrate, ...wish } = await bodyOf(context.req.raw);
    const id = wish.id as number | undefined;
    const isNew = id === undefined || !api.chats.find(id);
    const room = isNew ? api.chats.create(wish as ChatOptions) : api.chats.set(id, wish as ChatSwitches);
    if (status) api.setMember(room.chat.id, status as ChatMember["status"]);
    return context.json({ chat: migrate ? api.migrate(room.chat.id).chat : room.chat });
  });

  return app;
}
