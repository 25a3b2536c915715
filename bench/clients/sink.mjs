// Whatever a client sends to: takes everything, and counts what arrived, by the run that sent it.
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

const NOTHING = { events: 0, told: 0, bytes: 0 };

/**
 * Errors of a body, and how many of them it tells: repeats that were folded, and what had to be given up. What a process
 * tells of itself counts nothing, nor does a batch that came before.
 */
function contents(path, body, seen) {
  if (path.includes("/beat")) return NOTHING;
  if (path.startsWith("/api/")) {
    const events = body.match(/^\{"type":"event"/gm)?.length ?? 0; // Sentry's envelope
    return { events, told: events };
  }
  const { id, events = [], dropped = 0 } = JSON.parse(body);
  if (id && seen.has(id)) return NOTHING;
  seen.add(id);
  const errors = events.filter(({ kind = "error" }) => kind === "error");
  return { events: errors.length, told: errors.reduce((sum, { count = 1 }) => sum + count, dropped) };
}

/** A hub, a Sentry and a Bugsnag on one port. */
export async function openSink() {
  const arrivals = new Map();
  const seen = new Set();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    const [run] = /\d+/.exec(request.url) ?? [];
    const { events, told } = contents(request.url, String(text), seen);
    const before = arrivals.get(run) ?? NOTHING;
    arrivals.set(run, {
      events: before.events + events,
      told: before.told + told,
      bytes: before.bytes + (events > 0 ? body.length : 0),
    });
    response.writeHead(202, { "content-type": "application/json" }).end('{"accepted":1,"verdicts":[],"control":{}}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${server.address().port}`;
  let runs = 0;
  return {
    /** Addresses of a run of its own, for each kind of client. */
    target() {
      const run = String(++runs);
      const key = "kJ3x-9QpLm_2RtYw8ZbN4A";
      return {
        run,
        url: `http://${host}/s/${run}.${key}`,
        dsn: `http://key@${host}/${run}`,
        notify: `http://${host}/${run}`,
      };
    },
    /** Events, how many they tell, and bytes of what carried them. */
    arrived: (run) => arrivals.get(run) ?? NOTHING,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
