/** What frameworks have in common: a request becomes the context of all that is told inside, and fails at most once. */
import type { Snitch } from "../client/options.ts";
import { attempt, read } from "../client/plain.ts";
import { traceOf } from "../client/trace.ts";

/** The header of a response that names the trace of its request. */
export const TRACE_HEADER = "x-snitchbot-trace-id";

/** Headers that hold no secret. A list of what may be told, not of what may not: nobody knows all names of tokens. */
const SAFE = "accept content-length content-type host origin user-agent x-request-id cf-ray x-vercel-id".split(" ");

/** A request as its framework knows it. What is a function is only asked when something is told. */
export interface Incoming {
  readonly method: string;
  /** With its query; an origin before the path is left out. */
  readonly url: string;
  /** A header's value, by its name in lower case. */
  readonly header: (name: string) => unknown;
  /** The pattern that the path matched: `/orders/:id`. Known after routing. */
  readonly route?: () => unknown;
  /** Whose request it is, where the framework vouches for it: headers alone can be forged. */
  readonly ip?: () => unknown;
  /** In a Worker, the environment. */
  readonly env?: unknown;
  /** What has the request's `waitUntil`. */
  readonly owner?: unknown;
  /**
   * The status of a response to what was thrown.
   *
   * @default the one that the error has, as HTTP errors do, otherwise 500
   */
  readonly status?: (error: unknown) => number;
}

/** One request on its way. No method throws by itself. */
export interface Visit {
  /** See {@link traceOf}; made where there is none. */
  readonly traceId: string;
  /** Calls `work`; everything told inside, however late, carries the request. `work` is not to throw. */
  inside<T>(work: () => T): T;
  /** Does the rest of the request inside; tells what it throws, and throws the same. */
  around<T>(work: () => Promise<T>): Promise<T>;
  /** Keeps what was thrown until it is known how the request ends. */
  threw(error: unknown): void;
  /**
   * Tells, once, what was thrown, or that nothing was, when it ends with a status of 500 or more.
   *
   * @default the status of what was thrown; nothing is told if nothing was
   */
  ended(status?: number): void;
}

/** Begins the visit of a request. */
export function visit(snitch: Snitch, request: Incoming): Visit {
  const { method, url, header, env, owner, status: statusFor = statusOf } = request;
  const traceId = traceOf(header) ?? crypto.randomUUID().replaceAll("-", "");
  const route = (): unknown => attempt(() => request.route?.());
  const values = { toJSON: () => known({ route: route(), ip: ipOf(request), traceId }) };
  const details = { toJSON: () => known({ query: queryOf(url), headers: safe(header) }) };
  let thrown: readonly unknown[] = []; // nothing, or one thing: `undefined` can be thrown too
  const told: unknown[] = [];
  let isTold = false;

  const inside = <T>(work: () => T): T =>
    snitch.context(values, () => snitch.wrap((..._: unknown[]) => work())({ method, url, told }, env, owner));

  const fail = (status: number): void => {
    if (thrown.length) throw thrown[0]; // wrap() tells it, unless it was captured before
    const place = String(route() ?? pathOf(url));
    const fingerprint = `${status} ${method} ${place.replace(/[^/]*\d[^/]*/g, "*")}`;
    snitch.capture({ name: `HTTP ${status}`, message: `${method} ${place}` }, { fingerprint });
  };

  const threw = (error: unknown): void => {
    thrown = [error];
  };

  const ended = (status = thrown.length ? statusFor(thrown[0]) : 0): void => {
    if (isTold || !(status >= 500) || (told.length && !thrown.length)) return;
    isTold = true;
    attempt(() => snitch.context(details, () => inside(() => fail(status))));
  };

  return {
    traceId,
    inside,
    threw,
    ended,
    async around(work) {
      // wrap() would tell a thrown 404 as well, so nothing is thrown through it.
      const outcome = await inside(async () => {
        try {
          return { value: await work() };
        } catch (error) {
          threw(error);
          ended();
          return { error };
        }
      });
      if ("error" in outcome) throw outcome.error;
      return outcome.value;
    },
  };
}

/** The visit of a request that a function answers with a response, as fetch handlers do; the response names its trace. */
export async function respond<T>(visit: Visit, work: () => T | Promise<T>): Promise<T> {
  const response = await visit.around(async () => {
    const answer = await work();
    if (answer instanceof Response) visit.ended(answer.status);
    return answer;
  });
  return response instanceof Response ? (marked(response, visit.traceId) as T & Response) : response;
}

/** The response with the trace's id; a copy where its headers cannot be changed, as of what `fetch` answered. */
export function marked(response: Response, traceId: string): Response {
  const mark = (it: Response): Response => {
    it.headers.set(TRACE_HEADER, traceId);
    return it;
  };
  return attempt(() => mark(response)) ?? attempt(() => mark(new Response(response.body, response))) ?? response;
}

function statusOf(error: unknown): number {
  const status = read(error, "status") ?? read(error, "statusCode");
  return typeof status === "number" && status >= 300 && status < 600 ? status : 500;
}

function pathOf(url: string): string {
  return url.replace(/^\w+:\/\/[^/?#]*|[?#].*$/g, "");
}

/** Without the way in which IPv6 writes IPv4. */
function ipOf(request: Incoming): unknown {
  const ip = attempt(() => request.ip?.());
  return typeof ip === "string" ? ip.replace(/^::ffff:(?=\d+\.)/, "") : ip;
}

function queryOf(url: string): Readonly<Record<string, string>> | undefined {
  const [, query] = /\?([^#]+)/.exec(url) ?? [];
  return query ? Object.fromEntries(new URLSearchParams(query)) : undefined;
}

function safe(header: Incoming["header"]): Record<string, unknown> {
  return known(Object.fromEntries(SAFE.map((name) => [name, attempt(() => header(name))])));
}

/** Without what is not known: the client would write `undefined`. */
function known(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null));
}
