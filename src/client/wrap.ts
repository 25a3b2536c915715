/** A handler that is followed wherever it goes. */
import { read, sentence } from "./plain.ts";

/** One call of a wrapped handler. */
export interface Call {
  /** What it happens in: method and path, or which entry point was called. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The argument that has a `waitUntil`. */
  readonly owner: unknown;
  /** In a Worker, the environment. */
  readonly bindings: unknown;
  /** The error told last, if any; shared with the calls inside. */
  told: unknown[];
}

/** Does the work of a call: returns what it returns, throws what it throws. */
export type Follow = (call: Call, work: () => unknown) => unknown;

type Entry = (this: unknown, ...args: unknown[]) => unknown;

const ENTRIES = ["fetch", "scheduled", "queue", "email", "tail"];

/** The same handler, followed: a function becomes a function, a Worker a Worker. */
export function wrapHandler<T extends object>(handler: T, follow: Follow): T {
  const wrapped = (name: string, entry: Entry): Entry =>
    function (...args) {
      return follow(callOf(name, args), () => entry.apply(this, args));
    };
  if (isFunction(handler)) return Object.assign(wrapped("fetch", handler), handler);
  const worker: Record<string, unknown> = {};
  for (const name of ENTRIES) {
    const entry = read(handler, name);
    if (isFunction(entry)) worker[name] = wrapped(name, entry.bind(handler));
  }
  return { ...handler, ...worker };
}

function isFunction(value: unknown): value is Entry {
  return typeof value === "function";
}

function callOf(name: string, args: readonly unknown[]): Call {
  const [request, bindings] = args;
  const method = read(request, "method");
  // Without origin and query: those may hold what is nobody's business.
  const path = sentence(read(request, "url")).replace(/^\w+:\/\/[^/?#]*|[?#].*$/g, "");
  const owner = args.findLast((it) => read(it, "waitUntil"));
  return {
    values: method ? { method, path } : { trigger: name },
    owner,
    bindings,
    told: (read(request, "told") as unknown[]) ?? [],
  };
}
