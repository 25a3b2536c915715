/** Fastify: `app.register(snitchbot(snitch))`, before the routes. */
import type { Snitch } from "../client/options.ts";
import { TRACE_HEADER, type Visit, visit } from "./request.ts";

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly routeOptions: { readonly url?: string | undefined };
  readonly ip: string;
}

interface Reply {
  readonly statusCode: number;
  header(name: string, value: string): unknown;
}

type Next = () => void;

interface App {
  addHook(name: "onRequest", hook: (it: Request, reply: Reply, next: Next) => void): unknown;
  addHook(name: "onSend", hook: (it: Request, reply: Reply, payload: unknown, next: Next) => void): unknown;
  addHook(name: "onError", hook: (it: Request, reply: Reply, error: Error, next: Next) => void): unknown;
}

/** A plugin that tells what fails. What your error handler answers with less than 500 did not. */
export function snitchbot(snitch: Snitch): (app: App, options: unknown, done: Next) => void {
  const visits = new WeakMap<Request, Visit>();
  const plugin = (app: App, _: unknown, done: Next): void => {
    app.addHook("onRequest", (it, reply, next) => {
      const request = visit(snitch, {
        method: it.method,
        url: it.url,
        header: (name) => it.headers[name],
        route: () => it.routeOptions.url,
        ip: () => it.ip,
      });
      visits.set(it, request);
      reply.header(TRACE_HEADER, request.traceId);
      request.inside(next);
    });
    app.addHook("onError", (it, _, error, next) => {
      visits.get(it)?.threw(error);
      next();
    });
    app.addHook("onSend", (it, reply, _, next) => {
      visits.get(it)?.ended(reply.statusCode);
      next();
    });
    done();
  };
  return Object.assign(plugin, { [Symbol.for("skip-override")]: true }); // its hooks are for all routes, not only its own
}
