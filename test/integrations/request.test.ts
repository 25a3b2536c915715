import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { H3, HTTPResponse } from "h3";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import * as forExpress from "../../src/integrations/express.ts";
import * as forH3 from "../../src/integrations/h3.ts";
import * as forHono from "../../src/integrations/hono.ts";
import { type Incoming, marked, respond, TRACE_HEADER, visit } from "../../src/integrations/request.ts";
import { type Listener, listen } from "../client/hub.ts";
import { until } from "../until.ts";

const incoming = (more: Partial<Incoming> = {}): Incoming => ({
  method: "GET",
  url: "https://shop.test/orders/7",
  header: () => null,
  ...more,
});

const traceOf = (headers: Readonly<Record<string, string>>): string =>
  visit(listen().snitch, incoming({ header: (name) => headers[name] ?? null })).traceId;

describe("a visit's trace", () => {
  const id = "0af7651916cd43dd8448eb211c80319c";

  it("is that of traceparent, of later versions too", () => {
    expect(traceOf({ traceparent: `00-${id}-b7ad6b7169203331-01`, "cf-ray": "8f2b6f3d9c1a2b3c-FRA" })).toBe(id);
    expect(traceOf({ traceparent: `01-${id}-b7ad6b7169203331-01-more` })).toBe(id);
  });

  it.each([
    ["cf-ray", "8f2b6f3d9c1a2b3c-FRA"],
    ["x-vercel-id", "fra1::iad1::9xkzp-1763740000000-a1b2c3d4e5f6"],
  ])("is what %s calls it, where nobody traces", (name, value) => {
    expect(traceOf({ [name]: value })).toBe(value);
    expect(traceOf({ [name]: "x\r\nset-cookie: a=b" })).toMatch(/^[\da-f]{32}$/);
  });

  it.each([
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    `00-${id}-0000000000000000-01`,
    `ff-${id}-b7ad6b7169203331-01`,
    `00-${id.toUpperCase()}-b7ad6b7169203331-01`,
    `x\r\nset-cookie: a=b`,
    "",
  ])("is made where traceparent is %j", (traceparent) => {
    const made = traceOf({ traceparent });
    expect(made).toMatch(/^[\da-f]{32}$/);
    expect(made).not.toBe(id);
  });
});

describe("a visit that ends with 500 or more", () => {
  it("is told once, however often it ends", async () => {
    const hub = listen();
    const it = visit(hub.snitch, incoming());
    it.ended(502);
    it.ended(502);
    await hub.first();
    expect(hub.snitch.stats().captured).toBe(1);
  });

  it("is another event for another status and another route, but not for another id", async () => {
    const hub = listen();
    const end = (status: number, url: string) => visit(hub.snitch, incoming({ url })).ended(status);
    end(500, "/orders/7");
    end(500, "/orders/8");
    end(503, "/orders/8");
    end(500, "/shops/8");
    await hub.snitch.flush();
    expect(hub.events().map(({ title, count }) => [title, count])).toEqual([
      ["HTTP 500: GET /orders/7", 2],
      ["HTTP 503: GET /orders/8", undefined],
      ["HTTP 500: GET /shops/8", undefined],
    ]);
  });

  it("is told even if nothing can be read of it", async () => {
    const hub = listen();
    const refuse = (): never => {
      throw new Error("no");
    };
    const it = visit(hub.snitch, incoming({ header: refuse, ip: refuse, route: refuse }));
    it.threw(Object.create(null));
    it.ended();
    expect((await hub.first()).context).toEqual({ method: "GET", path: "/orders/7", traceId: it.traceId, headers: {} });
  });
});

describe("a visit", () => {
  it("throws what its work throws, undefined too", async () => {
    const hub = listen();
    const outcome = visit(hub.snitch, incoming()).around(() => Promise.reject(undefined));
    await expect(outcome).rejects.toBeUndefined();
    expect(hub.snitch.stats().captured).toBe(1);
    await hub.snitch.flush();
  });

  it("passes on answers that are no responses", async () => {
    expect(await respond(visit(listen().snitch, incoming()), () => "hi")).toBe("hi");
  });

  it("is protected by its own waitUntil", async () => {
    const hub = listen();
    const works: unknown[] = [];
    const owner = { waitUntil: (work: unknown) => works.push(work) };
    visit(hub.snitch, incoming({ owner })).ended(500);
    expect(works).toHaveLength(1);
    expect(hub.snitch.stats().unprotected).toBe(0);
    await hub.snitch.flush();
  });
});

describe("the trace's header", () => {
  it("is on a copy of a response that cannot be changed, whose body streams on", async () => {
    const fetched = await fetch("data:text/plain,hello");
    expect(() => fetched.headers.set("a", "b")).toThrow();
    const response = marked(fetched, "t-1");
    expect(response.headers.get(TRACE_HEADER)).toBe("t-1");
    expect(await response.text()).toBe("hello");
  });

  it("is left off where a response cannot be copied either", () => {
    const response = Response.error();
    expect(marked(response, "t-1")).toBe(response);
  });
});

describe("Hono", () => {
  const ask = async (hub: Listener, cf?: object): Promise<Response> => {
    const app = new Hono();
    app.use(forHono.snitchbot(hub.snitch));
    app.get("/proxied", () => fetch("data:text/plain,hello"));
    app.get("/seen", (c) => {
      hub.snitch.notify("seen");
      return c.text("hi");
    });
    const headers = { "cf-connecting-ip": "203.0.113.9" };
    const request = Object.assign(new Request("https://shop.test/seen", { headers }), cf && { cf });
    await app.request(request);
    return app.request("/proxied");
  };

  it("names the visitor's address on Cloudflare, and nowhere else", async () => {
    const [here, elsewhere] = [listen(), listen()];
    await ask(here, { colo: "FRA" });
    await ask(elsewhere);
    expect((await here.first()).context?.ip).toBe("203.0.113.9");
    expect((await elsewhere.first()).context).not.toHaveProperty("ip");
  });

  it("marks what a handler only fetched", async () => {
    const response = await ask(listen());
    expect(response.headers.get(TRACE_HEADER)).toMatch(/^[\da-f]{32}$/);
    expect(await response.text()).toBe("hello");
  });
});

describe("h3", () => {
  it("tells an error that is returned, and lets it be answered", async () => {
    const hub = listen();
    const app = new H3({ silent: true });
    app.use(forH3.snitchbot(hub.snitch));
    app.get("/", () => new RangeError("returned"));
    expect((await app.request("/")).status).toBe(500);
    expect((await hub.first()).title).toBe("RangeError: returned");
  });

  it("does not take a field named status for the response's", async () => {
    const hub = listen();
    const app = new H3();
    app.use(forH3.snitchbot(hub.snitch));
    app.get("/text", () => ({ status: 503 }));
    app.get("/response", () => new HTTPResponse("later", { status: 503 }));
    expect((await app.request("/text")).status).toBe(200);
    expect(hub.snitch.stats().captured).toBe(0);
    expect((await app.request("/response")).status).toBe(503);
    expect((await hub.first()).title).toBe("HTTP 503: GET /response");
  });
});

describe("Express", () => {
  const open = async (hub: Listener, handler: express.RequestHandler) => {
    const app = express().set("env", "test");
    app.use(forExpress.snitchbot(hub.snitch));
    app.get("/", handler);
    app.use(forExpress.snitchErrors);
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  const ask = async (server: Server, signal?: AbortSignal): Promise<unknown> => {
    const { port } = server.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}/`, { signal: signal ?? null })
      .then((response) => response.text())
      .catch(() => {});
  };

  it("tells an error that breaks a response off", async () => {
    const hub = listen();
    const server = await open(hub, (_, res) => {
      res.write("half");
      throw new Error("broke off");
    });
    await ask(server);
    await until(() => hub.snitch.stats().captured, "the error");
    expect((await hub.first()).title).toBe("Error: broke off");
    server.close();
  });

  it("finds no fault in a visitor who leaves", async () => {
    const hub = listen();
    const visitor = new AbortController();
    let isClosed = false;
    const server = await open(hub, (_, res) => {
      res.on("close", () => {
        isClosed = true;
      });
      visitor.abort();
    });
    await ask(server, visitor.signal);
    await until(() => isClosed, "the end");
    expect(hub.snitch.stats().captured).toBe(0);
    server.close();
  });
});
