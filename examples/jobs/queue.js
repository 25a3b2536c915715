/**
 * A worker that sends mails from a queue. Here the queue is standard input, a job a line; SQS, BullMQ or a table are no
 * different. A job that fails is told and passed over; while it works, it says that it lives.
 *
 *     echo "m-7 ada.example.com" | node examples/jobs/queue.js
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { snitch } from "snitchbot";

const pulse = () => snitch.beat("mails", { every: "60s" });

/** @param {string} to */
function send(to) {
  const [mailbox, host] = to.split("@");
  if (!host) throw new TypeError("a mail has to go to mailbox@host");
  console.log(`${mailbox} has mail at ${host}`);
}

const firstPulse = pulse();
const beating = setInterval(pulse, 60_000);

for await (const line of createInterface({ input: process.stdin })) {
  const [job, to = ""] = line.split(" ");
  snitch.context({ job }, () => {
    try {
      send(to);
    } catch (error) {
      snitch.capture(error, { extras: { to } });
    }
  });
}

clearInterval(beating);
await firstPulse;
await snitch.flush();
