import { setTimeout as delay } from "node:timers/promises";

type Look<T> = () => T | undefined | false | Promise<T | undefined | false>;

/** Looks again until something is there; fails with its name when it has not come in `patience` milliseconds. */
export async function until<T>(look: Look<T>, what: string, patience = 10_000): Promise<T> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(10)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`did not come in time: ${what}`);
}
