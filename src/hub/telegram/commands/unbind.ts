/** `/unbind`: this chat is told nothing any more, until one is claimed again. */
import { answerOf } from "../render/answer.ts";
import { askButton } from "../render/callback.ts";
import { code, line } from "../render/tree.ts";
import type { Command } from "./command.ts";

/** What the button says that confirms it; a person may write it as well. */
const YES = "yes";

export const unbind: Command = {
  name: "unbind",
  summary: "Tell this chat nothing any more",
  usage: `[${YES}]`,
  hasOwnWords: true,
  example: "/unbind",
  async run({ words: [word] }, { store, isGiven }) {
    if (isGiven) {
      const words = "🔒 This chat is set by TELEGRAM_CHAT_ID; take that out of the hub's environment instead.";
      return { kind: "message", message: answerOf([line(words)]) };
    }
    if (word?.toLowerCase() !== YES) {
      const question = "Nothing will be told here any more. What happens then waits for the chat that is claimed next.";
      const button = askButton("✖️ Yes, unbind this chat", "unbind", [YES]);
      return { kind: "message", message: answerOf([line(question)], button && [[button]]) };
    }
    await store.unbind();
    const words = ["👋 Unbound. ", code("snitchbot setup"), " shows the links that bind a chat again."] as const;
    return { kind: "message", message: answerOf([line(...words)]) };
  },
};
