/** The door for Node, Deno and Bun: the same client, which from `init()` on watches its process, too. */
import { createCore } from "./client/core.ts";
import type { Snitch, SnitchOptions } from "./client/options.ts";
import type { Resident } from "./client/resident.ts";
import { createClient } from "./client/snitch.ts";
import { wrapHandler } from "./client/wrap.ts";
import { isGuest } from "./process/guest.ts";
import { createResident } from "./process/resident.ts";

export type * from "./mod.ts";

export { createScrub } from "./scrub.ts";

/** Makes a client with options and counts of its own. */
export function createSnitch(options?: SnitchOptions): Snitch {
  return createClient(createCore(options, undefined, resident()));
}

function resident(): Resident | undefined {
  return isGuest() ? undefined : createResident();
}

const core = /* @__PURE__ */ createCore(undefined, undefined, /* @__PURE__ */ resident());

/** The client that most programs need; configured by `SNITCHBOT_URL`, or by `snitch.init()`. */
export const snitch: Snitch = /* @__PURE__ */ createClient(core);

/** `snitch.capture` alone: what a bundle does not use of `snitch` is left out. */
export const capture: Snitch["capture"] = (error, options) => core.capture(error, options);

/** `snitch.wrap` alone. */
export const wrap: Snitch["wrap"] = (handler) => wrapHandler(core, handler);
