/**
 * A thread beside the main thread. It sends what the main thread has to tell, survives its last breath by some
 * moments, and sees when it is blocked.
 */
import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";
import type { Fetch } from "../client/beacon.ts";
import { scrubText } from "../scrub.ts";
import { createCourier } from "./courier.ts";
import { type Birth, GATE, type Order, PLACES, PROGRAM } from "./lookout.ts";
import { createLabels, createPulse } from "./pulse.ts";
import { hearOf } from "./shared.ts";
import type { Tiers } from "./stalls.ts";

/** How long a process that ends waits for the lookout to look away, ms; that takes a few. */
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

/**
 * Starts the thread. The process does not stay alive for it; if it dies, all goes on without. Throws where there can be
 * none: `--permission` of Node.
 */
export function startObserver(options: ObserverOptions): Observer {
  const shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(PLACES).length));
  const thread = startThread({ options, shared, places: PLACES, states: GATE, mayLook: isMainThread });
  const tell = (order: Order): void => thread.postMessage(order);
  const pulse = createPulse(shared);
  let holds = 0;
  let isGone = false;

  const courier = createCourier({
    tell,
    hold: () => holds++ || thread.ref(),
    release: () => --holds || thread.unref(),
  });

  /** Node would wait for who looks at it, and say so on stderr. */
  const leave = (): void => {
    pulse.excuseForGood();
    if (!Atomics.load(shared, PLACES.watched)) return;
    tell({ kind: "end" });
    Atomics.wait(shared, PLACES.watched, 1, LAST_LOOK);
  };

  // Apart from other exits, and so before them. Eleven clients with a listener each would have Node warn of a leak.
  const stay = hearOf("leave", leave, (tell) => process.on("exit", tell));

  const end = (): void => {
    isGone = true;
    stay();
    pulse.beat(false);
    courier.end();
  };

  thread.on("message", courier.receive);
  thread.on("error", end);
  thread.on("exit", end);
  thread.unref();
  pulse.beat(options.watchdog !== false);

  return {
    fetch: courier.fetch,
    sendNow(address, bodies, ms) {
      if (isGone) return false;
      const gate = new Int32Array(new SharedArrayBuffer(4));
      const posts = bodies.map((body) => ({ url: address, method: "POST", headers: {}, body }));
      tell({ kind: "last", posts, gate, ms });
      pulse.excuse(() => Atomics.wait(gate, 0, GATE.shut, ms));
      return Atomics.load(gate, 0) === GATE.answered;
    },
    enter: createLabels(shared, (label) => tell({ kind: "name", label: scrubText(label) })),
    set(changed) {
      if (isGone) return;
      tell({ kind: "set", options: changed });
      pulse.beat(changed.watchdog !== false);
    },
    stop() {
      end();
      void thread.terminate();
    },
  };
}

function startThread(birth: Birth): Worker {
  return new Worker(PROGRAM, {
    eval: true,
    name: "snitchbot",
    workerData: birth,
    // What the host wants loaded into its own threads is not for this one.
    execArgv: [],
    argv: [],
    env: "Deno" in globalThis ? {} : { ...process.env, NODE_OPTIONS: "" }, // Deno would have to be allowed to read all
    stdout: true, // it prints nothing, and what others print in it is kept
    stderr: true,
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 }, // beyond, it ends alone
  });
}
