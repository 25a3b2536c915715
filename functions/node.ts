/** The hub on Node: `npm start`. */
import { promisify } from "node:util";
import { type HttpBindings, serve } from "@hono/node-server";
import { openResident } from "./resident.ts";

const { fetch, port, stopBy, tick } = openResident();

setInterval(tick, 60_000);

const server = serve({
  port,
  fetch: (request, env) => fetch(request, (env as HttpBindings).incoming.socket.remoteAddress),
});
server.on("listening", () => console.log(`snitchbot listens on http://localhost:${port}`));

stopBy(promisify(server.close.bind(server)));
