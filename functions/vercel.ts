/** The hub as a Vercel Edge Function: every path comes here, see vercel.json. Its cron calls `/tick` with CRON_SECRET. */
import { type Hub, openHub } from "../src/hub/hub.ts";

export const config = { runtime: "edge" };

let hub: Hub | undefined;

export default function handle(
  request: Request,
  context: { waitUntil(work: Promise<unknown>): void },
): Promise<Response> {
  hub ??= openHub(process.env);
  return hub.fetch(request, {
    waitUntil: (work) => context.waitUntil(work),
    clientIp: request.headers.get("x-real-ip") ?? undefined, // set by Vercel's proxy, which overwrites the caller's
  });
}
