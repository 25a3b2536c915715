/** Any value becomes plain JSON of bounded size. Getters may throw, proxies lie, cycles close: this returns. */
import { BREADTH, DEPTH, TEXT, TOTAL } from "./limits.ts";

/** What `work` returns; `undefined` when it throws. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** A property of anything; `undefined` when there is none or it cannot be read. */
export function read(value: unknown, key: string | symbol): unknown {
  return attempt(() => (value as Record<string | symbol, unknown> | null | undefined)?.[key]);
}

/** The text, cut between words if it can be: half a secret would not be recognised any more. */
export function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, Math.max(text.lastIndexOf(" ", limit), limit * 0.8))}…` : text;
}

/** `made` goes by the name, the length and all other properties of `original`. */
export function disguise<F extends object>(made: object, original: F): F {
  return Object.defineProperties(made, Object.getOwnPropertyDescriptors(original)) as F;
}

/** A JSON-like copy: four levels, 50 entries each, texts of 1 KB, 8 KB together. */
export function plain(value: unknown): unknown {
  let room = TOTAL;

  const text = (it: unknown): string => {
    const short = cut(String(it), Math.max(0, Math.min(TEXT, room)));
    room -= short.length;
    return short;
  };

  const some = <T>(all: Iterable<T>): T[] => {
    const first: T[] = [];
    for (const one of all) {
      room -= 6; // quotes, colon, comma
      if (room < 0 || first.push(one) === BREADTH) break;
    }
    return first;
  };

  const copy = (it: unknown, depth: number): unknown => {
    try {
      if (it === null || typeof it === "boolean" || Number.isFinite(it)) return it;
      if (typeof it === "function") return text(`${it.name}()`);
      return typeof it !== "object" || it instanceof Error ? text(it) : inside(it, depth - 1);
    } catch {
      return "[unreadable]";
    }
  };

  const inside = (it: Inside, depth: number): unknown => {
    const name = it.constructor?.name;
    if (depth < 0) return text(`[${name}]`);
    if (typeof it.byteLength === "number") return text(`${name}(${it.byteLength})`);
    if (typeof it.toJSON === "function") return copy(it.toJSON(), depth);
    if (Array.isArray(it) || name === "Set") return some(it as Iterable<unknown>).map((one) => copy(one, depth));
    const keys = (): string[] => Object.keys(it).slice(0, BREADTH);
    const entries = it.entries && it[Symbol.iterator] ? it : keys().map((key) => [key, read(it, key)]);
    const known = some(entries as Iterable<unknown[]>).filter(([, one]) => one !== undefined);
    return Object.fromEntries(known.map(([key, one]) => [text(key), copy(one, depth)]));
  };

  return copy(value, DEPTH);
}

/**
 * What may be found in an object: of a buffer, a `Date` or `URL`, a `Map`, `Headers` or `FormData`. Methods that are
 * only named like theirs are not called: who knows what they do.
 */
interface Inside {
  readonly byteLength?: unknown;
  toJSON?(): unknown;
  readonly entries?: unknown;
  readonly [Symbol.iterator]?: unknown;
}

/** Like {@link plain}, for what has to be a record. */
export function record(value: unknown): Record<string, unknown> | undefined {
  return value == null ? undefined : { ...(plain(value) as object) };
}

/** One line for anything. */
export function sentence(value: unknown): string {
  const copy = plain(value);
  return typeof copy === "string" ? copy : JSON.stringify(copy);
}
