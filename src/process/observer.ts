/**
 * A thread beside the main thread. It sends what the main thread has to tell, survives its last breath by some
 * moments, and sees when it is blocked.
 */
import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";
import { builtin } from "../client/ambient.ts";
import type { Fetch } from "../client/beacon.ts";
import { attempt } from "../client/plain.ts";
import { type Birth, GATE, type Order, PLACES, PROGRAM, type Report } from "./lookout.ts";
import type { Post, Reply } from "./post.ts";
import type { Tiers } from "./stalls.ts";

/** How often the main thread says that it turns, ms. */
const EVERY = 100;
const MOST_LABELS = 1_000;
/** How long a process that ends waits for the lookout to look away, ms; it takes a few. */
const LAST_LOOK = 500;

/** What the observer has to know. */
export interface ObserverOptions {
  /** Where it tells what it sees by itself; without an address it tells nothing. Given anew whenever it may have changed. */
  readonly address: string | undefined;

  /** What a batch says of its sender. */
  readonly head: Readonly<Record<string, unknown>>;

  /** From how long a blocked event loop is told as what, in milliseconds; `false`: not at all. */
  readonly watchdog: Tiers | false;
}

/** See {@link startObserver}. */
export interface Observer {
  /**
   * Sends like the global `fetch`, in the observer's thread: `method`, `headers`, a text as `body`, and `signal`.
   * Rejects when the network fails or `signal` aborts. Without the thread it is the global `fetch`.
   *
   * Unlike that, it keeps the process alive only where `keepalive` says so: who awaits it as the last thing needs it.
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
  let holds = 0; // requests that the process stays alive for
  let isGone = false;
  const shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(PLACES).length));
  const birth: Birth = { options, shared, places: PLACES, states: GATE, mayLook: isMainThread };

  const thread = new Worker(PROGRAM, {
    eval: true,
    name: "snitchbot",
    workerData: birth,
    // What the host wants loaded into its own threads is not for this one.
    execArgv: [],
    argv: [],
    env: "Deno" in globalThis ? {} : { ...process.env, NODE_OPTIONS: "" }, // Deno would have to be allowed to read all
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 }, // beyond, it ends alone
    stdout: true,
    stderr: true,
  });

  const pulse = createPulse(shared);
  const labels = createLabels(shared, (label) => tell({ kind: "name", label }));

  const tell = (order: Order): void => thread.postMessage(order);

  const end = (): void => {
    isGone = true;
    process.off("exit", leave);
    pulse.beat(false);
    for (const { resolve } of waiting.values()) resolve("gone");
    waiting.clear();
  };

  /** Node would wait for whoever inspects it, and say so on stderr. */
  const leave = (): void => {
    pulse.excuseForGood();
    if (isGone || !Atomics.load(shared, PLACES.watched)) return;
    tell({ kind: "end" });
    Atomics.wait(shared, PLACES.watched, 1, LAST_LOOK);
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
  process.on("exit", leave);
  pulse.beat(Boolean(options.watchdog));

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
      if (init.keepalive && holds++ === 0) thread.ref();
      const sent = await send({ url, method, headers: plain(headers), body: String(body) }, signal).finally(() => {
        if (init.keepalive && --holds === 0) thread.unref();
      });
      return sent === "gone" ? fetch(url, init) : responseOf(sent);
    },
    sendNow(address, bodies, ms) {
      if (isGone) return false;
      const gate = new Int32Array(new SharedArrayBuffer(4));
      const posts = bodies.map((body) => ({ url: address, method: "POST", headers: {}, body }));
      tell({ kind: "last", posts, gate, ms });
      pulse.excuse(() => Atomics.wait(gate, 0, GATE.shut, ms));
      return Atomics.load(gate, 0) === GATE.answered;
    },
    enter: labels,
    set(changed) {
      if (isGone) return;
      tell({ kind: "set", options: changed });
      pulse.beat(Boolean(changed.watchdog));
    },
    stop() {
      end();
      thread.terminate();
    },
  };
}

/** Lets the lookout see that the main thread turns. */
interface Pulse {
  /** Begins or ends it. */
  beat(isWanted: boolean): void;
  /** Does what blocks, with permission. */
  excuse(work: () => unknown): void;
  /** From now on it may stand still. */
  excuseForGood(): void;
}

function createPulse(shared: Int32Array): Pulse {
  const inspector = builtin("node:inspector") as { url?(): string | undefined } | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let isForGood = false;
  const excuse = (isExcused: unknown): void =>
    void Atomics.store(shared, PLACES.excused, isExcused || isForGood ? 1 : 0);
  const turn = (): void => {
    Atomics.add(shared, PLACES.turns, 1);
    excuse(attempt(() => inspector?.url?.())); // somebody debugs: it stands still at a breakpoint
  };
  return {
    beat(isWanted) {
      clearInterval(timer);
      if (!isWanted) return;
      turn();
      timer = setInterval(turn, EVERY);
      (timer as { unref?(): unknown }).unref?.();
    },
    excuse(work) {
      excuse(true);
      work();
      turn();
    },
    excuseForGood() {
      isForGood = true;
      turn();
    },
  };
}

/** Labels become numbers, which the lookout can read while the main thread is blocked; `name` tells it a new one. */
function createLabels(shared: Int32Array, name: (label: string) => void): Observer["enter"] {
  const numbers = new Map([["", 0]]);
  let current = "";
  const add = (label: string): number => {
    if (numbers.size > MOST_LABELS) return 0;
    const number = numbers.size;
    numbers.set(label, number);
    name(label);
    return number;
  };
  return (label) => {
    const before = current;
    current = label;
    shared[PLACES.label] = numbers.get(label) ?? add(label);
    return before;
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
