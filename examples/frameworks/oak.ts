/**
 * Recipes with Oak on Deno. In a project of yours import Oak from `jsr:@oak/oak`.
 *
 *     deno run --allow-net --allow-env examples/frameworks/oak.ts
 *     curl localhost:3000/recipes/pancakes?guests=zero
 */
import { Application, Router } from "@oakserver/oak";
import { snitch } from "snitchbot";
import { snitchbot } from "snitchbot/oak";

const recipes = new Map([["pancakes", { eggs: 3, flour: 250, milk: 500 }]]);

const router = new Router();

router.get("/recipes/:name", ({ params, request, response }) => {
  const recipe = recipes.get(params.name);
  if (!recipe) return; // 404
  const guests = BigInt(request.url.searchParams.get("guests") ?? 1);
  const amounts = Object.entries(recipe).map(([what, amount]) => `${BigInt(amount) * guests} ${what}`);
  response.body = amounts.join(", ");
});

const app = new Application();
app.use(snitchbot(snitch)); // before all else
app.use(router.routes());

await app.listen({ port: Number(Deno.env.get("PORT") ?? 3000) });
