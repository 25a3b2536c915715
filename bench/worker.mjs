// What a client takes of a Worker: CPU of the workerd process for each request, less that of the same Worker without.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import workerd from "workerd";
import { freePort, startProgram } from "../dist/src/dev/process.js";
import { bundle } from "./clients/bundle.mjs";
import { openSink } from "./clients/sink.mjs";
import { median, sideBySide } from "./clients/table.mjs";
import { many } from "./events.mjs";
import { cpuOf, rssOf } from "./stand.mjs";

const QUIET = { rounds: 5, requests: 2_000 };
const FAILING = { rounds: 3, requests: 300 };
const CONNECTIONS = 8;
const isClient = (name) => name !== "none";

/** A Worker whose request fails where its path says so; `capture` gets the error. */
const handler = `
  const failAt = (depth, what) => (depth > 0 ? failAt(depth - 1, what) : new Error("order of " + what + " failed"));
  const answer = (request, capture) => {
    const [, kind, what] = new URL(request.url).pathname.split("/");
    if (kind === "fail") capture(failAt(8, what));
    return new Response("ok");
  };`;

const sources = {
  none: `${handler} export default { fetch: (request) => answer(request, () => {}) };`,
  "bare fetch": `${handler}
    const body = JSON.stringify({ events: [{ title: "order failed".padEnd(80) }] });
    export default {
      fetch(request, env, context) {
        return answer(request, () => context.waitUntil(fetch(env.SNITCHBOT_URL, { method: "POST", body })));
      },
    };`,
  snitchbot: `import { snitch } from "../src/mod.workerd.ts"; ${handler}
    snitch.init({ maxKinds: 10_000 });
    export default snitch.wrap({ fetch: (request) => answer(request, (error) => snitch.capture(error)) });`,
  "@sentry/cloudflare": `import { captureException, withSentry } from "@sentry/cloudflare"; ${handler}
    export default withSentry((env) => ({ dsn: env.DSN, tracesSampleRate: 0 }), {
      fetch: (request) => answer(request, (error) => captureException(error)),
    });`,
  "toucan-js": `import { Toucan } from "toucan-js"; ${handler}
    export default {
      fetch(request, env, context) {
        const toucan = new Toucan({ dsn: env.DSN, context, request });
        return answer(request, (error) => toucan.captureException(error));
      },
    };`,
};

const config = (port, { url, dsn }) => `
  using Workerd = import "/workerd/workerd.capnp";
  const config :Workerd.Config = (
    services = [
      (name = "main", worker = .worker),
      (name = "internet", network = (allow = ["public", "private"])),
    ],
    sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
  );
  const worker :Workerd.Worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-04-01",
    compatibilityFlags = ["nodejs_compat"],
    bindings = [(name = "SNITCHBOT_URL", text = "${url}"), (name = "DSN", text = "${dsn}")],
  );`;

/** A Worker in a workerd of its own, and whether it tells errors; `undefined` when its client is not installed. */
async function startWorker(name, source, sink) {
  const script = await bundle(source);
  if (!script) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "snitchbot-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const [port, target] = [await freePort(), sink.target()];
  writeFileSync(join(folder, "worker.js"), script);
  writeFileSync(join(folder, "config.capnp"), config(port, target));
  const url = `http://127.0.0.1:${port}`;
  const args = ["serve", join(folder, "config.capnp")];
  const program = await startProgram({ command: workerd.default, args, ready: url });
  return { ...program, url, tells: isClient(name), arrived: () => sink.arrived(target.run).events };
}

let kinds = 0;
/** Letters: what differs in digits only is the same to us. */
const nextKind = () => String(++kinds).replace(/\d/g, (digit) => "abcdefghij"[digit]);

/** Until that much has arrived; what has not a second later will not. */
async function arrival(worker, expected) {
  for (let i = 0; i < 50 && worker.arrived() < expected; i++) await sleep(20);
}

/** µs of CPU for each of many requests, with what they do after their answer. */
async function each(worker, requests, isFailing) {
  const expected = worker.arrived() + (isFailing && worker.tells ? requests : 0);
  const began = cpuOf(worker.pid);
  let left = requests;
  await Promise.all(
    many(CONNECTIONS, async () => {
      while (left-- > 0) await (await fetch(`${worker.url}${isFailing ? `/fail/${nextKind()}` : "/orders/7"}`)).text();
    }),
  );
  await arrival(worker, expected);
  return ((cpuOf(worker.pid) - began) / requests) * 1_000;
}

/** The same keys, other values. */
const mapped = (all, figure) =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name, figure(value, name)]));

/** What none takes, and what each takes more: medians of `rounds`, in which all have their turn. */
async function measure(workers, { rounds, requests }, isFailing) {
  const all = mapped(workers, () => []);
  for (let round = 0; round < rounds; round++) {
    for (const [name, worker] of Object.entries(workers)) all[name].push(await each(worker, requests, isFailing));
  }
  const more = (times) => times.map((time, round) => time - all.none[round]);
  return mapped(all, (times, name) => median(isClient(name) ? more(times) : times));
}

const sink = await openSink();
const started = await Promise.all(
  Object.entries(sources).map(async ([name, source]) => [name, await startWorker(name, source, sink)]),
);
const workers = Object.fromEntries(started.filter(([, worker]) => worker !== undefined));
for (const worker of Object.values(workers)) {
  await each(worker, 1_000, false); // warm
  await each(worker, 30, true);
}
const quiet = await measure(workers, QUIET, false);
const before = mapped(workers, (worker) => worker.arrived());
const failing = await measure(workers, FAILING, true);
const arrived = mapped(workers, (worker, name) => worker.arrived() - before[name]);
const memory = mapped(workers, ({ pid }) => rssOf(pid));
await Promise.all(Object.values(workers).map((worker) => worker.stop()));
sink.stop();

sideBySide("A Worker, in workerd: CPU of its process; what each client adds to none", Object.keys(sources), [
  {
    what: "a quiet request, µs",
    aim: "≤ 25",
    values: quiet,
    references: { "@sentry/cloudflare": 220, "toucan-js": 30 },
  },
  {
    what: "a request that tells an error, µs",
    aim: "≤ 300",
    values: failing,
    references: { "@sentry/cloudflare": 800, "toucan-js": 600 },
  },
  {
    what: `errors told of ${FAILING.rounds * FAILING.requests}`,
    aim: "all",
    values: arrived,
    references: { "@sentry/cloudflare": 900, "toucan-js": 900 },
    hasRatio: false,
  },
  {
    what: "memory of workerd at the end, MB",
    values: memory,
    hasRatio: false,
    references: { "@sentry/cloudflare": 187, "toucan-js": 124 },
  },
]);
