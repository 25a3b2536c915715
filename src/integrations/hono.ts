/** Hono, on every platform it has: `app.use(snitchbot(snitch))`, before all else. */
import type { Snitch } from "../client/options.ts";
import { attempt, read } from "../client/plain.ts";
import { marked, visit } from "./request.ts";

interface Context {
  readonly req: { readonly raw: Request; header(name: string): string | undefined };
  readonly env: unknown;
  readonly executionCtx: unknown;
  readonly error: Error | undefined;
  res: Response;
}

/** A middleware that tells what fails. What `app.onError` answers with less than 500 did not. */
export function snitchbot(snitch: Snitch): (c: Context, next: () => Promise<void>) => Promise<void> {
  return async (c, next) => {
    const { raw } = c.req;
    const header = (name: string): unknown => raw.headers.get(name);
    const request = visit(snitch, {
      method: raw.method,
      url: raw.url,
      header,
      route: () => read(c.req, "routePath"),
      ip: () => (read(raw, "cf") ? header("cf-connecting-ip") : undefined), // only Cloudflare's own has `cf`
      env: c.env,
      owner: attempt(() => c.executionCtx), // throws where there is none
    });
    await request.around(async () => {
      await next();
      if (c.error) request.threw(c.error);
      request.ended(c.res.status);
    });
    const response = marked(c.res, request.traceId);
    if (response !== c.res) c.res = response;
  };
}
