/** Koa: `app.use(snitchbot(snitch))`, before all else, but after an error handler of yours. */
import type { Snitch } from "../client/options.ts";
import { attempt, read } from "../client/plain.ts";
import { TRACE_HEADER, visit } from "./request.ts";

interface Context {
  readonly method: string;
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly ip: string;
  readonly status: number;
  set(name: string, value: string): unknown;
}

/** A middleware that tells what fails. */
export function snitchbot(snitch: Snitch): (ctx: Context, next: () => Promise<unknown>) => Promise<void> {
  return async (ctx, next) => {
    const request = visit(snitch, {
      method: ctx.method,
      url: ctx.originalUrl,
      header: (name) => ctx.headers[name],
      route: () => read(ctx, "_matchedRoute"), // of @koa/router
      ip: () => ctx.ip,
    });
    ctx.set(TRACE_HEADER, request.traceId);
    await request.around(async () => {
      await next().catch((error: unknown) => {
        keepHeader(error, request.traceId);
        throw error;
      });
      request.ended(ctx.status);
    });
  };
}

/** Koa takes all headers from a failed response but those that its error brings. */
function keepHeader(error: unknown, traceId: string): void {
  attempt(() => {
    const it = error as { headers?: object };
    it.headers = { ...it.headers, [TRACE_HEADER]: traceId };
  });
}
