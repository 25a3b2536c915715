/** What Cloudflare's runtime has of its own, as far as we use it. */
declare module "cloudflare:workers" {
  /** Keeps the request that runs alive; throws outside of one. */
  export function waitUntil(work: Promise<unknown>): void;
  /** The Worker's bindings. */
  export const env: Readonly<Record<string, unknown>>;
}
