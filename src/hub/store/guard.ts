/** Keeps those who try keys at a distance. Good traffic never comes here, so it pays nothing for it. */
import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis/cloudflare";

/** Counts one bad key from an address. Answers how many milliseconds it has to wait, 0 while it may go on. */
export type Guard = (address: string) => Promise<number>;

/** Bad keys an address may show in a minute. */
export const BAD_KEYS: number = 30;
/** Addresses remembered as blocked; the library's own cache has no bound. */
const REMEMBERED = 1_000;

export function createGuard(redis: Redis): Guard {
  const blocked = new Map<string, number>();
  const limit = new Ratelimit({
    redis,
    prefix: "sb:bad",
    limiter: Ratelimit.fixedWindow(BAD_KEYS, "60 s"),
    ephemeralCache: blocked,
    timeout: 2_000,
  });
  return async (address) => {
    if (blocked.size > REMEMBERED) blocked.clear();
    try {
      const { success, reset } = await limit.limit(address);
      return success ? 0 : Math.max(1_000, reset - Date.now());
    } catch {
      return 0; // the key is refused anyway; only the counting failed
    }
  };
}
