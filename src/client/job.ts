/** Heartbeats: what should happen regularly, and did. */
import { scrubEntry } from "../scrub.ts";
import { protect, sleep } from "./ambient.ts";
import { post } from "./beacon.ts";
import type { Core } from "./core.ts";
import { describe } from "./error.ts";
import { BACKOFF, DAY, HOLD, TRIES_BEAT } from "./limits.ts";
import type { Expectation } from "./options.ts";
import { attempt, sentence } from "./plain.ts";

/** Says that the service, or its monitor `name`, is alive; `action` and `body` are those of the address. Never rejects. */
export function beat(core: Core, name = "", asks: Expectation = {}, action = "", body = ""): Promise<boolean> {
  const work = send(core, [name, action], asks, body).catch(() => false);
  protect(work, core.owners());
  return work;
}

async function send(core: Core, path: readonly string[], asks: Expectation, body: string): Promise<boolean> {
  const address = core.address();
  const parts = path.filter(Boolean).map((part) => `/${encodeURIComponent(part)}`);
  const query = new URLSearchParams(JSON.parse(JSON.stringify(asks))); // it would write `undefined`
  const hold = setInterval(() => {}, DAY); // whoever waits for this may have nothing else that keeps a process alive
  try {
    for (let tries = 1; address; tries++) {
      const answer = await post(`${address}/beat${parts.join("")}?${query}`, body, core.fetch, 200);
      if (answer.kind === "taken") return true;
      if (tries >= Math.min(answer.tries, TRIES_BEAT) || answer.after > HOLD) break;
      await sleep(Math.max(answer.after, BACKOFF * 4 ** tries));
    }
  } finally {
    clearInterval(hold);
  }
  return false;
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
    const { scrub = scrubEntry } = core.options();
    await end(
      "fail",
      attempt(() => String(scrub("", describe(error, 8192).stack ?? sentence(error)))),
    );
    throw error;
  }
}
