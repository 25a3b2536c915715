/** Every example runs as its first comment says, breaks as it says there, and is told of. */
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { EdgeRuntime } from "edge-runtime";
import { type BuildOptions, build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, startProgram } from "../src/dev/process.ts";
import type { Event } from "../src/event.ts";
import { openSink, type Sink } from "./client/sink.ts";
import { until } from "./until.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(join(root, "examples", file), "utf8");
const serviceOf = (file: string): string => file.replace(/\W+/g, "-");

/** `node`, `deno` and `bun` of the commands are those of this run. */
const PATH = [dirname(process.execPath), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);

type Told = Pick<Event, "title"> & Partial<Event>;

/** What a request tells: path and pattern of its route. */
const within = (path: string, route?: string) => ({ method: "GET", path, ...(route && { route }) });

const unreachable = { type: "TypeError", message: "fetch failed" };

/** Programs that run here as they are, and what they tell. */
const programs: Readonly<Record<string, Told>> = {
  "platforms/deno.ts": { title: "URIError: URI malformed", context: within("/100%") },
  "platforms/bun.ts": { title: "SQLiteError: no such column: written", context: within("/") },
  "platforms/node.js": {
    title: "Error: ENOENT: no such file or directory, open 'invoices/1043.json'",
    context: within("/invoices/1043"),
  },
  "platforms/lambda.js": {
    title: `SyntaxError: Unexpected token 'e', "eyJ0YWJsZSI6NH0=" is not valid JSON`,
    severity: "critical",
    context: { path: "/book", requestId: "8f5f" },
  },
  "frameworks/hono.js": { title: "TypeError: Invalid URL", context: within("/docs", "/:slug") },
  "frameworks/express.js": {
    title: "TypeError: order.total.toFixed is not a function",
    context: within("/orders/18/refund", "/orders/:id/refund"),
  },
  "frameworks/fastify.js": { title: "HTTP 503: GET /stock/:item", context: within("/stock/teapot", "/stock/:item") },
  "frameworks/koa.js": {
    title: "SyntaxError: Invalid regular expression: /^c(ck.e$/: Unterminated group",
    context: { ...within("/words"), query: { like: "c(ck.e" } },
  },
  "frameworks/oak.ts": {
    title: "SyntaxError: Cannot convert zero to a BigInt",
    context: { ...within("/recipes/pancakes", "/recipes/:name"), query: { guests: "zero" } },
  },
  "frameworks/h3.js": {
    title: "HTTPError: the weather station is silent",
    context: within("/weather/lisbon", "/weather/:city"),
    // Between an error and its cause h3 puts what the error was made of.
    error: expect.objectContaining({ cause: expect.objectContaining({ cause: expect.objectContaining(unreachable) }) }),
  },
  "frameworks/elysia.ts": {
    title: "RangeError: metropolis has no row 27",
    context: within("/films/metropolis/rows/27", "/films/:film/rows/:row"),
  },
  "jobs/queue.js": {
    title: "TypeError: a mail has to go to mailbox@host",
    context: { job: "m-7" },
    extras: { to: "ada.example.com" },
  },
  "loggers/pino.js": {
    title: "payment failed",
    context: { caller: "payments" },
    extras: { order: 1043, card: { number: "[Redacted]", expires: "2025-12" } },
    error: expect.objectContaining({ message: "the card has expired" }),
  },
  "loggers/winston.js": { title: "no price for cup", context: { caller: "import" }, extras: { id: "4712" } },
  "loggers/logtape.js": {
    title: "the orchids are cooking",
    severity: "critical",
    count: 2,
    context: { caller: "greenhouse.climate" },
  },
  "loggers/consola.js": {
    title: "migrate failed",
    context: { caller: "deploy" },
    error: expect.objectContaining({ message: "lock timeout on table orders" }),
  },
  "loggers/console.js": {
    title: "skipping https:/example.com:port/about",
    severity: "warning",
    extras: { foundOn: "/sitemap.xml" },
  },
};

/** The heartbeats among them: the end of the address, and the body. */
const beats: Readonly<Record<string, readonly string[]>> = {
  "jobs/queue.js": ["mails "],
  "jobs/report.js": [
    "nightly-report/start ",
    expect.stringMatching(/^nightly-report\/fail TypeError: Reduce of empty array with no initial value\n/),
  ],
  "jobs/backup.sh": [
    "nightly-backup/start ",
    expect.stringMatching(/^nightly-backup\/[1-9]\d* tar: .*shop-that-moved/),
  ],
};

/** Programs of platforms that are not installed here: what those do with them is done by hand. */
const hosted: Readonly<Record<string, readonly Told[]>> = {
  "platforms/cloudflare": [
    {
      title: "InvalidCharacterError: atob() called with invalid base64-encoded data",
      context: within("/confirm"),
    },
    { title: "RangeError: no sponsor for month 4", context: { trigger: expect.stringMatching(/^scheduled/) } },
    {
      title: "TypeError: that is no address",
      context: { trigger: expect.stringMatching(/^queue/) },
      extras: { to: "ada.example.com" },
    },
  ],
  "platforms/vercel.ts": [{ title: "RangeError: Invalid currency code : Franken", context: within("/api/price") }],
  "frameworks/next": [
    { title: "SyntaxError: Expected property name or '}' in JSON at position 1", context: within("/api/seats/12F") },
    { title: "RangeError: row 12 of this aircraft has no seat F", context: within("/api/seats/12F") },
  ],
  "frameworks/sveltekit": [
    {
      title: "SyntaxError: Unexpected end of JSON input",
      context: { ...within("/tides/rotterdam", "/tides/[port]"), ip: "203.0.113.9" },
    },
  ],
};

let hub: Sink;
beforeAll(async () => {
  hub = await openSink();
});
afterAll(() => hub.stop());

/** What an example has to bring about at the hub. */
interface Expected {
  readonly events?: readonly Told[];
  readonly beats?: readonly string[];
  /** How the name of its runtime begins. */
  readonly runtime?: string;
}

/** Waits for all that an example has to tell, but for its start, its stop and its pulse; it tells nothing else. */
async function arrival(name: string, { events = [], beats = [], runtime = "Node" }: Expected): Promise<void> {
  const service = serviceOf(name);
  const pinged = () => hub.beats(service).filter((beat) => !beat.startsWith(" {"));
  const told = () => hub.events(service).filter(({ kind }) => kind !== "lifecycle");
  const heard = () => told().length >= events.length && pinged().length >= beats.length;
  await until(heard, `what ${name} tells`, 5_000);
  const expected = events.map((one) => ({ ...one, title: expect.stringContaining(one.title) }));
  expect(told()).toMatchObject(expected);
  expect(pinged()).toEqual(beats);
  for (const batch of hub.batches(service)) expect(batch.runtime).toMatch(new RegExp(`^${runtime}`, "i"));
}

/** The indented lines of its first comment: the command, and for what serves, the request that breaks it. */
function instructions(file: string): { readonly command: string; readonly path: string | undefined } {
  const [command = "", request = ""] = [...read(file).matchAll(/^(?: \*|#) {5}(.+)$/gm)].map(([, line]) => line);
  return { command, path: /localhost:3000([^\s"]*)/.exec(request)?.[1] };
}

it.concurrent.each(Object.keys({ ...programs, ...beats }))("%s runs, breaks and is told of", async (file) => {
  const { command, path } = instructions(file);
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const program = await startProgram({
    command: "sh",
    args: ["-c", command],
    cwd: root,
    env: { PATH, SNITCHBOT_URL: hub.address(serviceOf(file)), PORT: String(port) },
    ...(path && { ready: origin }),
  });
  try {
    if (path) expect((await fetch(origin + path)).status).toBeGreaterThanOrEqual(500);
    else await program.ended;
    const events = [programs[file] ?? []].flat();
    await arrival(file, { events, beats: beats[file] ?? [], runtime: /node|deno|bun|bash/.exec(command)?.[0] ?? "" });
  } catch (error) {
    throw new Error(program.output(), { cause: error });
  } finally {
    await program.stop();
  }
});

/** One script of an example and of what its platform does with it. */
async function bundle(contents: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, "examples"), loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
    ...options,
  });
  return outputFiles?.[0]?.text ?? "";
}

/** Runs in Node what a framework would call, with the framework's own arguments. */
async function host(name: string, contents: string): Promise<void> {
  const code = await bundle(contents, { platform: "node" });
  const program = await startProgram({
    command: process.execPath,
    args: ["--input-type=module", "--eval", code],
    env: { SNITCHBOT_URL: hub.address(serviceOf(name)) },
  });
  try {
    expect([await program.ended, program.output()]).toEqual([0, ""]);
    await arrival(name, { events: hosted[name] ?? [] });
  } finally {
    await program.stop();
  }
}

it.concurrent("platforms/cloudflare runs in workerd, breaks in all its entries and is told of", async () => {
  const name = "platforms/cloudflare";
  const source = `export { default } from "./${name}/worker.ts"`;
  const contents = await bundle(source, { conditions: ["workerd"], external: ["cloudflare:workers"] });
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents }],
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat"],
    unsafeTriggerHandlers: true,
    queueProducers: { MAILS: "mails" },
    queueConsumers: { mails: { maxBatchTimeout: 0, maxRetries: 0 } },
    bindings: { SNITCHBOT_URL: hub.address(serviceOf(name)) },
    handleRuntimeStdio: (...streams: Readable[]) => streams.map((stream) => stream.resume()), // it prints what is thrown
  });
  try {
    const calls = [
      instructions(`${name}/worker.ts`).path,
      `/cdn-cgi/handler/scheduled?time=${Date.UTC(2026, 3, 6, 7)}`,
      `/confirm?token=${btoa('{"to":"ada.example.com"}')}`, // on to the queue
    ];
    for (const [index, call = ""] of calls.entries()) {
      await fetch(new URL(call, await miniflare.ready));
      await arrival(name, { events: hosted[name]?.slice(0, index + 1) ?? [], runtime: "Cloudflare-Workers" });
    }
  } finally {
    await miniflare.dispose();
  }
});

it.concurrent("platforms/vercel.ts runs in the edge runtime, breaks and is told of", async () => {
  const file = "platforms/vercel.ts";
  const source = `
    import handle, { config } from "./${file}";
    const works = [];
    globalThis[Symbol.for("@vercel/request-context")] = { get: () => ({ waitUntil: (work) => works.push(work) }) };
    addEventListener("fetch", (event) => {
      const answer = (async () => handle(event.request))().catch(() => new Response(config.runtime, { status: 500 }));
      event.respondWith(answer);
      event.waitUntil(answer.then(() => Promise.all(works)));
    });`;
  const env = { SNITCHBOT_URL: hub.address(serviceOf(file)) };
  const runtime = new EdgeRuntime({
    initialCode: await bundle(source, { format: "iife", conditions: ["edge-light"] }),
    extend: (context) => Object.assign(context, { process: { env } }),
  });
  const answer = await runtime.dispatchFetch(`http://localhost${instructions(file).path}`);
  expect([answer.status, await answer.text()]).toEqual([500, "edge"]);
  await arrival(file, { events: hosted[file] ?? [], runtime: "edge-runtime" });
});

it.concurrent("frameworks/next breaks in its proxy and its route, and is told of once each", () =>
  host(
    "frameworks/next",
    `
    import { GET } from "./frameworks/next/app/api/seats/[id]/route.ts";
    import { onRequestError, register } from "./frameworks/next/instrumentation.ts";
    import { proxy } from "./frameworks/next/proxy.ts";
    const path = "/api/seats/12F";
    const visit = async (cookie) => {
      const request = new Request("http://localhost:3000" + path, { headers: { cookie } });
      try {
        await proxy(request) ?? await GET(request, { params: Promise.resolve({ id: "12F" }) });
      } catch (error) {
        const place = { routerKind: "App Router", routePath: "/api/seats/[id]", routeType: "route" };
        await onRequestError(error, { path, method: "GET", headers: { cookie } }, place);
      }
    };
    register();
    await visit("seat={11C");
    await visit('seat="11C"');`,
  ));

it.concurrent("frameworks/sveltekit breaks in an endpoint, and is told of by its hooks", () =>
  host(
    "frameworks/sveltekit",
    `
    import { handle, handleError } from "./frameworks/sveltekit/src/hooks.server.ts";
    import { GET } from "./frameworks/sveltekit/src/routes/tides/[port]/+server.ts";
    const event = {
      request: new Request("http://localhost:3000/tides/rotterdam"),
      params: { port: "rotterdam" },
      route: { id: "/tides/[port]" },
      getClientAddress: () => "203.0.113.9",
    };
    const resolve = async () => {
      try {
        return await GET(event);
      } catch (error) {
        return Response.json(handleError({ error, event, status: 500, message: "Internal Error" }), { status: 500 });
      }
    };
    await handle({ event, resolve });`,
  ));

it("every example is run here, and listed with what it tells", () => {
  const files = (readdirSync(join(root, "examples"), { recursive: true }) as string[])
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /^(?!demo\/).*(?<!\.d)\.(js|ts|sh)$/.test(path));
  const told = { ...programs, ...beats, ...hosted };
  expect(files.filter((file) => !Object.keys(told).some((name) => `${file}/`.startsWith(`${name}/`)))).toEqual([]);

  const readme = read("README.md");
  const listed = [...readme.matchAll(/^\| \[.+?\]\((.+)\) \|/gm)].map(([, file]) => file);
  expect(listed.toSorted()).toEqual(files.toSorted());
  for (const { title } of Object.values({ ...programs, ...hosted }).flat()) expect(readme).toContain(`\`${title}\``);
});
