/** Elysia: `app.use(snitchbot(snitch))`, before the routes. */
import type { Snitch } from "../client/options.ts";
import { respond, type Visit, visit } from "./request.ts";

type Fetch = (request: Request, ...more: readonly unknown[]) => unknown;

interface App {
  readonly server: { requestIP(request: Request): { readonly address: string } | null } | null;
  wrap(around: (fetch: Fetch, request: Request) => Fetch): unknown;
  onTransform(scope: { readonly as: "global" }, hook: (it: { request: Request; route: string }) => void): unknown;
  onError(scope: { readonly as: "global" }, hook: (it: { request: Request; error: unknown }) => void): unknown;
}

/** A plugin that tells what fails. What `app.onError` answers with less than 500 did not. */
export function snitchbot(snitch: Snitch): <T extends App>(app: T) => T {
  const visits = new WeakMap<Request, Visit>();
  const routes = new WeakMap<Request, string>();
  return (app) => {
    app.onTransform({ as: "global" }, ({ request, route }) => void routes.set(request, route));
    app.onError({ as: "global" }, ({ request, error }) => visits.get(request)?.threw(error));
    app.wrap((fetch) => (it, ...more) => {
      const request = visit(snitch, {
        method: it.method,
        url: it.url,
        header: (name) => it.headers.get(name),
        route: () => routes.get(it),
        ip: () => app.server?.requestIP(it)?.address,
      });
      visits.set(it, request);
      return respond(request, () => fetch(it, ...more));
    });
    return app;
  };
}
