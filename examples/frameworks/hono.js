/**
 * Short links with Hono, here on Node. The two lines about snitchbot are the same on Workers, Vercel, Deno and Bun.
 *
 *     node examples/frameworks/hono.js
 *     curl localhost:3000/docs
 */
import process from "node:process";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { snitch } from "snitchbot";
import { snitchbot } from "snitchbot/hono";

const links = new Map([
  ["home", "https://example.com"],
  ["docs", "example.com/docs"], // typed in by hand
]);

const app = new Hono();
app.use(snitchbot(snitch)); // before all else

app.get("/:slug", (c) => {
  const link = links.get(c.req.param("slug"));
  if (!link) return c.notFound();
  const target = new URL(link);
  target.searchParams.set("utm_source", "short");
  return c.redirect(target.href);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
