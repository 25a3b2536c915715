// A process that changes its mind about what is told. The arguments are the options of each `init()`, as JSON.
import process from "node:process";
import { snitch } from "./snitch.mjs";

for (const options of process.argv.slice(2)) snitch.init(JSON.parse(options));
Promise.reject(new RangeError("rejected"));
