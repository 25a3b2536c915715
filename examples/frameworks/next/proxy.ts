/**
 * A Next.js proxy that tells what it throws; before Next 16 the file is `middleware.ts` and its export `middleware`.
 *
 *     npx next dev
 *     curl localhost:3000/api/seats/12F --cookie 'seat={11C'
 */
import { snitch } from "snitchbot";
import { snitchProxy } from "snitchbot/next";

export const config = { matcher: "/api/:path*" };

/** Nobody without a seat may look at others'. */
export const proxy = snitchProxy(snitch, (request: Request) => {
  const [, seat = "null"] = /\bseat=([^;]+)/.exec(request.headers.get("cookie") ?? "") ?? [];
  if (JSON.parse(seat)) return undefined; // on to the route
  return Response.json({ error: "please sign in" }, { status: 401 });
});
