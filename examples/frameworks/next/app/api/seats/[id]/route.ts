/**
 * A Next.js route handler. Wrapped, all that it tells carries its request, and an answer of 500 or more is told as well.
 *
 *     npx next dev
 *     curl localhost:3000/api/seats/12F --cookie 'seat="11C"'
 */
import { snitch } from "snitchbot";
import { snitchRoute } from "snitchbot/next";

const rows = new Map([["12", { exit: true, seats: "ABCDE" }]]);

export const GET = snitchRoute(snitch, async (_: Request, { params }: { params: Promise<{ id: string }> }) => {
  const { id } = await params;
  const [, row = "", seat = ""] = /^(\d+)([A-Z])$/.exec(id) ?? [];
  const found = rows.get(row);
  if (!found) return Response.json({ error: "no such row" }, { status: 404 });
  const place = found.seats.indexOf(seat);
  if (place < 0) throw new RangeError(`row ${row} of this aircraft has no seat ${seat}`);
  return Response.json({ exit: found.exit, place: place === 0 ? "window" : "aisle" });
});
