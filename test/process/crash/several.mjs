// A process with two clients, or with one each of two copies of the package: the first argument is where the other is.
import process from "node:process";
import { createSnitch, snitch } from "./snitch.mjs";

const copy = process.argv[2] && (await import(process.argv[2]));
const other = (copy?.createSnitch ?? createSnitch)();
const listeners = () => process.eventNames().map((name) => `${String(name)}: ${process.listenerCount(name)}`);
snitch.init();
const before = listeners();
other.init();
if (String(listeners()) !== String(before)) console.log(...before, "became", ...listeners());
setInterval(() => {}, 1_000);
setTimeout(() => process.kill(process.pid, "SIGTERM"), 5);
