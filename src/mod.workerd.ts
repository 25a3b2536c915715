/** The door for Cloudflare Workers: the same client, which knows the request that runs, with `nodejs_compat` or without. */
import * as workers from "cloudflare:workers";
import { createCore } from "./client/core.ts";
import type { Snitch, SnitchOptions } from "./client/options.ts";
import { createClient } from "./client/snitch.ts";
import { wrapHandler } from "./client/wrap.ts";

export type * from "./mod.ts";

export { createScrub } from "./scrub.ts";

/** Makes a client with options and counts of its own. */
export function createSnitch(options?: SnitchOptions): Snitch {
  return createClient(createCore(options, workers));
}

const core = /* @__PURE__ */ createCore(undefined, workers);

/** The client that most programs need; configured by `SNITCHBOT_URL`, or by `snitch.init()`. */
export const snitch: Snitch = /* @__PURE__ */ createClient(core);

/** `snitch.capture` alone: what a bundle does not use of `snitch` is left out. */
export const capture: Snitch["capture"] = (error, options) => core.capture(error, options);

/** `snitch.wrap` alone. */
export const wrap: Snitch["wrap"] = (handler) => wrapHandler(core, handler);
