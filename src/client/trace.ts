/** Which trace a request belongs to. */
import { attempt } from "./plain.ts";

/**
 * The trace's id by the W3C header `traceparent`, otherwise what Cloudflare or Vercel call the request.
 *
 * @see {@link https://www.w3.org/TR/trace-context/#traceparent-header}
 */
export function traceOf(header: (name: string) => unknown): string | undefined {
  const value = (name: string): string => String(attempt(() => header(name)) ?? "");
  const trace = /^[\da-e][\da-f]-(?!0{32})([\da-f]{32})-/.exec(value("traceparent"))?.[1];
  return trace || value("cf-ray") || value("x-vercel-id") || undefined;
}
