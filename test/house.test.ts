import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { VERSION } from "../src/version.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const files = ["src", "functions"].flatMap((room) =>
  (readdirSync(join(root, room), { recursive: true }) as string[])
    .map((path) => join(room, path))
    .filter((path) => path.endsWith(".ts")),
);

/** What a file imports: packages by name, our own files by their path from the root. */
function importsOf(file: string): string[] {
  const code = read(file).replace(/\/\*[\s\S]*?\*\//g, "");
  const names = code.matchAll(
    /^(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/gm,
  );
  return [...names]
    .map(([, a, b]) => a ?? b ?? "")
    .map((name) => (name.startsWith(".") ? join(dirname(file), name) : name));
}

const leaf = String.raw`src/(event|scrub|duration|version)\.ts`;
const words = String.raw`src/hub/(alert|monitor|mute|survey|health|stack|fingerprint|severity|vitals)\.ts`;

/** Each room, and all that its files may import. The first room that matches a file counts. */
const rooms: readonly (readonly [room: string, ...allowed: string[]])[] = [
  [leaf],
  ["src/client/", "src/client/", leaf],
  [String.raw`src/mod\.ts`, "src/client/", leaf],
  [String.raw`src/mod\.workerd\.ts`, String.raw`src/mod\.ts`, "src/client/", leaf, "cloudflare:workers$"],
  [String.raw`src/mod\.process\.ts`, String.raw`src/mod\.ts`, "src/process/", "src/client/", leaf],
  ["src/process/", "src/process/", "src/client/", leaf, "node:"],
  ["src/integrations/", "src/integrations/", "src/client/", leaf],
  [words, words, leaf],
  ["src/hub/store/", "src/hub/store/", words, leaf, "@upstash/", "zod$"],
  ["src/hub/telegram/render/", "src/hub/telegram/render/", words, leaf],
  [
    "src/hub/telegram/commands/",
    "src/hub/telegram/commands/",
    "src/hub/telegram/render/",
    "src/hub/chart/",
    "src/hub/store/store.ts",
    "src/hub/quiet.ts",
    words,
    leaf,
  ],
  ["src/hub/telegram/", "src/hub/telegram/", words, leaf, "grammy/", "zod$"],
  ["src/hub/chart/", "src/hub/chart/", "src/hub/telegram/render/units.ts", words, leaf],
  ["src/hub/", "src/hub/", leaf, "hono", "zod$", "croner$"],
  [
    "src/dev/",
    "src/dev/",
    "src/hub/(keys|polling|telegram/setup).ts",
    leaf,
    "node:",
    "zod$",
    "hono",
    "@hono/",
    "js-redis-server",
    "@grammyjs/types",
    "grammy/",
  ],
  [String.raw`src/cli\.ts`, "src/dev/", "src/hub/(keys|badge|telegram/setup).ts", leaf, "node:"],
  ["functions/node", "functions/resident", "@hono/node-server", "node:"],
  ["functions/", "functions/resident", "src/hub/hub.ts", "node:"],
];

test.each(files)("%s imports only what its room may", (file) => {
  const [, ...allowed] = rooms.find(([room]) => new RegExp(`^${room}`).test(file)) ?? ["nowhere"];
  const strangers = importsOf(file).filter((name) => !allowed.some((it) => new RegExp(`^${it}`).test(name)));
  expect(strangers).toEqual([]);
});

test("every import is found, so that the rule above sees all of them", () => {
  expect(importsOf("src/hub/hub.ts")).toEqual(expect.arrayContaining(["hono", "src/hub/door.ts", "src/version.ts"]));
});

test("Deno gets the versions that Node gets", () => {
  const { dependencies, version } = JSON.parse(read("package.json"));
  const deno = JSON.parse(read("deno.json"));
  expect(deno.version).toBe(version);
  for (const [name, specifier] of Object.entries<string>(deno.imports)) {
    const [, found, pinned] = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(specifier) ?? [];
    expect(name.startsWith(found ?? "?")).toBe(true);
    expect(pinned).toBe(dependencies[found ?? ""]);
  }
});

test("the version is told once", () => {
  expect(VERSION).toBe(JSON.parse(read("package.json")).version);
});

test("every dependency is pinned", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  for (const version of Object.values({ ...dependencies, ...devDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("the lock file names no registry", () => {
  expect(read("package-lock.json")).not.toContain('"resolved": "http');
});
