// Measurements in processes of their own, in rounds: whatever else this machine does, it does to all alike.
import { startProgram } from "../../dist/src/dev/process.js";
import { present } from "./drivers.mjs";
import { openSink } from "./sink.mjs";
import { median } from "./table.mjs";

/** One process that measures one client, and what of it arrived. */
async function run(sink, client, measurement) {
  const target = sink.target();
  const args = ["--expose-gc", "bench/clients/subject.mjs", client, measurement, JSON.stringify(target)];
  const program = await startProgram({ command: process.execPath, args });
  const code = await program.ended;
  const line = program.output().trim().split("\n").at(-1);
  if (code !== 0) throw new Error(`${measurement} of ${client} ended with ${code}:\n${program.output()}`);
  return { ...JSON.parse(line), ...sink.arrived(target.run) };
}

/** The medians of `rounds` processes for each of `names` that is present, by client. */
export async function measure(measurement, names, rounds) {
  const sink = await openSink();
  const results = Object.fromEntries(present(names).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, ofName] of Object.entries(results)) ofName.push(await run(sink, name, measurement));
  }
  sink.stop();
  const medians = (all) => Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]);
  return Object.fromEntries(Object.entries(results).map(([name, all]) => [name, Object.fromEntries(medians(all))]));
}

/** One value of each client's; `undefined` stays away. */
export const pick = (results, key) =>
  Object.fromEntries(Object.entries(results).flatMap(([name, of]) => (of[key] == null ? [] : [[name, of[key]]])));
