// A program that Deno and Bun run: it tells three things, two of them alike, and prints its counts.
import { snitch } from "../../src/mod.ts";

const fail = (): Error => new TypeError("no such order");

snitch.init("orders-api");
await snitch.context({ traceId: "t-1" }, async () => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  snitch.capture(fail());
});
snitch.notify("Large checkout", { extras: { total: 900 } });
snitch.notify("Large checkout");
await snitch.flush();
console.log(JSON.stringify(snitch.stats()));
