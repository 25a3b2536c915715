import type { ResponseParameters } from "@grammyjs/types";

/** Telegram's no: what a method throws when it will not do what it is asked. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** HTTP status and `error_code`. */
  readonly code: number;
  readonly parameters: ResponseParameters | undefined;

  constructor(code: number, description: string, parameters?: ResponseParameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

/** 400: this cannot be done as it is asked. */
export function badRequest(reason: string, parameters?: ResponseParameters): Refusal {
  return new Refusal(400, `Bad Request: ${lowered(reason)}`, parameters);
}

/** 403: the bot may not speak there. */
export function forbidden(reason: string): Refusal {
  return new Refusal(403, `Forbidden: ${lowered(reason)}`);
}

/** 429: not before `seconds` have passed. */
export function tooMany(seconds: number): Refusal {
  return new Refusal(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}

/** Telegram writes reasons with a small first letter, unless they are a name of the kind BUTTON_DATA_INVALID. */
function lowered(reason: string): string {
  return /^.[A-Z_]/.test(reason) ? reason : reason.charAt(0).toLowerCase() + reason.slice(1);
}
