// A hub for a test to kill: on PORT, as the platforms run it, but by the test's clock, which comes with each request.
// At /rest it answers once all that it does after its answers has been done.
import process from "node:process";
import { serve } from "@hono/node-server";
import { createHub } from "../src/hub/hub.ts";

let now = Number(process.env.NOW);
const hub = createHub(process.env, { clock: () => now });
const works: Promise<unknown>[] = [];

serve({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  async fetch(request) {
    now = Number(request.headers.get("x-now") ?? now);
    if (!request.url.endsWith("/rest")) return hub.fetch(request, { waitUntil: (work) => works.push(work) });
    await Promise.all(works.splice(0));
    return new Response();
  },
});
