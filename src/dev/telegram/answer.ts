import { Refusal } from "./refusal.ts";

/** What Telegram answers to a call. */
export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | {
      readonly ok: false;
      readonly error_code: number;
      readonly description: string;
      readonly parameters?: Refusal["parameters"];
    };

/** Writes an answer as Telegram does: the status repeats the error's code, a wait is in the header too. */
export function respond(answer: Answer): Response {
  if (answer.ok) return Response.json(answer);
  const wait = answer.parameters?.retry_after;
  const headers = wait === undefined ? {} : { "retry-after": String(wait) };
  return Response.json(answer, { status: answer.error_code, headers });
}

/** The answer a refusal makes; anything else that was thrown is thrown on. */
export function refused(error: unknown): Answer {
  if (!(error instanceof Refusal)) throw error;
  const { code, message, parameters } = error;
  return { ok: false, error_code: code, description: message, ...(parameters ? { parameters } : {}) };
}
