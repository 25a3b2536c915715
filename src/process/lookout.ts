/** What runs in the observer's thread: it sends, also when the main thread has no time left. */
import type * as threads from "node:worker_threads";
import type { ObserverOptions } from "./observer.ts";
import { createSend, type Post, type Reply } from "./post.ts";

/** Gets a module of the runtime's own. An `import` would be rewritten by bundlers. */
export type Load = <Module>(name: string) => Module;

/** What the main thread tells the lookout. */
export type Order =
  | { readonly kind: "send"; readonly id: number; readonly post: Post }
  | { readonly kind: "abort"; readonly id: number }
  /** Send all, once, and open the gate. */
  | { readonly kind: "last"; readonly posts: readonly Post[]; readonly gate: Int32Array; readonly ms: number }
  | { readonly kind: "set"; readonly options: ObserverOptions };

/** What became of a `send`: a reply, or why there is none. */
export interface Report {
  readonly id: number;
  readonly reply?: Reply;
  readonly failure?: string;
}

/** The state of the gate at which the main thread waits while its last words are sent. */
export const PENDING = 0;
export const ANSWERED = 1;

/**
 * Keeps watch. Shipped as its own source, so it knows nothing but its parameters.
 */
function keepWatch(load: Load, create: typeof createSend): void {
  const { parentPort } = load<typeof threads>("node:worker_threads");
  const send = create(load);
  const flying = new Map<number, AbortController>();

  const report = async (id: number, post: Post): Promise<Report> => {
    const flight = new AbortController();
    flying.set(id, flight);
    try {
      return { id, reply: await send(post, flight.signal) };
    } catch (error) {
      return { id, failure: String(error) };
    } finally {
      flying.delete(id);
    }
  };

  const sendLast = async (posts: readonly Post[], gate: Int32Array, ms: number): Promise<void> => {
    const sent = await Promise.allSettled(posts.map((post) => send(post, AbortSignal.timeout(ms))));
    Atomics.store(gate, 0, sent.every(({ status }) => status === "fulfilled") ? 1 : 2);
    Atomics.notify(gate, 0);
  };

  parentPort?.on("message", (order: Order) => {
    switch (order.kind) {
      case "send":
        return void report(order.id, order.post).then((it) => parentPort.postMessage(it));
      case "abort":
        return flying.get(order.id)?.abort();
      case "last":
        return void sendLast(order.posts, order.gate, order.ms);
    }
  });
}

/**
 * The thread's program. A failure ends it in silence: Deno would print what is not caught. Bundlers that keep names
 * wrap each function into a call of a helper that is not there.
 */
export const PROGRAM: string = `try {
  const load = (name) => process.getBuiltinModule ? process.getBuiltinModule(name) : require(name);
  const __name = (it) => it;
  (${keepWatch})(load, ${createSend});
} catch { process.exit() }`;
