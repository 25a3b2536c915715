// Whom we measure ourselves against, and how each is loaded, started and told of an error.
import { existsSync, readFileSync } from "node:fs";

const at = (path) => new URL(`../${path}`, import.meta.url);
const { dependencies } = JSON.parse(readFileSync(at("package.json"), "utf8"));
const newRequest = () => new Request("https://shop.test/orders/7", { headers: { "user-agent": "bench" } });

/** A request's end: what was handed to `waitUntil` is awaited. */
function lifetime() {
  const works = [];
  const context = { waitUntil: (work) => works.push(work), passThroughOnException() {}, props: {} };
  return { context, end: () => Promise.allSettled(works.splice(0)) };
}

/** Without a client: what a measurement takes by itself. */
const none = {
  load: async () => undefined,
  start: () => ({
    capture() {},
    flush() {},
    serve: (work) => work(newRequest()),
    watch: (work) => work,
    context: (work) => work(),
  }),
};

/** One of our own doors; `kinds` is how many different errors a minute may have. */
const door = (path) => ({
  path,
  load: () => import(at(path)),
  start({ snitch }, { url, kinds = 100 }) {
    snitch.init({ url, maxKinds: kinds });
    let job;
    const handler = snitch.wrap(() => job());
    return {
      capture: snitch.capture,
      flush: () => snitch.flush(5_000),
      serve(work) {
        job = work;
        return handler(newRequest());
      },
      watch: snitch.watchSlow && ((work) => snitch.watchSlow(work, { thresholdMs: 100, name: "load" })),
      context: (work) => snitch.context({ userId: 7 }, work),
    };
  },
});

/** What both of Sentry's have for calls. */
const sentryCalls = (sentry) => ({
  watch: (work) => (value) => sentry.startSpan({ name: "load" }, () => work(value)),
  context: (work) =>
    sentry.withIsolationScope((scope) => {
      scope.setTag("userId", 7);
      return work();
    }),
});

/**
 * `load` imports, `start` makes a client of what was imported: `capture` tells an error, `flush` waits until all is
 * told, `inside` is what a capture needs around it, `serve` is what a request gets, `watch` and `context` wrap a call.
 */
export const drivers = {
  none,
  snitchbot: door("../dist/src/mod.js"),
  "with process": door("../dist/src/mod.process.js"),
  "@sentry/node": {
    load: () => import("@sentry/node"),
    start(sentry, { dsn }) {
      sentry.init({ dsn, tracesSampleRate: 0 });
      return {
        capture: sentry.captureException,
        flush: () => sentry.flush(5_000),
        serve: (work) => sentry.withIsolationScope(() => work()),
        ...sentryCalls(sentry),
      };
    },
  },
  "@sentry/cloudflare": {
    load: () => import("@sentry/cloudflare"),
    start(sentry, { dsn }) {
      const { context, end } = lifetime();
      let job;
      const fetch = async () => {
        await job();
        return new Response("ok");
      };
      const worker = sentry.withSentry(() => ({ dsn, tracesSampleRate: 0 }), { fetch });
      return {
        capture: sentry.captureException,
        flush: end,
        async inside(work) {
          job = work;
          await (await worker.fetch(newRequest(), {}, context)).text(); // it sends when the body was read
        },
        ...sentryCalls(sentry),
      };
    },
  },
  "toucan-js": {
    load: () => import("toucan-js"),
    start({ Toucan }, { dsn }) {
      const { context, end } = lifetime();
      let toucan;
      return {
        capture: (error) => toucan.captureException(error),
        flush: end,
        inside(work) {
          toucan = new Toucan({ dsn, context, request: newRequest() });
          return work();
        },
      };
    },
  },
  "@bugsnag/node": {
    load: async () => (await import("@bugsnag/node")).default,
    start(bugsnag, { notify }) {
      bugsnag.start({
        apiKey: "0123456789abcdef0123456789abcdef",
        endpoints: { notify, sessions: notify },
        autoTrackSessions: false,
        logger: null,
      });
      let pending = 0;
      return {
        capture(error) {
          pending++;
          bugsnag.notify(error, undefined, () => pending--);
        },
        async flush() {
          while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 5));
        },
      };
    },
  },
};

/** Those of `names` that are there to be measured: our doors when they are built, the others when they are installed. */
export function present(names) {
  const isPresent = (name) =>
    name === "none" || existsSync(at(drivers[name]?.path ?? `node_modules/${name}/package.json`));
  return names.filter(isPresent);
}

/** Columns of no client: what a measurement takes by itself, and the least that anything can which sends. */
export const CONTROLS = ["none", "bare fetch"];

/** Our own columns. */
export const OURS = ["snitchbot", "with process"];

/** The name with the version that is pinned. */
export const versioned = (name) => [name, dependencies[name]].filter(Boolean).join(" ");
