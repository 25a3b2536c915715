/** Which trace a request belongs to. */
import { attempt } from "./plain.ts";

/** A W3C `traceparent` with its trace id, or an id as Cloudflare and Vercel make them. */
const PARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}/;
const ID = /^([\w:]{4,40}-[\w:-]{3,60})$/;

/**
 * The id of the request's trace; where it has none, what Cloudflare or Vercel call the request.
 *
 * @see {@link https://www.w3.org/TR/trace-context/#traceparent-header}
 */
export function traceOf(header: (name: string) => unknown): string | undefined {
  const found = (name: string, look: RegExp): string | undefined => look.exec(String(attempt(() => header(name))))?.[1];
  return found("traceparent", PARENT) ?? found("cf-ray", ID) ?? found("x-vercel-id", ID);
}
