// @ts-check
/** Pressed buttons that wait for the bot's answer. */

import { press } from "./api.js";
import { keyOf } from "./message.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./api.js").Answer} Answer
 *
 * @typedef {object} Press
 * @property {Message} message
 * @property {string} data
 * @property {number} at milliseconds
 * @property {string} [queryId]
 * @property {boolean} [isUnanswered] the patience for it is over
 *
 * @typedef {object} Presses
 * @property {(message: Message, data: string) => Promise<void>} press
 * @property {(message: Message, data: string) => "waiting" | "unanswered" | undefined} stateOf
 * @property {(answer: Answer) => void} settle
 */

/** A client stops showing that a button waits after so long (milliseconds). */
const PATIENCE = 15_000;

/**
 * @param {object} listener
 * @param {(message: Message) => void} listener.onChange a button of this message began or ceased to wait
 * @param {(answer: Answer, took: number) => void} listener.onAnswer `took` milliseconds after the press
 * @param {() => void} listener.onSilence the bot has not answered, and will be too late if it does
 * @param {(reason: string) => void} listener.onFailure
 * @returns {Presses}
 */
export function createPresses({ onChange, onAnswer, onSilence, onFailure }) {
  /** @type {Set<Press>} */
  const open = new Set();
  /** @type {Map<string, Answer>} answers that overtook the response which tells us their id */
  const early = new Map();

  /**
   * @param {Message} message
   * @param {string} data
   */
  function find(message, data) {
    return [...open].find(
      (one) => one.data === data && one.message.chat.id === message.chat.id && keyOf(one.message) === keyOf(message),
    );
  }

  /** @param {Press} one */
  function end(one) {
    if (open.delete(one)) onChange(one.message);
  }

  /** @param {Press} one */
  function giveUp(one) {
    if (!open.has(one)) return;
    one.isUnanswered = true;
    onChange(one.message);
    onSilence();
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
    onAnswer(answer, Date.now() - one.at);
  }

  return {
    stateOf: (message, data) => {
      const one = find(message, data);
      return one && (one.isUnanswered ? "unanswered" : "waiting");
    },
    press: async (message, data) => {
      const before = find(message, data);
      if (before) open.delete(before);
      /** @type {Press} */
      const one = { message, data, at: Date.now() };
      open.add(one);
      onChange(message);
      setTimeout(() => giveUp(one), PATIENCE);
      try {
        const { callback_query_id } = await press(message, data);
        settleIfAnswered(one, callback_query_id);
      } catch (error) {
        end(one);
        onFailure(error instanceof Error ? error.message : String(error));
      }
    },
    settle: (answer) => {
      const one = [...open].find(({ queryId }) => queryId === answer.callback_query_id);
      if (one) finish(one, answer);
      // Somebody else's press, in another window, unless one of ours still waits for its id.
      else if ([...open].some(({ queryId }) => queryId === undefined)) early.set(answer.callback_query_id, answer);
    },
  };
}
