/** A handler that is followed wherever it goes. */
import type { Core } from "./core.ts";
import { disguise, read, sentence } from "./plain.ts";
import { traceOf } from "./trace.ts";

/** One call of a wrapped handler. */
export interface Call {
  /** `GET /orders`, or which entry point was called. */
  readonly name: string;
  /** What it happens in: method, path and trace, or which entry point was called. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The argument that has a `waitUntil`. */
  readonly owner: unknown;
  /** In a Worker, the environment. */
  readonly bindings: unknown;
  /** The error told last, if any; shared with the calls inside. */
  told: unknown[];
}

type Entry = (this: unknown, ...args: unknown[]) => unknown;
type Class = new (...args: readonly never[]) => object;

const ENTRIES = ["fetch", "scheduled", "queue", "email", "tail", "alarm"];

/** The same handler, followed: a function becomes a function, a Worker a Worker, a Durable Object's class a class. */
export function wrapHandler<T extends object>(core: Core, handler: T): T {
  const followed = (name: string, entry: Entry, self?: object): Entry => {
    const made: Entry = function (...args) {
      return follow(core, callOf(name, args, this), () => entry.apply(self ?? this, args));
    };
    return disguise(made, entry); // Deno gives no arguments to what says that it takes none
  };
  const put = <Onto extends object>(onto: Onto, self?: object): Onto => {
    for (const name of ENTRIES) {
      const entry = read(self ?? onto, name);
      if (isFunction(entry)) (onto as Record<string, Entry>)[name] = followed(name, entry, self);
    }
    return onto;
  };
  if (!isFunction(handler)) return put({ ...handler }, handler);
  // Only classes have a prototype that nobody can replace; one without entry points still has to be called with `new`.
  const prototype = Object.getOwnPropertyDescriptor(handler, "prototype");
  if (prototype?.writable !== false) return followed("fetch", handler) as object as T;
  const Followed = class extends (handler as unknown as Class) {};
  put(Followed.prototype);
  return Followed as unknown as T;
}

/** Does the work of a call: returns what it returns, throws what it throws. */
function follow(core: Core, call: Call, work: () => unknown): unknown {
  call.told = core.call()?.told ?? call.told; // what one tells, no other tells again
  const inside = <T>(it: () => T): T => core.within(call.values, call, () => core.named(call.name, it));
  const fail = (error: unknown): never => {
    if (!call.told.includes(error)) inside(() => core.capture(error));
    throw error;
  };
  core.address(call.bindings);
  core.resume(call.owner);
  try {
    const result = inside(work);
    return result instanceof Promise ? result.then(undefined, fail) : result;
  } catch (error) {
    return fail(error);
  }
}

function isFunction(value: unknown): value is Entry {
  return typeof value === "function";
}

function callOf(entry: string, args: readonly unknown[], self: unknown): Call {
  const [request, bindings = read(self, "env")] = args;
  const method = read(request, "method");
  // Without origin and query: those may hold what is nobody's business.
  const path = sentence(read(request, "url")).replace(/^\w+:\/\/[^/?#]*|[?#].*$/g, "");
  const traceId = traceOf((header) => (request as Request).headers.get(header));
  const trigger = [entry, read(request, "cron") ?? read(request, "queue")].join(" ").trim();
  return {
    name: method ? `${method} ${path}` : trigger,
    values: { ...(method ? { method, path } : { trigger }), ...(traceId && { traceId }) },
    owner: [read(self, "ctx"), ...args].findLast((it) => read(it, "waitUntil")),
    bindings,
    told: (read(request, "told") as unknown[]) ?? [],
  };
}
