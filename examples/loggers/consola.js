/**
 * A deployment script that talks through consola: one more reporter.
 *
 *     node examples/loggers/consola.js
 */
import process from "node:process";
import { createConsola } from "consola";
import { snitch } from "snitchbot";
import { snitchReporter } from "snitchbot/consola";

const log = createConsola().withTag("deploy");
log.addReporter(snitchReporter(snitch));

const steps = {
  build: () => "214 files",
  migrate() {
    throw new Error("lock timeout on table orders");
  },
};

for (const [step, run] of Object.entries(steps)) {
  try {
    log.success(`${step}: ${run()}`);
  } catch (error) {
    log.error(`${step} failed`, error);
    process.exitCode = 1;
  }
}
