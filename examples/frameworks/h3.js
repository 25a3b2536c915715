/**
 * A weather proxy with h3. An error that names its status is told from 500 on, with the cause that it brings.
 *
 *     node examples/frameworks/h3.js
 *     curl localhost:3000/weather/lisbon
 */
import process from "node:process";
import { H3, HTTPError, serve } from "h3";
import { snitch } from "snitchbot";
import { snitchbot } from "snitchbot/h3";

/** Whoever has pulled its plug: a station that answers late is told of, too. */
const askStation = snitch.watchSlow((/** @type {string} */ city) => fetch(`http://127.0.0.1:2/${city}`), {
  name: "askStation",
  thresholdMs: 500,
});

const app = new H3();
app.use(snitchbot(snitch)); // before all else

app.get("/weather/:city", async (event) => {
  try {
    return await askStation(event.context.params?.city ?? "lisbon");
  } catch (cause) {
    throw new HTTPError({ status: 502, message: "the weather station is silent", cause });
  }
});

serve(app, { port: Number(process.env.PORT ?? 3000) });
