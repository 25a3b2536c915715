/** h3 2, and Nitro 3 which is built on it: `app.use(snitchbot(snitch))`, before all else. */
import type { Snitch } from "../client/options.ts";
import { read } from "../client/plain.ts";
import { TRACE_HEADER, visit } from "./request.ts";

interface Event {
  readonly req: Request & { readonly ip?: string | undefined };
  readonly res: { readonly status?: number | undefined; readonly headers: Headers; readonly errHeaders: Headers };
  readonly context: object;
}

/** A middleware that tells what fails. */
export function snitchbot(snitch: Snitch): (event: Event, next: () => unknown) => Promise<unknown> {
  return ({ req, res, context }, next) => {
    const request = visit(snitch, {
      method: req.method,
      url: req.url,
      header: (name) => req.headers.get(name),
      route: () => read(read(context, "matchedRoute"), "route"),
      ip: () => req.ip,
      owner: req,
    });
    for (const headers of [res.headers, res.errHeaders]) headers.set(TRACE_HEADER, request.traceId);
    return request.around(async () => {
      const answer = await next();
      if (answer instanceof Error) request.threw(answer); // returned instead of thrown, which is the same to h3
      request.ended(answer instanceof Error ? undefined : statusOf(answer, res));
      return answer;
    });
  };
}

function statusOf(answer: unknown, prepared: Event["res"]): number {
  const isResponse = answer instanceof Response || read(answer, Symbol.for("h3.HTTPResponse")) === true;
  return (isResponse ? (answer as Response).status : prepared.status) || 200;
}
