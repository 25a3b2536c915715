/**
 * A thread beside the main thread. It sends what the main thread has to tell, survives its last breath by some
 * moments, and sees when it is blocked.
 */
import { SHARE_ENV, Worker } from "node:worker_threads";
import type { Fetch } from "../client/beacon.ts";
import { ANSWERED, type Order, PENDING, PROGRAM, type Report } from "./lookout.ts";
import type { Post, Reply } from "./post.ts";

/** What the observer has to know. */
export interface ObserverOptions {
  /** Where it tells what it sees by itself; without an address it tells nothing. Given anew whenever it may have changed. */
  readonly address: string | undefined;

  /** What a batch says of its sender. */
  readonly head: Readonly<Record<string, unknown>>;

  /** From how long a blocked event loop is told as what, in milliseconds; `false`: not at all. */
  readonly watchdog: readonly [warning: number, error: number, critical: number] | false;
}

/** See {@link startObserver}. */
export interface Observer {
  /**
   * Sends like the global `fetch`, in the observer's thread: `method`, `headers`, a text as `body`, and `signal`.
   * Rejects when the network fails or `signal` aborts. Without the thread it is the global `fetch`.
   *
   * The response has `ok`, `status`, `headers.get`, `text` and `json`, and no more: on Node, the first real one of a
   * process costs 8 MB.
   */
  readonly fetch: Fetch;

  /**
   * POSTs all bodies at the same time and blocks this thread until each has an answer, whatever it says, but at most
   * `ms`. For the last breath: it works where nothing asynchronous does any more.
   *
   * @returns whether all were answered
   */
  sendNow(address: string, bodies: readonly string[], ms: number): boolean;

  /**
   * Notes that what runs from now on is called `label`; empty for nothing. Costs nanoseconds, but for the first use of
   * a label; what comes after 1,000 labels goes without.
   *
   * @returns what it was called before
   */
  enter(label: string): string;

  /** Changes the options. */
  set(options: ObserverOptions): void;

  /** Ends the thread; from now on all goes without. */
  stop(): void;
}

/** A request that the thread has not answered. */
interface Waiting {
  resolve(reply: Reply | "gone"): void;
  reject(why: unknown): void;
}

/** Starts the thread. The process does not stay alive for it. Throws where there can be none. */
export function startObserver(options: ObserverOptions): Observer {
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let isGone = false;
  let label = "";

  const thread = new Worker(PROGRAM, {
    eval: true,
    name: "snitchbot",
    workerData: { options },
    // What the host's own threads are to load or to print is not for this one.
    execArgv: [],
    argv: [],
    stdout: true,
    stderr: true,
    env: "Deno" in globalThis ? {} : SHARE_ENV, // Deno would ask for permission to read all of it
  });

  const tell = (order: Order): void => thread.postMessage(order);

  const end = (): void => {
    isGone = true;
    for (const { resolve } of waiting.values()) resolve("gone");
    waiting.clear();
  };

  thread.on("message", ({ id, reply, failure }: Report) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (reply) resolve?.(reply);
    else reject?.(new TypeError(failure));
  });
  thread.on("error", end);
  thread.on("exit", end);
  thread.unref();

  /** Has the thread send it; `gone` when the thread ended before it had an answer. */
  const send = (post: Post, signal: AbortSignal | null | undefined): Promise<Reply | "gone"> =>
    new Promise((resolve, reject) => {
      const id = ++requests;
      const abort = (): void => {
        waiting.delete(id);
        tell({ kind: "abort", id });
        reject(signal?.reason);
      };
      waiting.set(id, { resolve, reject });
      tell({ kind: "send", id, post });
      signal?.addEventListener("abort", abort, { once: true });
    });

  return {
    async fetch(url, init) {
      const { method = "GET", body, headers = {}, signal } = init;
      signal?.throwIfAborted();
      if (isGone) return fetch(url, init);
      const sent = await send({ url, method, headers: plain(headers), body: String(body) }, signal);
      return sent === "gone" ? fetch(url, init) : responseOf(sent);
    },
    sendNow(address, bodies, ms) {
      if (isGone) return false;
      const gate = new Int32Array(new SharedArrayBuffer(4));
      const posts = bodies.map((body) => ({ url: address, method: "POST", headers: {}, body }));
      tell({ kind: "last", posts, gate, ms });
      Atomics.wait(gate, 0, PENDING, ms);
      return Atomics.load(gate, 0) === ANSWERED;
    },
    enter(next) {
      const before = label;
      label = next;
      return before;
    },
    set: (changed) => tell({ kind: "set", options: changed }),
    stop() {
      end();
      thread.terminate();
    },
  };
}

/** Headers that can be told to another thread. Nothing here may name `Headers`: on Node, that alone would load `fetch`. */
function plain(headers: HeadersInit): Record<string, string> {
  return Symbol.iterator in headers ? Object.fromEntries(headers as Iterable<[string, string]>) : { ...headers };
}

/** A reply as `fetch` would give it. */
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
