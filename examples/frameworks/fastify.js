/**
 * A warehouse with Fastify. Nothing is thrown here: an answer of 500 or more is told all the same.
 *
 *     node examples/frameworks/fastify.js
 *     curl localhost:3000/stock/teapot
 */
import process from "node:process";
import fastify from "fastify";
import { snitch } from "snitchbot";
import { snitchbot } from "snitchbot/fastify";

const shelves = new Map([["teapot", { shelf: "B4", countedAt: "2026-01-31" }]]);
const LAST_MOVE = "2026-02-14";

const app = fastify();
app.register(snitchbot(snitch)); // before the routes

app.get("/stock/:item", (request, reply) => {
  const { item } = /** @type {{ item: string }} */ (request.params);
  const entry = shelves.get(item);
  if (!entry) return reply.code(404).send({ error: "we never had one" });
  if (entry.countedAt < LAST_MOVE) return reply.code(503).send({ error: "we moved, and have not counted it since" });
  return reply.send(entry);
});

await app.listen({ port: Number(process.env.PORT ?? 3000) });
