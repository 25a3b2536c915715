/**
 * What runs in the observer's thread, and how the two threads talk: by messages, and by numbers in memory that both
 * see, since whoever is blocked neither sends nor reads a message.
 */
import type * as threads from "node:worker_threads";
import { createEye } from "./blocked.ts";
import { createDispatch } from "./dispatch.ts";
import type { ObserverOptions } from "./observer.ts";
import { createSend, type Post, type Reply } from "./post.ts";
import { createJudge } from "./stalls.ts";
import { createWatchman } from "./watchman.ts";

/** Gets a module of the runtime's own. An `import` would be rewritten by bundlers. */
export type Load = <Module>(name: string) => Module;

/** Memory that both threads share, all but the last written by the main thread. */
export const PLACES = {
  /** How often its event loop has turned. */
  turns: 0,
  /** The number of the label that it is in, 0 for none. */
  label: 1,
  /** Not 0 while it has a reason to stand still. */
  excused: 2,
  /** Not 0 while the lookout is looking at it: it should not end now. */
  watched: 3,
} as const;

/** The states of the gate at which the main thread waits while its last words are sent. */
export const GATE = { shut: 0, answered: 1, failed: 2 } as const;

/** What the thread is born with. */
export interface Birth {
  readonly options: ObserverOptions;
  readonly shared: Int32Array;
  readonly places: typeof PLACES;
  readonly states: typeof GATE;
  /** Whether it works for the process's main thread: only that can be looked at. */
  readonly mayLook: boolean;
}

/** What the main thread tells the lookout. */
export type Order =
  | { readonly kind: "send"; readonly id: number; readonly post: Post }
  | { readonly kind: "abort"; readonly id: number }
  /** Send all of it once, and open the gate. */
  | { readonly kind: "last"; readonly posts: readonly Post[]; readonly gate: Int32Array; readonly ms: number }
  | { readonly kind: "name"; readonly label: string }
  /** Look away: the process ends. */
  | { readonly kind: "end" }
  | { readonly kind: "set"; readonly options: ObserverOptions };

/** What became of a `send`: a reply, or why there is none. */
export interface Report {
  readonly id: number;
  readonly reply?: Reply;
  readonly failure?: string;
}

/** What the lookout is made of. */
interface Parts {
  readonly createSend: typeof createSend;
  readonly createDispatch: typeof createDispatch;
  readonly createEye: typeof createEye;
  readonly createJudge: typeof createJudge;
  readonly createWatchman: typeof createWatchman;
}

/** Puts the parts together, and does what the main thread says. Shipped as its own source, as each of them is. */
function keepWatch(load: Load, { createJudge, ...parts }: Parts): void {
  const { parentPort, workerData } = load<typeof threads>("node:worker_threads");
  const birth: Birth = workerData;
  let { options } = birth;
  const eye = parts.createEye(load);
  const dispatch = parts.createDispatch(load, parts.createSend(load), birth.states, () => options);
  const watchman = parts.createWatchman(birth, { eye, createJudge, tell: dispatch.tell });

  function obey(order: Order): unknown {
    switch (order.kind) {
      case "send":
        return dispatch.send(order.id, order.post).then((report) => parentPort?.postMessage(report));
      case "abort":
        return dispatch.abort(order.id);
      case "last":
        return dispatch.sendLast(order.posts, order.gate, order.ms);
      case "name":
        return watchman.name(order.label);
      case "set":
        options = order.options;
        return watchman.watch(options.watchdog);
      case "end":
        return eye.shut();
    }
  }

  watchman.watch(options.watchdog);
  parentPort?.on("message", obey);
}

/**
 * What bundlers that keep names call the helper they wrap functions in; it is not there in the thread.
 *
 * @see https://esbuild.github.io/api/#keep-names
 */
const [, helper = "__name"] = /([\w$]+)\([\w$]+,\s*"obey"\)/.exec(String(keepWatch)) ?? [];

/** The thread's program. A failure ends it in silence: Deno would print it, whoever listens. */
export const PROGRAM: string = `try {
  const ${helper} = (it) => it;
  (${keepWatch})((name) => process.getBuiltinModule?.(name) ?? require(name), {
    createSend: ${createSend},
    createDispatch: ${createDispatch},
    createEye: ${createEye},
    createJudge: ${createJudge},
    createWatchman: ${createWatchman},
  });
} catch {}`;
