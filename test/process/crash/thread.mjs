// A thread that has snitchbot itself, and what starts it. With `watched`, that has it, too.
import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";
import { snitch } from "./snitch.mjs";

if (!isMainThread || process.argv.includes("watched")) snitch.init();
if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url));
  thread.on("error", (error) => console.log("survived", error.message));
} else {
  snitch.capture(new Error("captured"));
  setTimeout(() => {
    throw new RangeError("in a thread");
  }, 5);
}
