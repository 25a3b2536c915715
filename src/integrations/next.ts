/**
 * Next.js. In `instrumentation.ts`: `export const onRequestError = snitchRequestError(snitch)`. It hears of what is thrown
 * anywhere; the two wrappers add context, the trace's id, and responses that fail without a throw.
 */
import type { Snitch } from "../client/options.ts";
import { attempt, read } from "../client/plain.ts";
import { type Incoming, respond, visit } from "./request.ts";

interface FailedRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

interface Place {
  readonly routePath: string;
  readonly routeType: string;
}

/** Shared by all copies of this file: Next bundles it once for each of its entries. */
const TOLD = Symbol.for("snitchbot.next.told");

/** The hook `onRequestError`: tells what pages, actions, route handlers and the proxy throw. */
export function snitchRequestError(
  snitch: Snitch,
): (error: unknown, request: FailedRequest, place: Place) => Promise<void> {
  return async (error, { method, path, headers }, { routePath, routeType }) => {
    const header = (name: string): unknown => headers[name];
    const request = visit(snitch, { method, url: path, header, route: () => routePath, status: statusOf });
    request.threw(error);
    snitch.context({ routeType }, () => request.ended());
  };
}

/** A route handler that tells what fails: `export const GET = snitchRoute(snitch, handler)`. */
export function snitchRoute<Args extends readonly [request: Request, ...rest: unknown[]], Answer>(
  snitch: Snitch,
  handler: (...args: Args) => Answer | Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  return (...args) => respond(visit(snitch, incoming(args)), async () => handler(...args));
}

/** A proxy (a middleware, before Next 16) that tells what fails: `export const proxy = snitchProxy(snitch, handler)`. */
export const snitchProxy: typeof snitchRoute = snitchRoute;

/** Next refuses to have some requests looked at: those of routes that are to be static. */
function incoming([request, owner]: readonly [request: Request, ...rest: unknown[]]): Incoming {
  const known = (name: "method" | "url"): string => String(read(request, name) ?? "");
  const header = (name: string): unknown => request.headers.get(name);
  return { method: known("method"), url: known("url"), header, status: statusOf, owner };
}

/** 500, but for what Next throws to redirect or for its own ends, and for what was told already. */
function statusOf(error: unknown): number {
  if (/^[A-Z_]+(;|$)/.test(String(read(error, "digest")))) return 307;
  const shared = globalThis as { [TOLD]?: WeakSet<object> };
  shared[TOLD] ??= new WeakSet();
  const told = shared[TOLD];
  const isTold = attempt(() => told.has(error as object) || !told.add(error as object));
  return isTold ? 307 : 500;
}
