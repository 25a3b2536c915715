/**
 * Invoices over plain `node:http`. Nothing is wrapped: what goes wrong is captured by hand, and carries its request. With
 * `init()` the process itself is watched: its crashes, starts and stops, its event loop, its vitals, its silence.
 *
 *     node examples/platforms/node.js
 *     curl localhost:3000/invoices/1043
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import process from "node:process";
import { snitch } from "snitchbot";

snitch.init({ release: "2.3.1" });

const server = createServer(({ method, url: path = "/" }, response) => {
  snitch.context({ method, path }, async () => {
    try {
      const [, id] = /^\/invoices\/(\d+)$/.exec(path) ?? [];
      if (!id) return response.writeHead(404).end("Try /invoices/1043.\n");
      const invoice = await readFile(`invoices/${id}.json`); // who started this in another folder?
      response.setHeader("content-type", "application/json").end(invoice);
    } catch (error) {
      snitch.capture(error);
      response.writeHead(500).end("The invoice is not to be found. We know of it.\n");
    }
  });
});

server.listen(process.env.PORT ?? 3000);

process.once("SIGTERM", () => server.close()); // what is told last is told, too
