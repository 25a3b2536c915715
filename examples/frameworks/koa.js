/**
 * A dictionary for crosswords with Koa. Koa's middleware sees an error before an outer handler does, so snitchbot comes
 * after yours.
 *
 *     node examples/frameworks/koa.js
 *     curl "localhost:3000/words?like=c(ck.e"
 */
import process from "node:process";
import Koa from "koa";
import { snitch } from "snitchbot";
import { snitchbot } from "snitchbot/koa";

const words = ["cackle", "cocktail", "cookie", "cuckoo"];

const app = new Koa();

app.use(async (ctx, next) => {
  try {
    await next();
  } catch {
    ctx.status = 500;
    ctx.body = "No word comes to mind.\n";
  }
});
app.use(snitchbot(snitch)); // after an error handler of yours, before all else

app.use((ctx) => {
  if (ctx.path !== "/words") return;
  const like = new RegExp(`^${ctx.query.like}$`); // works for everybody who types letters and dots
  ctx.body = words.filter((word) => like.test(word));
});

app.listen(process.env.PORT ?? 3000);
