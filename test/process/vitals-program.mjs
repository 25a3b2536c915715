// A program for Node, Deno and Bun: prints one sample and what a sample costs, and ends by itself.
import process from "node:process";
import { readings } from "../../src/process/readings.ts";
import { createSampler, watchVitals } from "../../src/process/vitals.ts";

let ahead = 0;
const turn = createSampler(readings, { now: () => Date.now(), elapsed: () => performance.now() + ahead });
const hurry = () => {
  ahead += 15_000; // so that every sample counts files
  return turn();
};

/** Microseconds of processor time per sample, at best: the compiler works beside the first ones. */
function cost() {
  const batches = Array.from({ length: 10 }, () => {
    const { user, system } = process.cpuUsage();
    for (let i = 0; i < 100; i++) hurry();
    const after = process.cpuUsage();
    return (after.user + after.system - user - system) / 100;
  });
  return Math.round(Math.min(...batches));
}

const until = performance.now() + 100;
while (performance.now() < until);
console.log(JSON.stringify({ sample: hurry(), cost: cost() }));
watchVitals(() => {});
