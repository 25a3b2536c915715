/**
 * A cinema with Elysia on Bun. What `onError` answers with less than 500 is no fault, and is not told.
 *
 *     bun examples/frameworks/elysia.ts
 *     curl localhost:3000/films/metropolis/rows/27
 */
import { Elysia } from "elysia";
import { snitch } from "snitchbot";
import { snitchbot } from "snitchbot/elysia";

class SoldOut extends Error {}

/** Free seats, row by row. */
const halls = new Map([["metropolis", [4, 0, 12]]]);

function freeSeats(film: string, row: number): number {
  const free = halls.get(film)?.[row - 1];
  if (free === undefined) throw new RangeError(`${film} has no row ${row}`);
  if (free === 0) throw new SoldOut();
  return free;
}

new Elysia()
  .use(snitchbot(snitch)) // before the routes
  .onError(({ error, status }) => (error instanceof SoldOut ? status(409, "Sold out.") : undefined))
  .get("/films/:film/rows/:row", ({ params }) => `${freeSeats(params.film, Number(params.row))} seats are free.`)
  .listen(process.env.PORT ?? 3000);
