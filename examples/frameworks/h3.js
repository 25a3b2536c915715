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

const station = "http://127.0.0.1:2"; // somebody has pulled its plug

const app = new H3();
app.use(snitchbot(snitch)); // before all else

app.get("/weather/:city", async (event) => {
  const city = event.context.params?.city;
  try {
    return await fetch(`${station}/${city}`);
  } catch (cause) {
    throw new HTTPError({ status: 502, message: "the weather station is silent", cause });
  }
});

serve(app, { port: Number(process.env.PORT ?? 3000) });
