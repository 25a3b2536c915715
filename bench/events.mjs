// What a service sends.

/** A batch as a client writes it. */
export function batchOf(events, more) {
  return JSON.stringify({
    v: 1,
    id: crypto.randomUUID(),
    instance: "i-7f3a",
    runtime: "workerd",
    release: "1.4.2",
    ...more,
    events,
  });
}

const FRAMES = [
  "at async PricedCart.total (/app/src/shop/cart.ts:118:21)",
  "at async placeOrder (/app/src/shop/checkout.ts:64:18)",
  "at async Object.post (/app/src/routes/orders.ts:31:20)",
  "at async dispatch (/app/node_modules/hono/dist/compose.js:29:17)",
  "at async cors2 (/app/node_modules/hono/dist/middleware/cors/index.js:81:5)",
  "at async dispatch (/app/node_modules/hono/dist/compose.js:29:17)",
  "at async Hono.dispatch (/app/node_modules/hono/dist/hono-base.js:175:25)",
  "at async Object.fetch (/app/src/worker.ts:22:12)",
  "at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
];

/** An error as a real service has them; each `kind` is another one. */
export function errorOf(kind, at = Date.now()) {
  const message = `no price for article ${kind} in EUR`;
  const stack = [`TypeError: ${message}`, `at priceOf${kind} (/app/src/shop/prices.ts:47:11)`, ...FRAMES].join(
    "\n    ",
  );
  return {
    kind: "error",
    severity: "error",
    at,
    title: message,
    error: { type: "TypeError", message, stack },
    extras: { article: kind, currency: "EUR", cart: { items: 3, sum: 41.9 } },
    context: { http_method: "POST", path: "/orders", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", user_id: 4711 },
  };
}

/** The first `count` of something that is made by number. */
export const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));
