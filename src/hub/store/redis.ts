/** The way to Redis, and what may come back on it. */
import { Redis } from "@upstash/redis/cloudflare";
import * as z from "zod";

export type { Redis } from "@upstash/redis/cloudflare";

/** The client as redis over HTTP needs it: text stays text, a hang ends, a lost answer is asked for once more. */
export function connect(url: string, token: string): Redis {
  return new Redis({
    url,
    token,
    automaticDeserialization: false,
    enableAutoPipelining: false,
    enableTelemetry: false,
    retry: { retries: 1, backoff: () => 50 },
    signal: () => AbortSignal.timeout(4_000),
  });
}

/** The store did not answer, or with an error. Its message is safe to log: the client's own carry whole requests. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  constructor(cause: unknown) {
    super((cause instanceof Error ? cause.message : String(cause)).split(/,? ?command was/)[0]?.slice(0, 200));
  }
}

/** A script as a call: its keys, its arguments. Sent whole only to a Redis that does not know it yet. */
export function script(redis: Redis, source: string): (keys: string[], given: readonly unknown[]) => Promise<unknown> {
  const it = redis.createScript<unknown>(source);
  return (keys, given) => it.exec(keys, given.map(String));
}

export const texts: z.ZodArray<z.ZodString> = z.array(z.string());
export const maybeTexts: z.ZodArray<z.ZodNullable<z.ZodString>> = z.array(z.string().nullable());
/** A number, or a time in milliseconds; null where nothing is. */
export const maybeNumber: z.ZodNullable<z.ZodCoercedNumber> = z.coerce.number().nullable();

/** What cannot be read counts as unknown: it must not keep the others. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    console.error("snitchbot: something in the store cannot be read");
    return undefined;
  }
}
