// @ts-check
/** Pressed buttons that wait for the bot's answer. */

import { press } from "./api.js";
import { keyOf } from "./message.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./api.js").Answer} Answer
 *
 * @typedef {{ message: Message, data: string, queryId?: string }} Press
 *
 * @typedef {object} Presses
 * @property {(message: Message, data: string) => Promise<void>} press
 * @property {(message: Message, data: string) => boolean} isPending
 * @property {(answer: Answer) => void} settle
 */

/** A bot that has not answered by then (milliseconds) will not. */
const PATIENCE = 15_000;

/**
 * @param {object} listener
 * @param {(message: Message) => void} listener.onChange a button of this message began or ceased to wait
 * @param {(answer: Answer) => void} listener.onAnswer
 * @param {(reason: string) => void} listener.onFailure
 * @returns {Presses}
 */
export function createPresses({ onChange, onAnswer, onFailure }) {
  /** @type {Set<Press>} */
  const waiting = new Set();
  /** @type {Map<string, Answer>} answers that overtook the response which tells us their id */
  const early = new Map();

  /** @param {Press} one */
  function end(one) {
    if (waiting.delete(one)) onChange(one.message);
  }

  /**
   * @param {Press} one
   * @param {string} queryId
   */
  function settleIfAnswered(one, queryId) {
    one.queryId = queryId;
    const answer = early.get(queryId);
    early.delete(queryId);
    if (answer) finish(one, answer);
  }

  /**
   * @param {Press} one
   * @param {Answer} answer
   */
  function finish(one, answer) {
    end(one);
    onAnswer(answer);
  }

  return {
    isPending: (message, data) =>
      [...waiting].some(
        (one) => one.data === data && one.message.chat.id === message.chat.id && keyOf(one.message) === keyOf(message),
      ),
    press: async (message, data) => {
      /** @type {Press} */
      const one = { message, data };
      waiting.add(one);
      onChange(message);
      setTimeout(() => end(one), PATIENCE);
      try {
        const { callback_query_id } = await press(message, data);
        settleIfAnswered(one, callback_query_id);
      } catch (error) {
        end(one);
        onFailure(error instanceof Error ? error.message : String(error));
      }
    },
    settle: (answer) => {
      const one = [...waiting].find(({ queryId }) => queryId === answer.callback_query_id);
      if (one) finish(one, answer);
      // Somebody else's press, in another window, unless one of ours still waits for its id.
      else if ([...waiting].some(({ queryId }) => queryId === undefined)) early.set(answer.callback_query_id, answer);
    },
  };
}
