/** A small shop that breaks in the ways shops break. `npm run dev` visits it. */
import { type Context, Hono } from "hono";
import { snitch } from "../../src/mod.ts";
import { chargeCard, priceOf, searchStock } from "./stock.ts";

const app = new Hono();

app.get("/", (c) => c.text("A shop that breaks: /cart /checkout /search /report"));

app.get("/cart", function showCart(c: Context) {
  const { user = "alice", items = "3" } = c.req.query();
  snitch.notify("Large cart", { severity: "info", extras: { user, cart_size: Number(items) } });
  return c.text("In your cart.");
});

app.get("/checkout", function checkout(c: Context) {
  return c.text(chargeCard({ order: "A-1042", total: priceOf("socks"), card: undefined }));
});

app.get("/report", function monthlyReport(c: Context) {
  try {
    return c.text(String(priceOf("unicorn")));
  } catch (error) {
    snitch.capture(error, { severity: "critical", extras: { report: "monthly", password: "correct horse battery" } });
    return c.text("The report is late.", 500);
  }
});

app.get("/search", async function search(c: Context) {
  return c.text(await searchStock(c.req.query("q") ?? "socks"));
});

app.onError((error, c) => {
  snitch.capture(error);
  return c.text("Something broke; somebody is being told.", 500);
});

export default snitch.wrap(app);
