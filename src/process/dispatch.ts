/** What the observer's thread sends: for the main thread, and of its own. */
import type * as crypto from "node:crypto";
import type { Event } from "../event.ts";
import type { Birth, Load, Report } from "./lookout.ts";
import type { Post, Send } from "./post.ts";

/** See {@link createDispatch}. */
export interface Dispatch {
  /** Sends for the main thread. Never rejects. */
  send(id: number, post: Post): Promise<Report>;
  abort(id: number): void;
  /** Sends all of it, and what is still to be told, once, for at most `ms`; then opens the gate. */
  sendLast(posts: readonly Post[], gate: Int32Array, ms: number): Promise<void>;
  /** Tells the hub an event by itself, and again when it is not taken. */
  tell(event: Event): Promise<void>;
}

/** Shipped as its own source: it knows nothing but its parameters. `options` are those that hold at the moment. */
export function createDispatch(
  load: Load,
  send: Send,
  states: Birth["states"],
  options: () => Birth["options"],
): Dispatch {
  /** A batch that was not taken is sent again after so many ms, then given up. */
  const AGAIN = [1_000, 4_000, 16_000] as const;
  const PATIENCE = 5_000;

  const { randomUUID } = load<typeof crypto>("node:crypto");
  const flying = new Map<number, AbortController>();
  const untold = new Set<Post>();

  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  /** Whether the hub has it, or never will. */
  const isSettled = async (post: Post): Promise<boolean> => {
    try {
      const { status } = await send(post, AbortSignal.timeout(PATIENCE));
      return status !== 429 && status < 500;
    } catch {
      return false;
    }
  };

  const insist = async (post: Post): Promise<void> => {
    for (const ms of AGAIN) {
      if (await isSettled(post)) return;
      await sleep(ms);
    }
    await isSettled(post);
  };

  return {
    async send(id, post) {
      const flight = new AbortController();
      flying.set(id, flight);
      try {
        return { id, reply: await send(post, flight.signal) };
      } catch (error) {
        return { id, failure: String(error) };
      } finally {
        flying.delete(id);
      }
    },
    abort(id) {
      flying.get(id)?.abort();
    },
    async sendLast(posts, gate, ms) {
      const all = [...posts, ...untold];
      const signal = AbortSignal.timeout(Math.ceil(ms)); // of a fraction Node would complain, with the main thread waiting
      const sent = await Promise.allSettled(all.map((post) => send(post, signal)));
      const isAnswered = sent.slice(0, posts.length).every(({ status }) => status === "fulfilled");
      Atomics.store(gate, 0, isAnswered ? states.answered : states.failed);
      Atomics.notify(gate, 0);
    },
    async tell(event) {
      const { address, head } = options();
      if (!address) return;
      const body = JSON.stringify({ v: 1, id: randomUUID(), ...head, events: [event] });
      const post = { url: address, method: "POST", headers: {}, body };
      untold.add(post);
      await insist(post);
      untold.delete(post);
    },
  };
}
