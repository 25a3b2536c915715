/** Heartbeats: what should happen regularly, and did. */
import { scrubText } from "../scrub.ts";
import { protect } from "./ambient.ts";
import { post } from "./beacon.ts";
import type { Core } from "./core.ts";
import { describe } from "./error.ts";
import { BACKOFF, TRIES_BEAT } from "./limits.ts";
import type { Expectation } from "./options.ts";

/** Says that the service, or its monitor `name`, is alive; `action` and `body` are those of the address. Never rejects. */
export function beat(core: Core, name = "", asks: Expectation = {}, action = "", body = ""): Promise<boolean> {
  const path = [name, action]
    .filter(Boolean)
    .map((part) => `/${encodeURIComponent(part)}`)
    .join("");
  const query = new URLSearchParams(asks as Record<string, string>);
  const url = `${core.address()}/beat${path}?${query}`;
  const work = core.address() ? send(core, url, body) : Promise.resolve(false);
  protect(work, core.owners());
  return work;
}

async function send(core: Core, url: string, body: string): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    const answer = await post(url, body, core.fetch, 200);
    if (answer.kind === "taken") return true;
    if (tries >= Math.min(answer.tries, TRIES_BEAT)) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.max(answer.after, BACKOFF * 4 ** tries)));
  }
}

/** Does the work of a run, and says that it begins and how it ends. Returns what `work` returns, throws what it throws. */
export async function job<T>(core: Core, name: string, asks: Expectation, work: () => T): Promise<Awaited<T>> {
  const run = { ...asks, rid: crypto.randomUUID() };
  const started = beat(core, name, run, "start");
  const end = async (action: string, body?: string): Promise<void> => {
    await started;
    await beat(core, name, run, action, body);
  };
  try {
    const result = await core.within({ job: name }, undefined, work);
    await end("");
    return result;
  } catch (error) {
    const { type, message, stack } = describe(error, 8192);
    await end("fail", scrubText(stack ?? `${type}: ${message}`));
    throw error;
  }
}
