/**
 * A greenhouse that logs with LogTape: one more sink. Lines of one template are one alert that counts, whatever is
 * filled in.
 *
 *     node examples/loggers/logtape.js
 */
import { configure, getConsoleSink, getLogger } from "@logtape/logtape";
import { snitch } from "snitchbot";
import { snitchSink } from "snitchbot/logtape";

await configure({
  sinks: { console: getConsoleSink(), snitch: snitchSink(snitch) },
  loggers: [
    { category: "greenhouse", sinks: ["console", "snitch"] },
    { category: ["logtape", "meta"], sinks: ["console"], lowestLevel: "warning" },
  ],
});

const log = getLogger(["greenhouse", "climate"]);
const readings = [
  { bed: "tomatoes", celsius: 24 },
  { bed: "orchids", celsius: 41 },
  { bed: "ferns", celsius: 39 },
];

for (const reading of readings) {
  if (reading.celsius < 35) log.info("{bed}: {celsius} °C", reading);
  else log.fatal("the {bed} are cooking", reading);
}
