/** Values that everything called from a function inherits. */
import { builtin } from "./ambient.ts";
import { read } from "./plain.ts";

/** What `AsyncLocalStorage` does. */
export interface Storage<T> {
  run<R>(value: T, work: () => R): R;
  getStore(): T | undefined;
}

/**
 * The runtime's `AsyncLocalStorage`, found without an import: a static one keeps a Worker without `nodejs_compat` from
 * starting.
 */
export function findStorage(): (new () => Storage<never>) | undefined {
  const found = read(builtin("node:async_hooks"), "AsyncLocalStorage") ?? read(globalThis, "AsyncLocalStorage");
  return found as ReturnType<typeof findStorage>;
}

/** An `AsyncLocalStorage`; where there is none, values last until the first `await`. */
export function createStorage<T>(): Storage<T> {
  const Found = findStorage();
  return Found ? new Found() : createStack<T>();
}

function createStack<T>(): Storage<T> {
  let current: T | undefined;
  return {
    run(value, work) {
      const outer = current;
      current = value;
      try {
        return work();
      } finally {
        current = outer;
      }
    },
    getStore: () => current,
  };
}
