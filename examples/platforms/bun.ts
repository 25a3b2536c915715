/**
 * A guest book on Bun and its SQLite: what Bun serves, wrapped as a whole.
 *
 *     bun examples/platforms/bun.ts
 *     curl "localhost:3000/?since=2026-01-01"
 */
import { Database } from "bun:sqlite";
import { snitch } from "snitchbot";

const book = new Database(":memory:");
book.run("create table entries (guest text, words text)");
book.run("insert into entries values ('Ada', 'Charming rooms, a little noisy.')");

export default snitch.wrap({
  port: process.env.PORT ?? 3000,

  fetch(request: Request): Response {
    const since = new URL(request.url).searchParams.get("since");
    // The migration that adds the column was never run here.
    const entries = since
      ? book.query("select * from entries where written >= ?").all(since)
      : book.query("select * from entries").all();
    return Response.json(entries);
  },
});
