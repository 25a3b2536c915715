/**
 * A price tag as a Vercel Edge Function: put it into `api/price.ts` of a project of yours. What it throws is told after
 * the response, within the request context that Vercel keeps.
 *
 *     npx vercel dev --listen 3000
 *     curl "localhost:3000/api/price?euros=24&currency=Franken"
 */
import { snitch } from "snitchbot";

export const config = { runtime: "edge" };

export default snitch.wrap((request: Request) => {
  const { searchParams } = new URL(request.url);
  const language = request.headers.get("accept-language")?.split(",")[0] ?? "en";
  const currency = searchParams.get("currency") ?? "EUR"; // whatever visitors take for the code of theirs
  const price = new Intl.NumberFormat(language, { style: "currency", currency });
  return new Response(price.format(Number(searchParams.get("euros"))));
});
