/** The door of snitchbot for the programs that it watches. */
import type { Snitch, SnitchOptions } from "./client/options.ts";
import { createClient } from "./client/snitch.ts";

export type * from "./client/options.ts";
export type { Batch, ErrorDetail, Event, Kind, Severity } from "./event.ts";

/** Makes a client with options and counts of its own. */
export function createSnitch(options?: SnitchOptions): Snitch {
  return createClient(options);
}

/** The client that most programs need; configured by `SNITCHBOT_URL`, or by `snitch.init()`. */
export const snitch: Snitch = createSnitch();
