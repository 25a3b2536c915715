/** The hub as a Cloudflare Worker: `wrangler deploy`. */
import { type Hub, openHub } from "../src/hub/hub.ts";

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

// One hub per isolate: its config is checked once, its scripts hashed once.
let hub: Hub | undefined;

export default {
  fetch(request: Request, env: Record<string, unknown>, context: Context): Promise<Response> {
    hub ??= openHub(env);
    return hub.fetch(request, {
      waitUntil: (work) => context.waitUntil(work),
      clientIp: request.headers.get("cf-connecting-ip") ?? undefined, // trusted only here: anyone can forge the others
    });
  },
  scheduled(_: unknown, env: Record<string, unknown>, context: Context): void {
    hub ??= openHub(env);
    context.waitUntil(hub.tick(Date.now()));
  },
};
