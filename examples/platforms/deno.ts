/**
 * A little wiki on Deno: `snitch.wrap` takes a plain fetch handler, as `Deno.serve` does.
 *
 *     deno run --allow-net --allow-env examples/platforms/deno.ts
 *     curl localhost:3000/100%
 */
import { snitch } from "snitchbot";

const pages = new Map([
  ["home", "Nothing is ever lost here."],
  ["café", "Opens at nine."],
]);

const answer = snitch.wrap((request: Request) => {
  const { pathname } = new URL(request.url);
  const title = decodeURIComponent(pathname.slice(1)) || "home"; // a lone "%" is a fine title, and no valid address
  const page = pages.get(title);
  return page ? new Response(page) : new Response(`Nobody wrote about ${title} yet.`, { status: 404 });
});

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 3000) }, answer);
