/** The wire between one hub and its neighbours: here a test stops a hub at a moment, and the hub knows nothing of it. */
import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { type Http2Bindings, type HttpBindings, type ServerType, serve } from "@hono/node-server";
import * as scripts from "./scripts.ts";

/** A moment in a hub's life, as its neighbours see it. */
export interface Moment {
  /** Before the neighbour has done what it was asked for; or after, and before the hub hears so. */
  readonly when: "before" | "after";
  /** What was asked for: a method of Telegram; a script by its name; the names of commands that go to Redis in one request. */
  readonly what: string;
}

export interface Wire {
  /** Where the hub finds Redis, and where Telegram. */
  readonly redis: string;
  readonly telegram: string;
  /** Resolves when the hub gets to a moment, the next time. It stays there: its request is never answered. */
  reach(moment: Moment): Promise<void>;
  close(): Promise<void>;
}

const names: ReadonlyMap<unknown, string> = new Map(
  Object.entries(scripts).map(([name, script]) => [createHash("sha1").update(script).digest("hex"), name]),
);

/** Opens a wire to a Redis that knows all scripts, and to Telegram. */
export async function openWire(redis: string, telegram: string): Promise<Wire> {
  let awaited: (Moment & { readonly reached: () => void }) | undefined;

  async function pass(when: Moment["when"], what: string): Promise<void> {
    if (awaited?.when !== when || awaited.what !== what) return;
    awaited.reached();
    awaited = undefined;
    await new Promise(() => undefined);
  }

  async function carry(request: Request): Promise<Response> {
    const [, neighbour, rest = ""] = /^\/(redis|telegram)(.*)/.exec(new URL(request.url).pathname) ?? [];
    const body = await request.text();
    const what = neighbour === "redis" ? commandsIn(body) : rest.replace(/.*\//, "");
    await pass("before", what);
    const { method, headers } = request;
    const answer = await fetch(`${neighbour === "redis" ? redis : telegram}${rest}`, { method, headers, body });
    const whole = await answer.arrayBuffer();
    await pass("after", what);
    return new Response(whole, answer);
  }

  const server = await listen(carry);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    redis: `${url}/redis`,
    telegram: `${url}/telegram`,
    reach: (moment) =>
      new Promise((reached) => {
        awaited = { ...moment, reached };
      }),
    async close() {
      if ("closeAllConnections" in server) server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
  };
}

/** `[["hset", …], ["zrem", …]]` → `hset zrem` */
function commandsIn(body: string): string {
  const json: unknown[] = JSON.parse(body);
  const commands = (Array.isArray(json[0]) ? json : [json]) as unknown[][];
  return commands
    .map(([name, first]) => names.get(first) ?? name)
    .join(" ")
    .toLowerCase();
}

/** What breaks behind the wire breaks for the hub as well. */
function listen(carry: (request: Request) => Promise<Response>): Promise<ServerType> {
  return new Promise((resolve) => {
    const fetch = (request: Request, { incoming }: HttpBindings | Http2Bindings) =>
      carry(request).catch(() => {
        incoming.socket.destroy();
        return new Response();
      });
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(server));
  });
}
