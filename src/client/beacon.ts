/** One request to the hub, and what it made of it. */
import { DAY, SURVIVES, TIMEOUT, TRIES, TRIES_REFUSED } from "./limits.ts";
import { read } from "./plain.ts";

/** What the hub made of a batch. Nothing else can happen to it. */
export type Answer =
  /**
   * It has the batch, but for the events of the indexes `refused`; of the others somebody has muted those that
   * `muted` counts, whose repeats it need not hear of for `mutedMs`.
   */
  | {
      readonly kind: "taken";
      readonly refused: readonly unknown[];
      readonly muted: readonly number[];
      readonly mutedMs: number;
    }
  /** It may be tried `tries` times in all, the next time no sooner than `after` milliseconds from now. */
  | { readonly kind: "failed"; readonly tries: number; readonly after: number };

/** How to send: the global `fetch`, or the user's. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Sends a body; never throws. Statuses from `good` to 202 are the hub's yes. A text without a content type is `text/plain`, which spares browsers the preflight. */
export async function post(url: string, body: string, fetch: Fetch, good = 202): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      keepalive: "document" in globalThis && body.length <= SURVIVES,
      signal: AbortSignal.timeout?.(TIMEOUT) ?? null,
    });
    const answer: unknown = await response.json().catch(() => {}); // an unread body would hold its connection
    // To a batch only the hub says 202; any other page, reached by a wrong address or a redirect, may say 200.
    if (response.status >= good && response.status <= 202) return takenOf(answer);
    const isPassing = response.status === 429 || response.status >= 500;
    if (!isPassing) console.warn("snitchbot: the hub says", response.status, read(read(answer, "error"), "message"));
    const after = Number(response.headers.get("retry-after")) * 1000 || 0;
    return { kind: "failed", tries: isPassing ? TRIES : TRIES_REFUSED, after: Math.min(after, DAY) };
  } catch {
    return { kind: "failed", tries: TRIES, after: 0 };
  }
}

/** `{ verdicts, refused: [{ index }], control: { mutedMs } }`, if that is what it says. */
function takenOf(answer: unknown): Answer {
  const list = (name: string): unknown[] => [read(answer, name)].flat();
  return {
    kind: "taken",
    refused: list("refused").map((one) => read(one, "index")),
    muted: list("verdicts").flatMap((verdict, index) => (verdict === "muted" ? index : [])),
    mutedMs: Number(read(read(answer, "control"), "mutedMs")) || 0,
  };
}
