/**
 * A shop's refunds with Express: one line before the routes, one after them, and your own error handler last.
 *
 *     node examples/frameworks/express.js
 *     curl localhost:3000/orders/18/refund
 */
import process from "node:process";
import express from "express";
import { snitch } from "snitchbot";
import { snitchbot, snitchErrors } from "snitchbot/express";

/** As the old shop exported them: some of their prices are text. */
const orders = new Map(Object.entries(JSON.parse('{"17":{"total":49.9},"18":{"total":"12.50"}}')));

/** @type {express.ErrorRequestHandler} */
const apologize = (_error, _req, res, _next) => {
  res.status(500).send("That did not work; we are looking into it.\n");
};

const app = express();
app.use(snitchbot(snitch)); // before all routes

app.get("/orders/:id/refund", (req, res) => {
  const order = orders.get(req.params.id);
  if (order) res.send(`${order.total.toFixed(2)} € are on their way back to you.\n`);
  else res.sendStatus(404);
});

app.use(snitchErrors); // after them, and before error handlers of yours
app.use(apologize);

app.listen(process.env.PORT ?? 3000);
