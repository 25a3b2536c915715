/** How the observer's thread sends. */
import type * as http from "node:http";
import type { Load } from "./lookout.ts";

/** A request, with nothing in it that could not be told to another thread. */
export interface Post {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends once. Rejects when there is no reply, or `signal` aborts. */
export type Send = (post: Post, signal: AbortSignal) => Promise<Reply>;

/**
 * Makes the {@link Send} of this runtime. On Node that is `node:http` with connections that are kept: there, the first
 * `fetch` costs 14 MB, and each one three times the processor time. Shipped as its own source: it knows nothing but
 * its parameters.
 */
export function createSend(load: Load): Send {
  const HOPS = 3;
  const agents = new Map<string, http.Agent>();

  const clientOf = (protocol: string): { request: typeof http.request; agent: http.Agent } => {
    const { request, Agent } = load<typeof http>(protocol === "https:" ? "node:https" : "node:http");
    const agent = agents.get(protocol) ?? new Agent({ keepAlive: true });
    agents.set(protocol, agent);
    return { request, agent };
  };

  const exchange = (post: Post, signal: AbortSignal): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const { method } = post;
      const headers = { "content-type": "text/plain;charset=UTF-8", ...post.headers }; // as `fetch` does for texts
      const { request, agent } = clientOf(new URL(post.url).protocol);
      const outgoing = request(post.url, { method, headers, agent, signal }, (incoming) => {
        let body = "";
        incoming.setEncoding("utf8").on("data", (part) => {
          body += part;
        });
        incoming.on("error", reject).on("end", () => {
          const pairs = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
          resolve({ status: incoming.statusCode ?? 0, headers: Object.fromEntries(pairs), body });
        });
      });
      // A kept connection may have been closed at the other end in this very moment. Ids make a second sending harmless.
      const isStale = (): boolean => outgoing.reusedSocket && !signal.aborted;
      outgoing.on("error", (error) => (isStale() ? resolve(exchange(post, signal)) : reject(error)));
      outgoing.end(post.body);
    });

  /** Like `fetch`, goes where a redirect that keeps the method leads. */
  const sendByHttp: Send = async (post, signal) => {
    let url = post.url;
    for (let hop = 0; ; hop++) {
      const reply = await exchange({ ...post, url }, signal);
      const { location } = reply.headers;
      if (!location || hop === HOPS || (reply.status !== 307 && reply.status !== 308)) return reply;
      url = new URL(location, url).href;
    }
  };

  const sendByFetch: Send = async ({ url, ...init }, signal) => {
    const response = await fetch(url, { ...init, signal });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };

  return "Deno" in globalThis || "Bun" in globalThis ? sendByFetch : sendByHttp;
}
