/** The door for Cloudflare Workers: the same client, which knows the request that runs, with `nodejs_compat` or without. */
import * as workers from "cloudflare:workers";
import type { Snitch, SnitchOptions } from "./client/options.ts";
import { createClient } from "./client/snitch.ts";

export type * from "./mod.ts";

/** Makes a client with options and counts of its own. */
export function createSnitch(options?: SnitchOptions): Snitch {
  return createClient(options, workers);
}

/** The client that most programs need; configured by `SNITCHBOT_URL`, or by `snitch.init()`. */
export const snitch: Snitch = createSnitch();
