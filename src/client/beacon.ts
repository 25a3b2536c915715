/** One request to the hub, and what it made of it. */
import { DAY, SURVIVES, TIMEOUT, TRIES, TRIES_REFUSED } from "./limits.ts";
import { read } from "./plain.ts";

/** What the hub made of a batch. Nothing else can happen to it. */
export type Answer =
  /** It has the batch, but for the events of these indexes. */
  | { readonly kind: "taken"; readonly refused: readonly unknown[] }
  /** It may be tried `tries` times in all, the next time no sooner than `after` milliseconds from now. */
  | { readonly kind: "failed"; readonly tries: number; readonly after: number };

/** How to send: the global `fetch`, or the user's. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Sends a body; never throws. A text without a content type is `text/plain`, which spares browsers the preflight. */
export async function post(url: string, body: string, fetch: Fetch): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      keepalive: "document" in globalThis && body.length <= SURVIVES,
      signal: AbortSignal.timeout?.(TIMEOUT) ?? null,
    });
    const answer: unknown = await response.json().catch(() => {}); // an unread body would hold its connection
    // Only the hub says 202; any other page, reached by a wrong address or a redirect, may say 200.
    if (response.status === 202) return { kind: "taken", refused: refusedOf(answer) };
    const isPassing = response.status === 429 || response.status >= 500;
    const after = Number(response.headers.get("retry-after")) * 1000 || 0;
    return { kind: "failed", tries: isPassing ? TRIES : TRIES_REFUSED, after: Math.min(after, DAY) };
  } catch {
    return { kind: "failed", tries: TRIES, after: 0 };
  }
}

/** `refused: [{ index }]`, if that is what it says. */
function refusedOf(answer: unknown): readonly unknown[] {
  return [read(answer, "refused")].flat().map((one) => read(one, "index"));
}
