import { setTimeout as delay } from "node:timers/promises";

/** Looks again until something is there; fails with its name after ten seconds. */
export async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>, what: string): Promise<T> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await delay(10)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`not within ten seconds: ${what}`);
}
