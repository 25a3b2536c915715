/**
 * A crawler that prints to the console. The global one stays as it is: only what goes through this one is told.
 *
 *     node examples/loggers/console.js
 */
import { snitch } from "snitchbot";
import { console as consoleFor } from "snitchbot/console";

const console = consoleFor(snitch);

const links = ["https://example.com/", "https:/example.com:port/about"];

for (const link of links) {
  try {
    console.log("visiting %s", new URL(link).pathname);
  } catch (error) {
    console.warn("skipping %s", link, error, { foundOn: "/sitemap.xml" });
  }
}
