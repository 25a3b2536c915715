/** What a chat reads when we meet. */
import { answerOf } from "./answer.ts";
import type { Message } from "./message.ts";
import { code, line } from "./tree.ts";

/** The chat was bound: from now on it is told. */
export function renderBound(isPrivate: boolean): Message {
  const topics = "In a group with topics each service gets its own, if I may manage them; the rest is told in General.";
  return answerOf([
    line("✅ This chat is mine now: what breaks is told here."),
    ...(isPrivate ? [] : [line(topics)]),
    line("/help says what else I can do, ", code("/unbind"), " ends it."),
  ]);
}

/** Somebody greets us where we are at home already. */
export function renderHome(): Message {
  return answerOf([line("👋 What breaks is told here. /help says what else I can do, /status how everything is.")]);
}
