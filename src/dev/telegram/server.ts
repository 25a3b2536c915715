import type { AddressInfo } from "node:net";
import { type Http2Bindings, type HttpBindings, serve } from "@hono/node-server";
import { type BotApi, type BotApiOptions, createBotApi } from "./api.ts";

/** A stand-in for Telegram, listening. */
export interface Telegram {
  /** Where it listens; the chat page, and grammY's `apiRoot`. */
  readonly url: string;
  readonly token: string;
  readonly api: BotApi;
  /** Ends everything; no timer, socket or stream is left. */
  stop(): Promise<void>;
}

/**
 * Serves a Bot API on 127.0.0.1.
 *
 * @param options as of {@link createBotApi}, and `port`; default: a free one
 */
export async function startTelegram(options: BotApiOptions & { readonly port?: number } = {}): Promise<Telegram> {
  const { port = 0, ...rest } = options;
  const api = createBotApi(rest);
  const handler = (request: Request, { incoming }: HttpBindings | Http2Bindings) =>
    api.fetch(request).catch(() => {
      incoming.socket.destroy(); // No answer at all: the caller sees its connection break.
      return new Response();
    });

  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const starting = serve({ fetch: handler, port, hostname: "127.0.0.1" }, () => resolve(starting));
    starting.once("error", reject);
  });
  const { port: bound } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${bound}`,
    token: api.token,
    api,
    stop() {
      api.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ("closeAllConnections" in server) server.closeAllConnections();
      return closed;
    },
  };
}
