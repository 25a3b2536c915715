/** What was thrown becomes an {@link ErrorDetail}, whatever it is. */
import type { ErrorDetail } from "../event.ts";
import { CHAIN, HEAD, MEMBERS } from "./limits.ts";
import { cut, read, sentence } from "./plain.ts";

/** Type, message and stack; causes to a depth of five, and five members of an `AggregateError`. Never throws. */
export function describe(error: unknown, maxStack: number, outer: readonly unknown[] = []): ErrorDetail {
  const path = [...outer, error];
  const inner = (it: unknown): ErrorDetail[] =>
    it == null || path.includes(it) || path.length === CHAIN ? [] : [describe(it, maxStack, path)];
  const stack = read(error, "stack");
  const [cause] = inner(read(error, "cause"));
  const members = path.length < 3 && read(error, "errors");
  return {
    type: typeOf(error),
    message: sentence(read(error, "message") ?? error),
    stack: typeof stack === "string" ? shorten(stack, outer.length ? maxStack / 4 : maxStack) : undefined,
    cause,
    errors: Array.isArray(members) ? members.slice(0, MEMBERS).flatMap(inner) : undefined,
  } as ErrorDetail; // JSON has no undefined
}

/**
 * What makes two errors the same here: type, frames, and the message without the words that have digits in them.
 * Finer than the hub's fingerprint, and found without parsing.
 */
export function sameness(error: unknown): string {
  const stack = read(error, "stack");
  const [head, frames] = typeof stack === "string" ? halves(stack) : [typeOf(error) + sentence(error), ""];
  return head.slice(0, 200).replace(/[\w-]*\d[\w-]*/g, "0") + frames.slice(0, 2000);
}

/** A long message stands before the frames; it must not push them out. */
function shorten(stack: string, limit: number): string {
  const [head, frames] = halves(stack);
  return cut(cut(head, HEAD) + frames, limit);
}

/** What stands before the frames, and the frames. Firefox and Safari write nothing but frames. */
function halves(stack: string): readonly [head: string, frames: string] {
  const start = Math.max(0, stack.indexOf("\n    at "));
  return [stack.slice(0, start), stack.slice(start)];
}

/** The name it goes by, or that of its class if it is not a minifier's; else what it is. */
function typeOf(value: unknown): string {
  const names = [read(value, "name"), read(read(value, "constructor"), "name")].map((name) => sentence(name ?? ""));
  return cut(names.find((name) => name.length > 2 && name !== "Error") || names[0] || typeof value, 100);
}
