/** `/where`: which chat and topic this is, and how it came to be told. */
import { answerOf } from "../render/answer.ts";
import { code, line } from "../render/tree.ts";
import type { Command } from "./command.ts";

export const where: Command = {
  name: "where",
  summary: "Say which chat, topic and service this is",
  usage: "",
  example: "/where",
  async run({ chatId, threadId, service, userId }, { isGiven }) {
    const of = isGiven ? "It is set by TELEGRAM_CHAT_ID." : "It was bound with the claim code; /unbind ends that.";
    const topic = threadId === undefined ? [] : [line("topic ", code(String(threadId)))];
    return {
      kind: "message",
      message: answerOf([
        line("📍 Alerts go to chat ", code(String(chatId)), `. ${of}`),
        ...topic,
        line("service ", service === undefined ? "all of them" : code(service)),
        line("you ", code(String(userId))),
      ]),
    };
  },
};
