/** What the runtime around us offers, found without importing anything from it. */
import { attempt, read } from "./plain.ts";

interface Host {
  readonly [name: symbol]: { get(): unknown } | undefined;
  readonly process?: {
    readonly env?: Readonly<Record<string, unknown>>;
    readonly version?: string;
    getBuiltinModule?(name: string): unknown;
  };
  readonly Deno?: { readonly env: { get(name: string): string | undefined } };
  readonly EdgeRuntime?: unknown;
  readonly Netlify?: unknown;
  readonly setImmediate?: (work: () => void) => unknown;
  readonly navigator?: { readonly userAgent?: string };
}

interface Owner {
  waitUntil?(work: Promise<unknown>): void;
}

const host = globalThis as unknown as Host;

/** The runtime, as it calls itself. Node 20 and Vercel's edge runtime have no `navigator`. */
export const runtime: unknown = host.navigator?.userAgent ?? host.EdgeRuntime ?? `Node.js/${host.process?.version}`;

/** A module of the runtime's own; `undefined` where there is none of that name, or where it has to be imported. */
export function builtin(name: string): unknown {
  return attempt(() => host.process?.getBuiltinModule?.(name));
}

/** A variable of the environment. Deno throws when it is not allowed. */
export function variable(name: string): unknown {
  return attempt(() => (host.Deno ? host.Deno.env.get(name) : host.process?.env?.[name]));
}

/**
 * Keeps the invocation alive until `work` is done, with the first that has a `waitUntil` and can: one of `owners`,
 * Vercel, Netlify, or Supabase (Vercel's `EdgeRuntime` is a text). Says whether there was one.
 */
export function protect(work: Promise<unknown>, owners: readonly unknown[]): boolean {
  const vercel = attempt(() => host[Symbol.for("@vercel/request-context")]?.get());
  const all = [...owners, vercel, read(host.Netlify, "context"), host.EdgeRuntime];
  return (all as (Owner | undefined)[]).some((owner) =>
    attempt(() => {
      if (!owner?.waitUntil) return false;
      owner.waitUntil(work); // throws outside of a request: the next may take it
      return true;
    }),
  );
}

/**
 * The next turn: what is captured until then goes in the same batch, and on a server the caller goes on first. Edge
 * runtimes get a microtask, which is sure to come before the response.
 */
export function nextTurn(): Promise<void> {
  const later = runtime === "Cloudflare-Workers" ? undefined : host.setImmediate;
  return new Promise((resolve) => (later ?? queueMicrotask)(resolve));
}

/** Calls `work` later, without keeping a process alive for it. */
export function later(ms: number, work: () => void): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, ms);
  (timer as { unref?(): unknown }).unref?.(); // only servers have it
  return timer;
}

/** Waits, without keeping a process alive for it. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => later(ms, resolve));
}
