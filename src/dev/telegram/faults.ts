import type { Call } from "./call.ts";

/** Something that goes wrong with a call, as networks and servers have it. Without a status the call is served. */
export interface Fault {
  /** Only calls of this method. */
  readonly method?: string;
  /** Only calls whose parameters, written as JSON, contain this; or that this says yes to. */
  readonly match?: string | ((call: Call) => boolean);
  /** HTTP status and `error_code` of the answer. */
  readonly status?: number;
  /** @default what Telegram says with that status */
  readonly description?: string;
  /** Seconds, told in the body and in the header. */
  readonly retryAfter?: number;
  /** Calls it meets before it is over. @default 1 */
  readonly times?: number;
  /** The call is carried out, but its caller does not learn of it: the connection breaks, or `status` is answered. */
  readonly lost?: boolean;
  /** Never answers. */
  readonly hang?: boolean;
  /** A page of HTML instead of JSON, as a proxy answers; its status is `status`, or 502. */
  readonly html?: boolean | string;
  /** Milliseconds before anything else happens. */
  readonly delay?: number;
}

/** Faults that wait for their calls; the first that fits is taken. */
export class Faults {
  readonly #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** How many faults are yet to be met. */
  get left(): number {
    return this.#waiting.reduce((sum, { left }) => sum + left, 0);
  }

  /** The fault this call meets. */
  take(call: Call): Fault | undefined {
    const met = this.#waiting.find(({ fault }) => meets(fault, call));
    if (!met) return undefined;
    met.left--;
    if (met.left <= 0) this.#waiting.splice(this.#waiting.indexOf(met), 1);
    return met.fault;
  }
}

function meets({ method, match }: Fault, call: Call): boolean {
  if (method !== undefined && method.toLowerCase() !== call.method.toLowerCase()) return false;
  if (match === undefined) return true;
  if (typeof match === "function") return match(call);
  return JSON.stringify(call.parameters.readable(call.method)).includes(match);
}
