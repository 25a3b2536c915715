// All that the programs know of snitchbot. `without` among their arguments leaves it away.
import process from "node:process";
import { createSnitch as create } from "../../../dist/src/mod.process.js";

/** Another client, made by this copy of the package or by another one, that tells of its process's end only. */
export function createSnitch(make = create) {
  const snitch = make();
  return {
    init: (options) => snitch.init({ anomalies: false, heartbeat: false, watchdog: false, ...options }),
    capture: snitch.capture,
  };
}

export const snitch = process.argv.includes("without") ? { init() {}, capture() {} } : createSnitch();
