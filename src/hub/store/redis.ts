/** The way to Redis, and what may come back on it. */
import { Redis as Client } from "@upstash/redis/cloudflare";
import * as z from "zod";

/** A client that can also be asked in company. */
export class Redis extends Client {
  /** The same client, but what it is asked for in one and the same moment goes in one request. */
  joined(): Client {
    return this.autoPipeline() as Client;
  }
}

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

/** As `EVALSHA` names a script: hexadecimal. */
export async function sha1Of(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
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
