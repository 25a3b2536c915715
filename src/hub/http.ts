/** What the hub's answers have in common. */

/** A request that cannot be served, and what would mend it. */
export interface Fault {
  readonly status: 400 | 401 | 404 | 405 | 413 | 429 | 500 | 503;
  readonly code: string;
  /** Names the field or address at fault, what was expected, and how to mend it. */
  readonly message: string;
  /** Milliseconds until it is worth trying again. */
  readonly retryAfter?: number;
  /** Methods that would be allowed. */
  readonly allow?: string;
  /** More fields of the body's `error`. */
  readonly index?: number;
}

/** The store does not answer. Five seconds are what most of its pauses take. */
export const STORE_DOWN: Fault = {
  status: 503,
  code: "store_down",
  message: "the store does not answer; nothing was taken",
  retryAfter: 5_000,
};

export function fault({ status, retryAfter, allow, ...error }: Fault): Response {
  const headers = new Headers();
  if (retryAfter !== undefined) headers.set("retry-after", String(Math.ceil(retryAfter / 1_000)));
  if (allow !== undefined) headers.set("allow", allow);
  return Response.json({ error }, { status, headers });
}

/** Whoever hangs up while sending has sent what came until then, and is not there to hear what we think of it. */
const CUT_SHORT = { done: true, value: undefined } as const;

/**
 * The body as text; `undefined` when it is longer than `limit` bytes. What is too long is read on without being kept:
 * a caller that is still sending would not hear our answer. Past sixteen times the limit nobody is owed one.
 */
export async function readLimited(request: Request, limit: number): Promise<string | undefined> {
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  const reader = request.body.getReader();
  let text = "";
  for (let size = 0; size <= limit * 16; ) {
    const { done, value } = await reader.read().catch(() => CUT_SHORT);
    if (done) return size > limit ? undefined : text + decoder.decode();
    size += value.byteLength;
    text = size > limit ? "" : text + decoder.decode(value, { stream: true });
  }
  reader.cancel().catch(() => undefined);
  return undefined;
}

/** What a text holds; `undefined`, which no schema takes, when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
