/** What the main thread has the observer's thread send for it. */
import type { Fetch } from "../client/beacon.ts";
import type { Order, Report } from "./lookout.ts";
import type { Post, Reply } from "./post.ts";

/** See {@link createCourier}. */
export interface Courier {
  /** See `Observer.fetch`. */
  readonly fetch: Fetch;
  /** Takes what the thread says. */
  receive(report: Report): void;
  /** From now on, and for what is under way, the global `fetch` sends. */
  end(): void;
}

/** The main thread's end of the line. */
interface Line {
  tell(order: Order): void;
  /** Keeps the process alive until it is released as often. */
  hold(): void;
  release(): void;
}

/** A request that the thread has not answered. */
interface Waiting {
  resolve(reply: Reply | "unsent"): void;
  reject(why: unknown): void;
}

/** Makes a `fetch` of a line to the observer's thread. */
export function createCourier({ tell, hold, release }: Line): Courier {
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let hasEnded = false;

  const send = (id: number, post: Post): Promise<Reply | "unsent"> => {
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      tell({ kind: "send", id, post });
    });
  };

  /** Does `work`, which `signal` may abort. */
  const abortable = async <T>(
    id: number,
    signal: AbortSignal | null | undefined,
    work: () => Promise<T>,
  ): Promise<T> => {
    const abort = (): void => {
      tell({ kind: "abort", id });
      waiting.get(id)?.reject(signal?.reason);
    };
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    return work().finally(() => {
      signal?.removeEventListener("abort", abort);
      waiting.delete(id);
    });
  };

  const held = async <T>(isHeld: boolean | undefined, work: () => Promise<T>): Promise<T> => {
    if (!isHeld) return work();
    hold();
    return work().finally(release);
  };

  return {
    async fetch(url, init) {
      const { method = "GET", headers = {}, body, keepalive, signal } = init;
      if (hasEnded || typeof body !== "string") return fetch(url, init);
      const id = ++requests;
      const post = { url, method, headers: plain(headers), body };
      const reply = await held(keepalive, () => abortable(id, signal, () => send(id, post)));
      return reply === "unsent" ? fetch(url, init) : responseOf(reply);
    },
    receive({ id, reply, failure }) {
      const { resolve, reject } = waiting.get(id) ?? {};
      if (reply) resolve?.(reply);
      else reject?.(new TypeError(failure));
    },
    end() {
      hasEnded = true;
      for (const { resolve } of waiting.values()) resolve("unsent");
    },
  };
}

/** Headers that can be told to another thread. Nothing here may name `Headers`: on Node, that alone would load `fetch`. */
function plain(headers: HeadersInit): Record<string, string> {
  return Symbol.iterator in headers ? Object.fromEntries(headers as Iterable<[string, string]>) : { ...headers };
}

/** A reply as `fetch` would give it; as much of it as is asked for. */
function responseOf({ status, headers, body }: Reply): Response {
  const response = {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name: string): string | null => headers[name.toLowerCase()] ?? null },
    text: async (): Promise<string> => body,
    json: async (): Promise<unknown> => JSON.parse(body),
  };
  return response as Response;
}
