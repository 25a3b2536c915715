import { respond } from "./answer.ts";
import type { Fault } from "./faults.ts";

/** The caller gets no answer at all; the cause is what its `fetch` fails with. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
}

/** The connection broke. */
export const connectionLost = (): Unanswered =>
  new Unanswered("the connection was lost", { cause: new TypeError("fetch failed") });

/** Whether a fault takes the answer's place. */
export const spoils = ({ status, hang, html }: Fault): boolean =>
  status !== undefined || Boolean(hang) || Boolean(html);

/** What a fault answers in place of Telegram; throws when that is nothing. */
export function spoiled({ status, description, retryAfter, html }: Fault): Response {
  if (html) {
    const page = typeof html === "string" ? html : "<html><body><h1>502 Bad Gateway</h1></body></html>";
    return new Response(page, { status: status ?? 502, headers: { "content-type": "text/html" } });
  }
  if (status === undefined) throw connectionLost();
  return respond({
    ok: false,
    error_code: status,
    description: description ?? usual(status, retryAfter),
    ...(retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }),
  });
}

function usual(status: number, retryAfter: number | undefined): string {
  if (status === 429) return `Too Many Requests: retry after ${retryAfter ?? 1}`;
  return usualTexts[status] ?? "Bad Request";
}

const usualTexts: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Request Entity Too Large",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
