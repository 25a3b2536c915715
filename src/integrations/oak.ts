/** Oak: `app.use(snitchbot(snitch))`, before all else, but after an error handler of yours. */
import type { Snitch } from "../client/options.ts";
import { attempt, read } from "../client/plain.ts";
import { TRACE_HEADER, visit } from "./request.ts";

interface Context {
  readonly request: { readonly method: string; readonly url: URL; readonly headers: Headers; readonly ip: string };
  readonly response: { readonly status: number; readonly headers: Headers };
}

/** A middleware that tells what fails. */
export function snitchbot(snitch: Snitch): (ctx: Context, next: () => Promise<unknown>) => Promise<void> {
  return async (ctx, next) => {
    const { method, url, headers } = ctx.request;
    const request = visit(snitch, {
      method,
      url: url.href,
      header: (name) => headers.get(name),
      route: () => read((read(ctx, "matched") as unknown[]).at(-1), "path"), // of its router
      ip: () => ctx.request.ip || undefined,
    });
    ctx.response.headers.set(TRACE_HEADER, request.traceId);
    await request.around(async () => {
      await next().catch((error: unknown) => {
        keepHeader(error, ctx.response.headers, request.traceId);
        throw error;
      });
      request.ended(ctx.response.status);
    });
  };
}

/** Oak takes all headers from a failed response but those that its error brings, in the same class as its own. */
function keepHeader(error: unknown, own: Headers, traceId: string): void {
  attempt(() => {
    const headers = new (own.constructor as typeof Headers)((error as { headers?: Headers }).headers);
    headers.set(TRACE_HEADER, traceId);
    Object.defineProperty(error, "headers", { value: headers, configurable: true }); // its own errors have a getter
  });
}
