/** A hub over HTTP that only listens; for clients in other runtimes. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Batch, Event } from "../../src/event.ts";

export interface Sink {
  /** A service's address there. */
  address(service: string): string;
  batches(service: string): Batch[];
  events(service: string): Event[];
  /** Of each heartbeat how its address ended, and its body: `etl/start `. */
  beats(service: string): readonly string[];
  stop(): Promise<void>;
}

/** Takes its time to answer, so that only a protected send sees the answer. */
const DELAY = 50;

export async function openSink(): Promise<Sink> {
  const batches: { readonly service: string; readonly batch: Batch }[] = [];
  const beats: { readonly service: string; readonly beat: string }[] = [];
  const server = createServer(async (request, response) => {
    const [, service = "", beat] = /^\/s\/([^.]+)\.[^/]+?(?:\/beat\/?([^?]*).*)?$/.exec(request.url ?? "") ?? [];
    const body = await text(request);
    if (beat !== undefined) {
      beats.push({ service, beat: `${beat} ${body}` });
      return response.end("OK");
    }
    const batch: Batch = JSON.parse(body);
    const isResent = batch.id !== undefined && batches.some((it) => it.batch.id === batch.id);
    if (!isResent) batches.push({ service, batch });
    setTimeout(() => response.writeHead(202).end('{"accepted":1,"verdicts":["admitted"],"control":{}}'), DELAY);
    return response;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const of = (service: string): Batch[] => batches.filter((it) => it.service === service).map(({ batch }) => batch);
  return {
    address: (service) => `http://127.0.0.1:${port}/s/${service}.kJ3x-9QpLm_2RtYw8ZbN4A`,
    batches: of,
    beats: (name) => beats.filter((it) => it.service === name).map(({ beat }) => beat),
    events: (service) => of(service).flatMap(({ events }) => events),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
