import { describe, expect, it } from "vitest";
import { snitchProxy, snitchRequestError, snitchRoute } from "../../src/integrations/next.ts";
import { TRACE_HEADER } from "../../src/integrations/request.ts";
import { listen } from "../client/hub.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const headers = { traceparent: `00-${TRACE}-b7ad6b7169203331-01`, "user-agent": "lynx", cookie: "sid=hunter2" };
const request = (path = "/api/orders/7?page=2") => new Request(`https://shop.test${path}`, { headers });

/** What redirect() and notFound() of next/navigation throw. */
const signal = (digest: string): Error => Object.assign(new Error(digest), { digest });
const redirect = signal("NEXT_REDIRECT;replace;/login;307;");
const notFound = signal("NEXT_HTTP_ERROR_FALLBACK;404");

describe("onRequestError", () => {
  const place = {
    routerKind: "App Router",
    routePath: "/orders/[id]",
    routeType: "render",
    renderSource: "react-server-components",
    revalidateReason: undefined,
  } as const;

  it("tells what a page throws, with its route and kind", async () => {
    const hub = listen();
    const error = Object.assign(new TypeError("no price"), { digest: "2338462837" });
    const failed = { path: "/orders/7?page=2", method: "GET", headers };
    await snitchRequestError(hub.snitch)(error, failed, place);
    expect(await hub.first()).toMatchObject({
      title: "TypeError: no price",
      context: {
        method: "GET",
        path: "/orders/7",
        route: "/orders/[id]",
        routeType: "render",
        traceId: TRACE,
        query: { page: "2" },
        headers: { "user-agent": "lynx" },
      },
    });
    expect(hub.requests[0]?.body).not.toContain("hunter2");
  });

  it("does not tell what a wrapped route handler told", async () => {
    const hub = listen();
    const error = new Error("thrown once");
    const handler = snitchRoute(hub.snitch, (_: Request) => Promise.reject(error));
    await expect(handler(request())).rejects.toBe(error);
    await snitchRequestError(hub.snitch)(error, { path: "/", method: "GET", headers: {} }, place);
    await hub.first();
    expect(hub.snitch.stats().captured).toBe(1);
  });
});

describe("a route handler", () => {
  it("answers as before, with its trace's id, and what it tells carries its request", async () => {
    const hub = listen();
    const GET = snitchRoute(hub.snitch, async (_: Request, { params }: { params: Promise<{ id: string }> }) => {
      const { id } = await params;
      hub.snitch.notify("order seen");
      return Response.json({ id });
    });
    const response = await GET(request(), { params: Promise.resolve({ id: "7" }) });
    expect(await response.json()).toEqual({ id: "7" });
    expect(response.headers.get(TRACE_HEADER)).toBe(TRACE);
    expect((await hub.first()).context).toEqual({ method: "GET", path: "/api/orders/7", traceId: TRACE });
  });

  it("that answers 503 is told", async () => {
    const hub = listen();
    await snitchRoute(hub.snitch, (_: Request) => new Response("later", { status: 503 }))(request());
    expect((await hub.first()).title).toBe("HTTP 503: GET /api/orders/7");
  });

  it.each([redirect, notFound])("may throw $message: Next asked for it", async (thrown) => {
    const hub = listen();
    const handler = snitchRoute(hub.snitch, (_: Request) => {
      throw thrown;
    });
    await expect(handler(request())).rejects.toBe(thrown);
    expect(hub.snitch.stats().captured).toBe(0);
  });

  it("is called although its request may not be looked at", async () => {
    const { snitch } = listen();
    const refuse = (): never => {
      throw new Error("this route is static");
    };
    const hidden = new Proxy(request(), { get: refuse });
    expect(await (await snitchRoute(snitch, (_: Request) => new Response("static"))(hidden)).text()).toBe("static");
  });

  it("tells a text that is thrown each time", async () => {
    const hub = listen();
    const handler = snitchRoute(hub.snitch, (_: Request) => Promise.reject("out of stock"));
    for (let i = 0; i < 2; i++) await expect(handler(request())).rejects.toBe("out of stock");
    expect((await hub.first()).count).toBe(2);
  });
});

describe("a proxy", () => {
  const event = () => {
    const works: Promise<unknown>[] = [];
    return { works, waitUntil: (work: Promise<unknown>) => void works.push(work) };
  };

  it("that throws is told, and its event waits until that is sent", async () => {
    const hub = listen();
    const { works, ...it } = event();
    const proxy = snitchProxy(hub.snitch, async (_: Request, __: typeof it) => {
      throw new Error("no session store");
    });
    await expect(proxy(request("/"), it)).rejects.toThrow("no session store");
    expect(works).toHaveLength(1);
    await works[0];
    expect(hub.events()).toMatchObject([{ title: "Error: no session store", context: { path: "/" } }]);
  });

  it("may answer nothing", async () => {
    const { snitch } = listen();
    expect(await snitchProxy(snitch, (_: Request) => undefined)(request())).toBeUndefined();
  });
});
