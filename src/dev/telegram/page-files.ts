import { readFile } from "node:fs/promises";

const folder = new URL("./page/", import.meta.url);
const types: ReadonlyMap<string, string> = new Map([
  ["html", "text/html; charset=utf-8"],
  ["css", "text/css; charset=utf-8"],
  ["js", "text/javascript; charset=utf-8"],
  ["svg", "image/svg+xml"],
  ["png", "image/png"],
  ["ico", "image/x-icon"],
  ["woff2", "font/woff2"],
]);

/** A file of the chat page, or undefined when there is none of that name. A name never leaves the page's folder. */
export async function pageFile(name: string): Promise<Response | undefined> {
  const extension = /^[\w-]+(?:\.[\w-]+)*\.(\w+)$/.exec(name)?.[1];
  const type = types.get(extension ?? "");
  if (type === undefined) return undefined;
  try {
    const body = await readFile(new URL(name, folder));
    return new Response(new Uint8Array(body), { headers: { "content-type": type, "cache-control": "no-cache" } });
  } catch {
    return undefined;
  }
}
