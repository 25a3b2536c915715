// A Worker as it is deployed: one file, minified.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const resolveDir = fileURLToPath(new URL("..", import.meta.url));

/** The bytes, or `undefined` when what it needs is not installed. Imports are seen from bench/. */
export async function bundle(source) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker"],
    external: ["node:*", "cloudflare:*"],
    legalComments: "none",
    logLevel: "silent",
    write: false,
  }).catch(() => ({ outputFiles: [] }));
  return outputFiles[0]?.contents;
}
