import { Api, GrammyError } from "grammy/web";
import type { Answer } from "../../src/dev/telegram/answer.ts";
import { type BotApi, type BotApiOptions, createBotApi } from "../../src/dev/telegram/api.ts";

/** A stand-in for Telegram and the ways to talk to it. */
export interface Stand {
  readonly api: BotApi;
  /** grammY, as the hub uses it. */
  readonly bot: Api;
  /** A call as any program might make it, answered as it is. */
  call(method: string, parameters?: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** The description of the refusal such a call meets. */
  refusal(method: string, parameters?: Readonly<Record<string, unknown>>): Promise<string>;
}

export function stand(options: BotApiOptions = {}): Stand {
  const api = createBotApi(options);
  const bot = new Api(api.token, { apiRoot: "https://telegram.example", fetch: api.fetch });
  const call = async (method: string, parameters: Readonly<Record<string, unknown>> = {}) => {
    const response = await api.fetch(`https://telegram.example/bot${api.token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(parameters),
    });
    return (await response.json()) as Answer;
  };
  const refusal = async (method: string, parameters?: Readonly<Record<string, unknown>>) => {
    const answer = await call(method, parameters);
    return answer.ok ? `not refused: ${JSON.stringify(answer.result)}` : answer.description;
  };
  return { api, bot, call, refusal };
}

/** What Telegram said when it refused, with its code. */
export async function refused(attempt: Promise<unknown>): Promise<string> {
  try {
    return `not refused: ${JSON.stringify(await attempt)}`;
  } catch (error) {
    if (error instanceof GrammyError) return `${error.error_code} ${error.description}`;
    throw error;
  }
}
