/** Express: `app.use(snitchbot(snitch))` before all routes, `app.use(snitchErrors)` after them and before your error handlers. */
import type { Snitch } from "../client/options.ts";
import { TRACE_HEADER, type Visit, visit } from "./request.ts";

interface Request {
  readonly method: string;
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly baseUrl: string;
  readonly route?: { readonly path: unknown };
  readonly ip?: string | undefined;
}

interface Response {
  readonly statusCode: number;
  readonly writableFinished: boolean;
  setHeader(name: string, value: string): unknown;
  on(event: "close", listener: () => void): unknown;
}

const visits = new WeakMap<object, Visit>();

/** A middleware that tells which requests fail. */
export function snitchbot(snitch: Snitch): (req: Request, res: Response, next: () => void) => void {
  return (req, res, next) => {
    const request = visit(snitch, {
      method: req.method,
      url: req.originalUrl,
      header: (name) => req.headers[name],
      route: () => req.route && `${req.baseUrl}${req.route.path}`,
      ip: () => req.ip,
    });
    visits.set(req, request);
    res.setHeader(TRACE_HEADER, request.traceId);
    // Not before: who handles the error says what status it has. What broke off has none.
    res.on("close", () => request.ended(res.writableFinished ? res.statusCode : undefined));
    request.inside(next);
  };
}

/** An error handler that handles nothing: it notes the error for {@link snitchbot}, and passes it on. */
export function snitchErrors(error: unknown, req: object, _: unknown, next: (error: unknown) => void): void {
  visits.get(req)?.threw(error);
  next(error);
}
