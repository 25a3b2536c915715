import { afterEach, describe, expect, it, vi } from "vitest";
import { listen } from "./hub.ts";

const request = (path = "/orders?id=7") => new Request(`https://shop.test${path}`, { method: "POST" });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A `ctx` of an edge runtime, which minds how it is called. */
class Ctx {
  readonly works: Promise<unknown>[] = [];
  waitUntil(work: Promise<unknown>): void {
    if (!(this instanceof Ctx)) throw new TypeError("Illegal invocation");
    this.works.push(work);
  }
}

afterEach(() => {
  for (const name of [Symbol.for("@vercel/request-context"), "Netlify", "EdgeRuntime"])
    Reflect.deleteProperty(globalThis, name);
});

describe("context", () => {
  it("is inherited by everything inside, however late, and by nothing outside", async () => {
    const hub = listen();
    const { snitch } = hub;
    await snitch.context({ traceId: "t-1" }, async () => {
      await turn();
      await snitch.context({ userId: 42 }, async () => {
        await turn();
        snitch.notify("inside", { context: { step: "pay", userId: 43 } });
      });
    });
    snitch.notify("outside");
    await snitch.flush();
    expect(hub.events().map(({ context }) => context)).toEqual([
      { traceId: "t-1", userId: 43, step: "pay" },
      undefined,
    ]);
  });

  it("covers what is synchronous where there is no AsyncLocalStorage", async () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    const hub = listen();
    vi.restoreAllMocks();
    hub.snitch.context({ a: 1 }, () => hub.snitch.context({ b: 2 }, () => hub.snitch.notify("inside")));
    hub.snitch.notify("outside");
    await hub.snitch.flush();
    expect(hub.events().map(({ context }) => context)).toEqual([{ a: 1, b: 2 }, undefined]);
  });
});

describe("a wrapped handler", () => {
  it("tells what it throws, with method and path but without the query, and throws the same", async () => {
    const hub = listen();
    const error = new Error("x");
    const fetch = hub.snitch.wrap(async (_: Request) => {
      await turn();
      throw error;
    });
    await expect(fetch(request())).rejects.toBe(error);
    expect(await hub.first()).toMatchObject({ title: "Error: x", context: { method: "POST", path: "/orders" } });
  });

  it("stays synchronous", () => {
    const { snitch } = listen();
    const response = new Response("hi");
    expect(snitch.wrap((_: Request) => response)(request())).toBe(response);
    expect(
      snitch.wrap(() => {
        throw 7;
      }),
    ).toThrow();
  });

  it("of a Worker keeps all else, and its own this", async () => {
    const hub = listen();
    const worker = hub.snitch.wrap({
      port: 3000,
      greeting: "hi",
      fetch(_: Request, env: { readonly name: string }) {
        return new Response(`${this.greeting} ${env.name}`);
      },
      async scheduled(): Promise<void> {
        throw new Error("cron failed");
      },
    });
    expect(worker.port).toBe(3000);
    expect(await worker.fetch(request(), { name: "Ada" }).text()).toBe("hi Ada");
    await expect(worker.scheduled()).rejects.toThrow("cron failed");
    expect(await hub.first()).toMatchObject({ context: { trigger: "scheduled" } });
  });

  it.each([
    ["scheduled", { cron: "0 3 * * *" }, "scheduled 0 3 * * *"],
    ["queue", { queue: "orders", messages: [] }, "queue orders"],
    ["email", { from: "ada@shop.test" }, "email"],
    ["tail", [], "tail"],
  ])("says which %s failed", async (name, given, trigger) => {
    const hub = listen();
    const fail = (_: unknown): Promise<never> => Promise.reject(new Error("x"));
    await expect(hub.snitch.wrap({ [name]: fail })[name]?.(given)).rejects.toThrow("x");
    expect((await hub.first()).context).toEqual({ trigger });
  });

  it("carries the trace of its request", async () => {
    const hub = listen();
    const headers = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
    hub.snitch.wrap((_: Request) => hub.snitch.notify("x"))(new Request("https://shop.test/", { headers }));
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    expect((await hub.first()).context).toEqual({ method: "GET", path: "/", traceId });
  });

  it("takes as many arguments as before: Deno gives none to what says that it takes none", () => {
    const { snitch } = listen();
    const handler = (_: Request, __: object): Response => new Response();
    const { length, name, port } = snitch.wrap(Object.assign(handler, { port: 3000 }));
    expect({ length, name, port }).toEqual({ length: 2, name: "handler", port: 3000 });
  });

  it("of a Durable Object is a class: its fetch and its alarm are followed, with its bindings, all else is as it was", async () => {
    const hub = listen({ url: undefined });
    class Room {
      static readonly kind = "room";
      readonly ctx = new Ctx();
      readonly env = { SNITCHBOT_URL: "https://hub.test/s/a.b" };
      readonly name: string;
      #seats = 2;
      constructor(name: string) {
        this.name = name;
      }
      fetch(_: Request): string {
        return `${this.name} has ${this.#seats} seats`;
      }
      async alarm(): Promise<void> {
        await turn();
        throw new Error(`${this.name} is on fire`);
      }
    }
    const Followed = hub.snitch.wrap(Room);
    const room = new Followed("blue");
    expect([room instanceof Room, Followed.kind, room.fetch(request())]).toEqual([true, "room", "blue has 2 seats"]);
    await expect(room.alarm()).rejects.toThrow("blue is on fire");
    await room.ctx.works[0];
    expect(hub.events()).toMatchObject([{ title: "Error: blue is on fire", context: { trigger: "alarm" } }]);
    expect(hub.requests[0]?.url).toBe("https://hub.test/s/a.b");
    expect(new Room("red").alarm).toBe(Room.prototype.alarm);
  });

  it("of a class without entry points, or with some that only its objects have, leaves them as they were", () => {
    const { snitch } = listen();
    const Socket = snitch.wrap(
      class {
        readonly #said = "hello";
        webSocketMessage(): string {
          return this.#said;
        }
      },
    );
    const Field = snitch.wrap(
      class {
        readonly fetch = (): string => "hello";
      },
    );
    expect([new Socket().webSocketMessage(), new Field().fetch()]).toEqual(["hello", "hello"]);
  });

  it("counts an error once that was captured inside, and an old one each time", async () => {
    const hub = listen();
    const error = new Error("x");
    const fetch = hub.snitch.wrap((_: Request, isCaptured: boolean) => {
      if (isCaptured) hub.snitch.capture(error);
      throw error;
    });
    expect(() => fetch(request(), true)).toThrow();
    expect(() => fetch(request(), false)).toThrow();
    expect((await hub.first()).count).toBe(2);
  });

  it("inside another one does not count its error twice", async () => {
    const hub = listen();
    const inner = hub.snitch.wrap(async () => {
      throw new Error("x");
    });
    const outer = hub.snitch.wrap(async () => {
      await turn();
      return inner();
    });
    await expect(outer()).rejects.toThrow("x");
    expect(hub.snitch.stats().captured).toBe(1);
    await hub.snitch.flush();
  });

  it("is called whatever the request looks like", () => {
    const { snitch } = listen();
    const handler = snitch.wrap((_: unknown) => 7);
    for (const url of [Object.create(null), Symbol("s"), undefined]) expect(handler({ method: "GET", url })).toBe(7);
  });

  it("stays silent when a binding says SNITCHBOT_DISABLED, also after flush", async () => {
    const hub = listen();
    const fetch = hub.snitch.wrap((_: unknown, __: object) => hub.snitch.notify("x"));
    for (let i = 0; i < 2; i++) {
      fetch(request(), { SNITCHBOT_DISABLED: "1" });
      await hub.snitch.flush(20);
    }
    await turn();
    expect(hub.requests).toHaveLength(0);
  });

  it("gives the call's waitUntil to all that is told inside", async () => {
    const hub = listen();
    const ctx = new Ctx();
    const fetch = hub.snitch.wrap(async (_: Request, __: object, ___: Ctx) => {
      await turn();
      hub.snitch.notify("inside");
      return new Response();
    });
    await fetch(request(), {}, ctx);
    expect(ctx.works).toHaveLength(1);
    await ctx.works[0];
    expect(hub.events()).toHaveLength(1);
    expect(hub.snitch.stats().unprotected).toBe(0);
  });

  it("finds the address among a Worker's bindings", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const hub = listen({ url: undefined });
    const worker = hub.snitch.wrap({
      fetch(_: Request, __: object) {
        hub.snitch.notify("inside");
        return new Response();
      },
    });
    worker.fetch(request(), { SNITCHBOT_URL: "https://hub.test/s/a.b" });
    await hub.first();
    expect(hub.requests[0]?.url).toBe("https://hub.test/s/a.b");
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it("leaves a streaming body alone", async () => {
    const { snitch } = listen();
    const body = new ReadableStream({ start: (controller) => controller.close() });
    const response = new Response(body);
    const answered = await snitch.wrap(async () => response)();
    expect(answered).toBe(response);
    expect(answered.bodyUsed).toBe(false);
  });
});

describe("waitUntil is taken from", () => {
  const vercel = (waitUntil: unknown) =>
    Reflect.set(globalThis, Symbol.for("@vercel/request-context"), { get: () => ({ waitUntil }) });
  const works: [string, Promise<unknown>][] = [];
  const from = (name: string) => (work: Promise<unknown>) => void works.push([name, work]);
  const owners = () => works.splice(0).map(([name]) => name);

  it("the call, then the options, then the platform", () => {
    vercel(from("vercel"));
    const { snitch } = listen({ waitUntil: from("options") });
    snitch.notify("x", { waitUntil: from("call") });
    expect(owners()).toEqual(["call"]);
    snitch.notify("y");
    expect(owners()).toEqual(["options"]);
    const other = listen().snitch;
    other.notify("z");
    expect(owners()).toEqual(["vercel"]);
    expect(other.stats().unprotected).toBe(0);
  });

  it("Netlify, and Supabase's EdgeRuntime, but not from Vercel's, which is a text", () => {
    const { snitch } = listen();
    Reflect.set(globalThis, "EdgeRuntime", "vercel");
    snitch.notify("x");
    expect(snitch.stats().unprotected).toBe(1);
    Reflect.set(globalThis, "EdgeRuntime", { waitUntil: from("supabase") });
    snitch.notify("y");
    Reflect.set(globalThis, "Netlify", { context: { waitUntil: from("netlify") } });
    snitch.notify("z");
    expect(owners()).toEqual(["supabase", "netlify"]);
  });

  it("the next one when one throws", () => {
    vercel(from("vercel"));
    const { snitch } = listen();
    const { waitUntil } = new Ctx();
    snitch.notify("x", { waitUntil });
    expect(owners()).toEqual(["vercel"]);
  });

  it("none where Vercel's context throws: the event is told and counted once, and wrap stays quiet", async () => {
    const get = () => {
      throw new Error("outside of a request");
    };
    Reflect.set(globalThis, Symbol.for("@vercel/request-context"), { get });
    const { snitch } = listen();
    snitch.notify("x");
    expect(snitch.wrap(() => 7)()).toBe(7);
    await snitch.flush();
    expect(snitch.stats()).toMatchObject({ captured: 1, sent: 1, dropped: 0, pending: 0 });
  });

  it("nothing a second time for a repeat of the same turn", () => {
    vercel(from("vercel"));
    const { snitch } = listen();
    for (let i = 0; i < 100; i++) snitch.notify("x");
    expect(owners()).toEqual(["vercel"]);
  });
});
