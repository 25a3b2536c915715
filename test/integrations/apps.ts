/** The same small shop in every framework, for one suite that they all have to pass. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Application, Router, Status } from "@oakserver/oak";
import { Elysia } from "elysia";
import express from "express";
import fastify from "fastify";
import { H3, HTTPError } from "h3";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import Koa from "koa";
import * as forElysia from "../../src/integrations/elysia.ts";
import * as forExpress from "../../src/integrations/express.ts";
import * as forFastify from "../../src/integrations/fastify.ts";
import * as forH3 from "../../src/integrations/h3.ts";
import * as forHono from "../../src/integrations/hono.ts";
import * as forKoa from "../../src/integrations/koa.ts";
import * as forOak from "../../src/integrations/oak.ts";
import type { Snitch } from "../../src/mod.ts";

/** A shop that is open. */
export interface Shop {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close?(): Promise<unknown>;
}

/** What a framework has beyond what all have. */
export interface Framework {
  readonly name: string;
  open(snitch: Snitch): Shop | Promise<Shop>;
  /** Knows the pattern that a path matched. */
  readonly route?: string;
  readonly ip?: string;
  /** Has an error handler that answers `/sold-out`, which throws, with 409. */
  readonly mapsErrors?: true;
}

/** What the shop does, whatever the framework. Thrown are errors of the test's own. */
const sold = (): never => {
  throw new RangeError("sold out");
};
const broken = (): never => {
  throw new TypeError("no price");
};
const captured = (snitch: Snitch): never => {
  const error = new Error("told already");
  snitch.capture(error);
  throw error;
};
const order = async (snitch: Snitch, id: unknown): Promise<string> => {
  await new Promise((resolve) => setImmediate(resolve));
  snitch.notify("order seen");
  return `order ${id}`;
};
const teapot = (): Error => Object.assign(new Error("a teapot"), { status: 418, statusCode: 418, expose: true });
const stream = (): ReadableStream<Uint8Array> => {
  const parts = ["one ", "two"];
  return new ReadableStream({
    pull(controller) {
      const part = parts.shift();
      if (part) controller.enqueue(new TextEncoder().encode(part));
      else controller.close();
    },
  });
};

async function serve(listener: RequestListener): Promise<Shop> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const on = (path: string): string => `http://shop.test${path}`;

export const frameworks: readonly Framework[] = [
  {
    name: "Hono",
    route: "/orders/:id",
    mapsErrors: true,
    open(snitch) {
      const app = new Hono();
      app.use(forHono.snitchbot(snitch));
      app.get("/orders/:id", async (c) => c.text(await order(snitch, c.req.param("id"))));
      app.post("/orders", async (c) => c.text(await order(snitch, (await c.req.json()).id), 201));
      app.get("/broken", broken);
      app.get("/captured", () => captured(snitch));
      app.get("/teapot", () => {
        throw new HTTPException(418, { message: "a teapot" });
      });
      app.get("/unavailable", (c) => c.text("later", 503));
      app.get("/stream", (c) => c.body(stream()));
      app.get("/sold-out", sold);
      app.onError((error, c) => {
        if (error instanceof RangeError) return c.text("sold out", 409);
        return error instanceof HTTPException ? error.getResponse() : c.text("sorry", 500);
      });
      return { fetch: async (path, init) => app.request(on(path), init) };
    },
  },
  {
    name: "Express",
    route: "/orders/:id",
    ip: "127.0.0.1",
    mapsErrors: true,
    open(snitch) {
      const app = express();
      app.use(forExpress.snitchbot(snitch));
      app.use(express.json());
      app.get("/orders/:id", async (req, res) => void res.send(await order(snitch, req.params.id)));
      app.post("/orders", async (req, res) => void res.status(201).send(await order(snitch, req.body.id)));
      app.get("/broken", broken);
      app.get("/captured", () => captured(snitch));
      app.get("/teapot", () => {
        throw teapot();
      });
      app.get("/unavailable", (_, res) => void res.status(503).send("later"));
      app.get("/stream", async (_, res) => {
        for await (const part of stream()) res.write(part);
        res.end();
      });
      app.get("/sold-out", sold);
      app.use(forExpress.snitchErrors);
      app.use(((error, _, res, next) => {
        if (error instanceof RangeError) res.status(409).send("sold out");
        else if (error.status) next(error);
        else res.status(500).send("sorry");
      }) as express.ErrorRequestHandler);
      return serve(app);
    },
  },
  {
    name: "Fastify",
    route: "/orders/:id",
    ip: "127.0.0.1",
    mapsErrors: true,
    async open(snitch) {
      const app = fastify();
      app.register(forFastify.snitchbot(snitch));
      app.get<{ Params: { id: string } }>("/orders/:id", ({ params }) => order(snitch, params.id));
      app.post<{ Body: { id: string } }>("/orders", (it, reply) => {
        reply.code(201);
        return order(snitch, it.body.id);
      });
      app.get("/broken", broken);
      app.get("/captured", () => captured(snitch));
      app.get("/teapot", () => {
        throw teapot();
      });
      app.get("/unavailable", (_, reply) => reply.code(503).send("later"));
      app.get("/stream", (_, reply) => reply.send(stream()));
      app.get("/sold-out", sold);
      app.setErrorHandler((error: { statusCode?: number }, _, reply) => {
        const status = error instanceof RangeError ? 409 : (error.statusCode ?? 500);
        return reply.code(status).send("sorry");
      });
      const address = await app.listen({ port: 0, host: "127.0.0.1" });
      return { fetch: (path, init) => fetch(`${address}${path}`, init), close: () => app.close() };
    },
  },
  {
    name: "Koa",
    ip: "127.0.0.1",
    open(snitch) {
      const app = new Koa({ proxy: false });
      app.silent = true;
      app.use(forKoa.snitchbot(snitch));
      app.use(async (ctx) => {
        if (ctx.path.startsWith("/orders/")) ctx.body = await order(snitch, ctx.path.slice(8));
        if (ctx.path === "/orders") {
          let body = "";
          for await (const part of ctx.req) body += part;
          ctx.body = await order(snitch, JSON.parse(body).id);
          ctx.status = 201;
        }
        if (ctx.path === "/broken") broken();
        if (ctx.path === "/captured") captured(snitch);
        if (ctx.path === "/teapot") ctx.throw(418, "a teapot");
        if (ctx.path === "/unavailable") {
          ctx.status = 503;
          ctx.body = "later";
        }
        if (ctx.path === "/stream") ctx.body = stream();
      });
      return serve(app.callback());
    },
  },
  {
    name: "Oak",
    route: "/orders/:id",
    open(snitch) {
      const app = new Application({ logErrors: false });
      const router = new Router();
      router.get("/orders/:id", async (ctx) => {
        ctx.response.body = await order(snitch, ctx.params.id);
      });
      router.post("/orders", async (ctx) => {
        ctx.response.body = await order(snitch, (await ctx.request.body.json()).id);
        ctx.response.status = 201;
      });
      router.get("/broken", broken);
      router.get("/captured", () => captured(snitch));
      router.get("/teapot", (ctx) => ctx.throw(Status.Teapot, "a teapot"));
      router.get("/unavailable", (ctx) => {
        ctx.response.status = 503;
        ctx.response.body = "later";
      });
      router.get("/stream", (ctx) => {
        ctx.response.body = stream();
      });
      app.use(forOak.snitchbot(snitch));
      app.use(router.routes());
      return {
        async fetch(path, init) {
          const request = new Request(on(path), init) as unknown as Parameters<typeof app.handle>[0]; // undici's
          return ((await app.handle(request)) ?? new Response(null, { status: 404 })) as Response;
        },
      };
    },
  },
  {
    name: "h3",
    route: "/orders/:id",
    open(snitch) {
      const app = new H3({ silent: true });
      app.use(forH3.snitchbot(snitch));
      app.get("/orders/:id", (event) => order(snitch, event.context.params?.id));
      app.post("/orders", async (event) => {
        event.res.status = 201;
        return order(snitch, ((await event.req.json()) as { id: string }).id);
      });
      app.get("/broken", broken);
      app.get("/captured", () => captured(snitch));
      app.get("/teapot", () => {
        throw new HTTPError({ status: 418, message: "a teapot" });
      });
      app.get("/unavailable", () => new Response("later", { status: 503 }));
      app.get("/stream", () => stream());
      return { fetch: async (path, init) => app.request(on(path), init) };
    },
  },
  {
    name: "Elysia",
    route: "/orders/:id",
    mapsErrors: true,
    open(snitch) {
      const app = new Elysia()
        .use(forElysia.snitchbot(snitch))
        .onError(({ error, status }) => (error instanceof RangeError ? status(409, "sold out") : undefined))
        .get("/orders/:id", ({ params }) => order(snitch, params.id))
        .post("/orders", ({ body, set }) => {
          set.status = 201;
          return order(snitch, (body as { id: string }).id);
        })
        .get("/broken", broken)
        .get("/captured", () => captured(snitch))
        .get("/teapot", () => {
          throw teapot();
        })
        .get("/unavailable", ({ status }) => status(503, "later"))
        .get("/stream", () => new Response(stream()))
        .get("/sold-out", sold);
      return { fetch: async (path, init) => app.handle(new Request(on(path), init)) };
    },
  },
];
