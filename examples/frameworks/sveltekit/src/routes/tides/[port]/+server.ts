/**
 * An endpoint of SvelteKit. It knows nothing of snitchbot: the hooks tell what it throws.
 *
 *     npx vite dev --port 3000
 *     curl localhost:3000/tides/rotterdam
 */
const tables = new Map([
  ["brest", '{"high":"05:12","low":"11:24"}'],
  ["rotterdam", '{"high":"08:40","low":'], // the download broke off
]);

export function GET({ params }: { params: { port: string } }): Response {
  const table = tables.get(params.port);
  return table ? Response.json(JSON.parse(table)) : new Response("No tide comes there.", { status: 404 });
}
