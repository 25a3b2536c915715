import { afterEach, describe, expect, it, vi } from "vitest";
import { TRACE_HEADER } from "../../src/integrations/request.ts";
import { snitchHandle, snitchHandleError } from "../../src/integrations/sveltekit.ts";
import { listen } from "../client/hub.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

const eventOf = (path = "/orders/7?page=2") => ({
  request: new Request(`https://shop.test${path}`, {
    headers: { traceparent: `00-${TRACE}-b7ad6b7169203331-01`, cookie: "sid=hunter2" },
  }),
  route: { id: "/orders/[id]" },
  getClientAddress: () => "203.0.113.9",
});

afterEach(() => void vi.restoreAllMocks());

describe("handle", () => {
  it("gives all that is told inside the request, and its response the trace's id", async () => {
    const hub = listen();
    const event = eventOf();
    const response = await snitchHandle(hub.snitch)({
      event,
      async resolve(it) {
        expect(it).toBe(event);
        hub.snitch.notify("order seen");
        return new Response("order 7");
      },
    });
    expect(response.headers.get(TRACE_HEADER)).toBe(TRACE);
    expect((await hub.first()).context).toEqual({
      method: "GET",
      path: "/orders/7",
      route: "/orders/[id]",
      ip: "203.0.113.9",
      traceId: TRACE,
    });
  });

  it("tells a response of 503 that nobody threw", async () => {
    const hub = listen();
    await snitchHandle(hub.snitch)({ event: eventOf(), resolve: () => new Response("later", { status: 503 }) });
    expect((await hub.first()).title).toBe("HTTP 503: GET /orders/[id]");
  });

  it("tells through the platform's waitUntil", async () => {
    const hub = listen();
    const works: unknown[] = [];
    const platform = { env: {}, ctx: { waitUntil: (work: unknown) => works.push(work) } };
    await snitchHandle(hub.snitch)({
      event: { ...eventOf(), platform },
      resolve: () => new Response("later", { status: 503 }),
    });
    expect(works).toHaveLength(1);
    await hub.snitch.flush();
  });
});

describe("handleError", () => {
  const error = new TypeError("no price");
  /** SvelteKit asks handleError while it resolves, and then answers. */
  const fail = async (input: { error: unknown; status?: number; kind?: string }, status: number) => {
    const hub = listen();
    const print = vi.spyOn(console, "error").mockReturnValue();
    const handleError = snitchHandleError(hub.snitch);
    const event = eventOf();
    await snitchHandle(hub.snitch)({
      event,
      resolve() {
        handleError({ ...input, event });
        return new Response(null, { status });
      },
    });
    await hub.snitch.flush();
    return { events: hub.events(), captured: hub.snitch.stats().captured, isPrinted: print.mock.calls.length > 0 };
  };

  it.each([
    ["SvelteKit 2", { error, status: 500, message: "Internal Error" }],
    ["SvelteKit 3", { error, kind: "unknown" }],
  ])("of %s tells what was thrown, once, and prints it as ever", async (_, input) => {
    const { events, captured, isPrinted } = await fail(input, 500);
    expect(events).toMatchObject([{ title: "TypeError: no price", context: { query: { page: "2" }, traceId: TRACE } }]);
    expect([captured, isPrinted]).toEqual([1, true]);
    expect(JSON.stringify(events)).not.toContain("hunter2");
  });

  it.each([
    ["SvelteKit 2", { error, status: 404 }],
    ["SvelteKit 3", { error: { status: 404, message: "Not found" }, kind: "framework" }],
  ])("of %s finds no fault in a page that is not there", async (_, input) => {
    expect((await fail(input, 404)).captured).toBe(0);
  });

  it("tells error(503) as the response that it is", async () => {
    const { events, captured } = await fail({ error: { status: 503, message: "later" }, kind: "app" }, 503);
    expect(events).toMatchObject([{ title: "HTTP 503: GET /orders/[id]" }]);
    expect(captured).toBe(1);
  });

  it("answers what one's own answers", async () => {
    const hub = listen();
    const own = snitchHandleError(hub.snitch, ({ error }: { error: unknown; event: ReturnType<typeof eventOf> }) => ({
      message: `sorry: ${error}`,
    }));
    expect(own({ error, event: eventOf() })).toEqual({ message: "sorry: TypeError: no price" });
    await hub.first();
  });
});
