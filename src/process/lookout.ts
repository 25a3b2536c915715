/** What runs in the observer's thread: it sends for the main thread, and tells by itself when that is blocked. */
import type * as crypto from "node:crypto";
import type * as threads from "node:worker_threads";
import type { Event } from "../event.ts";
import { createEye, type Sight } from "./blocked.ts";
import type { ObserverOptions } from "./observer.ts";
import { createSend, type Post, type Reply } from "./post.ts";
import { createJudge, type Judge, type Sighting } from "./stalls.ts";

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
  /** The next label's name; numbers begin at 1. */
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
  readonly createEye: typeof createEye;
  readonly createJudge: typeof createJudge;
}

/** Keeps watch. Shipped as its own source: it knows nothing but its parameters. */
function keepWatch(load: Load, parts: Parts): void {
  /** How often it looks at the main thread, ms; and when that did not turn since. */
  const EVERY = 100;
  const EVERY_BLOCKED = 25;
  /** A batch that was not taken is sent again after so many ms, then given up. */
  const AGAIN = [1_000, 4_000, 16_000] as const;
  const PATIENCE = 5_000;

  const { parentPort, workerData } = load<typeof threads>("node:worker_threads");
  const { randomUUID } = load<typeof crypto>("node:crypto");
  const { shared, places, states, mayLook, options: first } = workerData as Birth;
  const send = parts.createSend(load);
  const eye = parts.createEye(load);

  let options = first;
  const names = [""];
  const flying = new Map<number, AbortController>();
  const untold = new Set<Post>();

  // --- what the main thread sends

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
    const all = [...posts, ...untold];
    const sent = await Promise.allSettled(all.map((post) => send(post, AbortSignal.timeout(ms))));
    const isAnswered = sent.slice(0, posts.length).every(({ status }) => status === "fulfilled");
    Atomics.store(gate, 0, isAnswered ? states.answered : states.failed);
    Atomics.notify(gate, 0);
  };

  // --- what it tells by itself

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

  const tell = async (event: Event): Promise<void> => {
    const { address, head } = options;
    if (!address) return;
    const body = JSON.stringify({ v: 1, id: randomUUID(), ...head, events: [event] });
    const post = { url: address, method: "POST", headers: {}, body };
    untold.add(post);
    for (const ms of AGAIN) {
      if (await isSettled(post)) return void untold.delete(post);
      await sleep(ms);
    }
    await isSettled(post);
    untold.delete(post);
  };

  // --- what it sees

  /** A stall, from the first that is told of it. */
  interface Stall {
    readonly label: string;
    readonly sight: Promise<Sight>;
    isOver: boolean;
    isTold: boolean;
  }

  let judge: Judge | undefined;
  let stall: Stall | undefined;
  let looked = 0; // turns, at the last look
  let excuses = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const turns = (): number => Atomics.load(shared, places.turns);

  const isExcused = (): boolean => Atomics.load(shared, places.excused) !== 0;

  /** Both threads say what they do before they ask what the other does, so one of them gives way. */
  const look = async (): Promise<Sight> => {
    const then = turns();
    Atomics.store(shared, places.watched, 1);
    const sight = isExcused() ? undefined : await eye.look(() => turns() === then);
    Atomics.store(shared, places.watched, 0);
    Atomics.notify(shared, places.watched);
    return sight ?? { kind: "nothing" };
  };

  const beginStall = (): Stall => {
    const label = names[Atomics.load(shared, places.label)] ?? "";
    return { label, sight: mayLook ? look() : Promise.resolve({ kind: "nothing" }), isOver: false, isTold: false };
  };

  /** All of a stall say the same of where it was, so that they are one to the hub. */
  const tellStall = async (it: Stall, { kind, severity, ms, thresholdMs }: Sighting): Promise<void> => {
    const sight = await it.sight;
    if (kind === "blocked" && it.isOver) return; // while looking; its end says all
    const label = it.label || (sight.kind === "native" ? "native call" : "");
    const count = it.isTold ? 1 : (judge?.takeCount() ?? 1);
    it.isTold = true;
    await tell({
      kind: "watchdog",
      severity,
      at: Date.now(),
      title: `Event loop blocked for ${ms} ms (threshold ${thresholdMs} ms)`,
      ...(count > 1 && { count }),
      watchdog: { ms, thresholdMs, ...(sight.kind === "stack" && { stack: sight.stack }), ...(label && { label }) },
    });
  };

  const watch = (): void => {
    if (isExcused()) excuses++;
    const seen = turns() + excuses;
    const sighting = judge?.look(seen, performance.now());
    timer = setTimeout(watch, seen === looked ? EVERY_BLOCKED : EVERY);
    looked = seen;
    if (!sighting) return;
    stall ??= beginStall();
    stall.isOver = sighting.kind === "over";
    void tellStall(stall, sighting);
    if (stall.isOver) stall = undefined;
  };

  function keepGoing(next: ObserverOptions): void {
    if (String(next.watchdog) !== String(judge && options.watchdog)) {
      clearTimeout(timer);
      judge = next.watchdog ? parts.createJudge(next.watchdog) : undefined;
      stall = undefined;
      if (judge) watch();
    }
    options = next;
  }

  keepGoing(first);
  parentPort?.on("message", (order: Order) => {
    switch (order.kind) {
      case "send":
        return void report(order.id, order.post).then((it) => parentPort.postMessage(it));
      case "abort":
        return flying.get(order.id)?.abort();
      case "last":
        return void sendLast(order.posts, order.gate, order.ms);
      case "name":
        return void names.push(order.label);
      case "set":
        return keepGoing(order.options);
      case "end":
        return eye.shut();
    }
  });
}

/**
 * What bundlers that keep names call the helper they wrap functions in; it is not there in the thread.
 *
 * @see https://esbuild.github.io/api/#keep-names
 */
const [, helper = "__name"] = /([\w$]+)\([\w$]+,\s*"keepGoing"\)/.exec(String(keepWatch)) ?? [];

/** The thread's program. A failure ends it in silence: Deno would print it, whoever listens. */
export const PROGRAM: string = `try {
  const ${helper} = (it) => it;
  (${keepWatch})((name) => process.getBuiltinModule?.(name) ?? require(name), {
    createSend: ${createSend},
    createEye: ${createEye},
    createJudge: ${createJudge},
  });
} catch {}`;
