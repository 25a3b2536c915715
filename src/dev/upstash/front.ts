/**
 * A local Upstash: its REST protocol over an engine of our own, with a billing meter and faults on demand.
 *
 * Left out, because nothing here needs it: the event streams of `/monitor` and `/subscribe`, the response format
 * `resp2`, read-only tokens. They are refused, not ignored.
 *
 * @see https://upstash.com/docs/redis/features/restapi
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, answerTo, refusal, toJson } from "./answer.ts";
import { parseJson, Refusal, readCall } from "./call.ts";
import { Database } from "./database.ts";
import { type Engine, type EngineKind, engineFromEnvironment, startEngine } from "./engine.ts";
import { Faults, inflict, readFaults } from "./faults.ts";
import { authorize, encodingOf, readBody, sendAnswer } from "./http.ts";
import { createMeter, type Meter } from "./meter.ts";
import { RedisError } from "./resp.ts";

/** How an {@link Upstash} is started. Nothing is required. */
export interface UpstashOptions {
  /**
   * Which Redis stands behind it.
   *
   * @default what `SNITCHBOT_DEV_REDIS` asks for, else `auto`
   */
  readonly engine?: EngineKind;

  /**
   * The port on 127.0.0.1; 0 takes a free one.
   *
   * @default 0
   */
  readonly port?: number;

  /**
   * What clients must present.
   *
   * @default "local-upstash-token"
   */
  readonly token?: string;
}

/** A running stand-in: `url` and `token` are all that a client of `@upstash/redis` needs. */
export interface Upstash {
  readonly url: string;
  readonly token: string;
  readonly engine: Engine;
  readonly meter: Meter;
  /** What goes wrong from now on; also by `POST /sim/faults` and `DELETE /sim/faults`. */
  readonly faults: Faults;
  /** Runs a command past HTTP and faults, for tests. Throws the error that Redis answers. */
  command(...command: readonly (string | number)[]): Promise<unknown>;
  /** Ends the front and its engine; requests that still hang are cut. */
  stop(): Promise<void>;
}

/** Starts a stand-in with an engine of its own. Throws with one line when either cannot start. */
export async function startUpstash(options: UpstashOptions = {}): Promise<Upstash> {
  const { token = "local-upstash-token", port = 0 } = options;
  const engine = await startEngine(options.engine ?? engineFromEnvironment());
  const database = new Database(engine);
  const faults = new Faults();
  const stopping = new AbortController();
  let requests = 0;

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!stopping.signal.aborted) sendAnswer(response, answerOf(error));
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(`http://localhost${request.url}`);
    if (url.pathname === "/sim/faults") return sendAnswer(response, await setFaults(request, faults));
    response.setHeader("upstash-sync-token", `${++requests}`);
    const fault = faults.take();
    if (fault && (await inflict(fault, response, stopping.signal))) return;
    authorize(request, url, token);
    const answer = await answerTo(database, readCall(url, await readBody(request)), encodingOf(request));
    if (fault?.kind === "lost") response.destroy();
    else sendAnswer(response, answer);
  }

  async function stop(): Promise<void> {
    stopping.abort();
    server.close();
    server.closeAllConnections();
    database.client.close();
    await engine.stop();
  }

  // A connection that waits for its next request is never ours to close: the client would lose that request.
  server.keepAliveTimeout = 0;
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    engine,
    meter: createMeter(engine, database.client, () => requests),
    faults,
    async command(...command) {
      const [reply = null] = await database.pipeline([command.map(String)]);
      if (reply instanceof RedisError) throw reply;
      return toJson(reply, "utf8");
    },
    stop,
  };
}

async function setFaults(request: IncomingMessage, faults: Faults): Promise<Answer> {
  if (request.method === "DELETE") faults.clear();
  else if (request.method === "POST") faults.set(...readFaults(parseJson(await readBody(request))));
  else throw new Refusal(405, "use POST to set faults, DELETE to clear them");
  return { status: 200, body: { ok: true } };
}

function answerOf(error: unknown): Answer {
  if (error instanceof Refusal) return refusal(error.status, error.message);
  return refusal(500, `ERR ${error instanceof Error ? error.message : error}`);
}
