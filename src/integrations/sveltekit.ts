/** SvelteKit. In `hooks.server.ts`: `handle = snitchHandle(snitch)` and `handleError = snitchHandleError(snitch)`. */
import type { Snitch } from "../client/options.ts";
import { attempt, read } from "../client/plain.ts";
import { respond, type Visit, visit } from "./request.ts";

interface Event {
  readonly request: Request;
  readonly route: { readonly id: string | null };
  readonly platform?: unknown;
  getClientAddress(): string;
}

interface Caught {
  readonly error: unknown;
  readonly event: Event;
  /** Until SvelteKit 2. */
  readonly status?: number;
  /** Since SvelteKit 3: only what is `unknown` was not meant. */
  readonly kind?: string;
}

const visits = new WeakMap<Request, Visit>();

/** The hook `handle`: all that is told inside carries the request. With others: `sequence(snitchHandle(snitch), yours)`. */
export function snitchHandle(
  snitch: Snitch,
): <E extends Event>(input: { event: E; resolve: (event: E) => Response | Promise<Response> }) => Promise<Response> {
  return ({ event, resolve }) => respond(visitOf(snitch, event), () => resolve(event));
}

/** The hook `handleError`: tells what was thrown. `own` says what it answers; without it the error is printed, as ever. */
export function snitchHandleError<Input extends Caught, Answer = undefined>(
  snitch: Snitch,
  own?: (input: Input) => Answer,
): (input: Input) => Answer | undefined {
  return (input) => {
    attempt(() => tell(visitOf(snitch, input.event), input));
    if (own) return own(input);
    if (!isMeant(input)) console.error(input.error);
    return undefined;
  };
}

function tell(request: Visit, input: Caught): void {
  const { error, kind, status = 500 } = input;
  if (!isMeant(input)) request.threw(error);
  request.ended(isMeant(input) ? Number(read(error, "status")) : kind ? 500 : status);
}

/** Whether it is an answer that somebody chose: `error(404)`, an argument that is not valid. */
function isMeant({ kind = "unknown" }: Caught): boolean {
  return kind !== "unknown";
}

/** Both hooks are of one visit. */
function visitOf(snitch: Snitch, event: Event): Visit {
  const { request, platform } = event;
  const known = visits.get(request);
  if (known) return known;
  const begun = visit(snitch, {
    method: request.method,
    url: request.url,
    header: (name) => request.headers.get(name),
    route: () => event.route.id,
    ip: () => event.getClientAddress(),
    env: read(platform, "env"),
    owner: read(platform, "ctx"),
  });
  visits.set(request, begun);
  return begun;
}
