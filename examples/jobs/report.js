/**
 * A nightly report from cron: `0 3 * * * SNITCHBOT_URL=… node /opt/shop/report.js`. It tells when a run begins and how it
 * ends, so its time is known; a run that fails is told with its error, and a night without a run is told of.
 *
 *     node examples/jobs/report.js
 */
import { snitch } from "snitchbot";

/** @param {number[]} sales */
function best(sales) {
  return sales.reduce((a, b) => Math.max(a, b)); // on the first of January nobody bought anything
}

await snitch.job("nightly-report", { cron: "0 3 * * *", tz: "Europe/Berlin", grace: "30m" }, () => {
  console.log(`best sale of the day: ${best([])} €`);
});
