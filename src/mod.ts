/** The door of snitchbot for the programs that it watches. */
import { createCore } from "./client/core.ts";
import type { Snitch, SnitchOptions } from "./client/options.ts";
import { createClient } from "./client/snitch.ts";
import { wrapHandler } from "./client/wrap.ts";

export type * from "./client/options.ts";
export type * from "./client/resident.ts";
export type { Batch, ErrorDetail, Event, Kind, Severity } from "./event.ts";
export type { Scrub, ScrubRules } from "./scrub.ts";

export { createScrub } from "./scrub.ts";

/** Makes a client with options and counts of its own. */
export function createSnitch(options?: SnitchOptions): Snitch {
  return createClient(createCore(options));
}

const core = /* @__PURE__ */ createCore();

/** The client that most programs need; configured by `SNITCHBOT_URL`, or by `snitch.init()`. */
export const snitch: Snitch = /* @__PURE__ */ createClient(core);

/** `snitch.capture` alone: what a bundle does not use of `snitch` is left out. */
export const capture: Snitch["capture"] = (error, options) => core.capture(error, options);

/** `snitch.wrap` alone. */
export const wrap: Snitch["wrap"] = (handler) => wrapHandler(core, handler);
