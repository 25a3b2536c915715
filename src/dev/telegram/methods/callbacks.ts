import { present } from "../json.ts";
import { badRequest } from "../refusal.ts";
import type { Methods } from "./method.ts";

/** Answering pressed buttons. */
export const callbackMethods: Methods = {
  answerCallbackQuery(world, parameters) {
    const text = parameters.text("text");
    if ([...text].length > 200) throw badRequest("MESSAGE_TOO_LONG");
    const answer = {
      callback_query_id: parameters.text("callback_query_id"),
      ...present({
        text: text || undefined,
        show_alert: parameters.flag("show_alert") || undefined,
        url: parameters.text("url") || undefined,
      }),
    };
    const { from } = world.callbacks.answer(answer);
    world.tell({ type: "answer", to: from, answer });
    return true;
  },
};
