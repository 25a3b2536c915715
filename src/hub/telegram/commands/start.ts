/** `/start`, which everybody's first message to a bot is. With a claim code it binds the chat, and never comes here. */
import { renderHome } from "../render/welcome.ts";
import type { Command } from "./command.ts";

export const start: Command = {
  name: "start",
  summary: "Say hello",
  usage: "",
  example: "/start",
  run: async () => ({ kind: "message", message: renderHome() }),
};
