/**
 * A nightly report from cron: `0 3 * * * SNITCHBOT_URL=… node /opt/shop/report.js`. It tells when a run begins and how it
 * ends, so its time is known, and a night without a run is told of.
 *
 *     node examples/jobs/report.js
 */
import process from "node:process";
import { snitch } from "snitchbot";

const beat = `${process.env.SNITCHBOT_URL}/beat/nightly-report`;
const schedule = new URLSearchParams({
  cron: "0 3 * * *",
  tz: "Europe/Berlin",
  grace: "30m",
  rid: crypto.randomUUID(),
});

/** @param {"start" | 0 | 1} phase */
const tell = (phase, body = "") => fetch(`${beat}/${phase}?${schedule}`, { method: "POST", body }).catch(() => {});

/** @param {number[]} sales */
function best(sales) {
  return sales.reduce((a, b) => Math.max(a, b)); // on the first of January nobody bought anything
}

await tell("start");
try {
  const report = `best sale of the day: ${best([])} €`;
  await tell(0, report);
} catch (error) {
  snitch.capture(error, { context: { job: "nightly-report" } });
  await Promise.all([tell(1, String(error)), snitch.flush()]);
  process.exitCode = 1;
}
