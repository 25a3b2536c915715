import { afterEach, describe, expect, it } from "vitest";
import { TRACE_HEADER } from "../../src/integrations/request.ts";
import { type Listener, listen } from "../client/hub.ts";
import { until } from "../until.ts";
import { type Framework, frameworks, type Shop } from "./apps.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const headers = {
  traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  "user-agent": "lynx",
  authorization: "Bearer hunter2-hunter2",
  cookie: "sid=hunter2",
};

let shop: Shop | undefined;
afterEach(() => shop?.close?.());

const open = async (framework: Framework): Promise<{ readonly hub: Listener; readonly shop: Shop }> => {
  const hub = listen();
  shop = await framework.open(hub.snitch);
  return { hub, shop };
};

const captured = (hub: Listener, count: number) =>
  until(() => hub.snitch.stats().captured >= count, `${count} events`, 2_000);

/** What was told. A server knows a moment later than its visitor that a response is over. */
async function told(hub: Listener) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  await hub.snitch.flush();
  return hub.events();
}

describe.each(frameworks)("$name", (framework) => {
  it("gives all that is told inside method, path, route, address and trace", async () => {
    const { hub, shop } = await open(framework);
    const response = await shop.fetch("/orders/7?page=2", { headers });
    expect([response.status, await response.text()]).toEqual([200, "order 7"]);
    expect(response.headers.get(TRACE_HEADER)).toBe(TRACE);
    expect(await told(hub)).toMatchObject([{ title: "order seen", context: { traceId: TRACE } }]);
    const { route, ip } = framework;
    const known = { ...(route && { route }), ...(ip && { ip }) };
    expect(hub.events()[0]?.context).toEqual({ method: "GET", path: "/orders/7", traceId: TRACE, ...known });
  });

  it("does so after a body was read, too", async () => {
    const { hub, shop } = await open(framework);
    const body = JSON.stringify({ id: 8, note: "x".repeat(100_000) });
    const response = await shop.fetch("/orders", {
      method: "POST",
      body,
      headers: { ...headers, "content-type": "application/json" },
    });
    expect([response.status, await response.text()]).toEqual([201, "order 8"]);
    expect(await told(hub)).toMatchObject([{ context: { method: "POST", path: "/orders", traceId: TRACE } }]);
  });

  it("tells what is thrown once, with its query and harmless headers, and lets it be answered", async () => {
    const { hub, shop } = await open(framework);
    const response = await shop.fetch("/broken?page=2&token=hunter2", { headers });
    expect(response.status).toBe(500);
    expect(response.headers.get(TRACE_HEADER)).toBe(TRACE);
    await captured(hub, 1);
    const events = await told(hub);
    expect(events).toMatchObject([
      {
        kind: "error",
        title: "TypeError: no price",
        error: { stack: expect.stringContaining("apps.ts") },
        context: {
          method: "GET",
          path: "/broken",
          traceId: TRACE,
          query: { page: "2", token: "[REDACTED]" },
          headers: { "user-agent": "lynx" },
        },
      },
    ]);
    expect(events[0]?.count).toBeUndefined();
    expect(JSON.stringify(events)).not.toMatch(/hunter2|cookie|authorization/);
  });

  it("does not tell again what was captured inside", async () => {
    const { hub, shop } = await open(framework);
    expect((await shop.fetch("/captured")).status).toBe(500);
    expect(await told(hub)).toMatchObject([{ title: "Error: told already" }]);
    expect(hub.snitch.stats().captured).toBe(1);
  });

  it("tells a response of 503 that nobody threw", async () => {
    const { hub, shop } = await open(framework);
    const response = await shop.fetch("/unavailable");
    expect([response.status, await response.text()]).toEqual([503, "later"]);
    expect(response.headers.get(TRACE_HEADER)).toMatch(/^[\da-f]{32}$/);
    await captured(hub, 1);
    expect(await told(hub)).toMatchObject([{ kind: "error", title: "HTTP 503: GET /unavailable" }]);
  });

  it("finds no fault in what is thrown with 418, nor in what is not there", async () => {
    const { hub, shop } = await open(framework);
    const response = await shop.fetch("/teapot", { headers });
    expect(response.status).toBe(418);
    expect(response.headers.get(TRACE_HEADER)).toBe(TRACE);
    const nowhere = await shop.fetch("/nowhere");
    expect([nowhere.status, nowhere.headers.has(TRACE_HEADER)]).toEqual([404, true]);
    expect(await told(hub)).toEqual([]);
  });

  it.runIf(framework.mapsErrors)("finds no fault in an error that a handler answers with 409", async () => {
    const { hub, shop } = await open(framework);
    expect((await shop.fetch("/sold-out")).status).toBe(409);
    expect(await told(hub)).toEqual([]);
  });

  it("leaves a stream a stream", async () => {
    const { shop } = await open(framework);
    expect(await (await shop.fetch("/stream")).text()).toBe("one two");
  });

  it("keeps requests apart that come at once", async () => {
    const { hub, shop } = await open(framework);
    const ids = await Promise.all(
      ["/orders/1", "/broken", "/orders/2"].map(async (path) => (await shop.fetch(path)).headers.get(TRACE_HEADER)),
    );
    await captured(hub, 3);
    const error = (await told(hub)).find(({ kind }) => kind === "error");
    expect(new Set(ids).size).toBe(3);
    expect(error?.context).toMatchObject({ path: "/broken", traceId: ids[1] });
  });
});
