// How much a Worker grows that captures one exception: minified and gzipped, beside what others cost.
//   node bench/size.mjs              ours measured, the others as references
//   npm install --prefix bench       and then the others are measured too
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle } from "./clients/bundle.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

const capture = (start, expression) => `${start}
export default {
  fetch(request, env, context) {
    try {
      return handle(request);
    } catch (error) {
      ${expression};
      return new Response("failed", { status: 500 });
    }
  },
};`;

/** What a Worker writes to capture one exception; the references were measured in the same way. */
const clients = {
  "no client": { source: capture("", "void error") },
  "snitchbot, capture alone": { source: capture(`import { capture } from "../src/mod.workerd.ts";`, "capture(error)") },
  "snitchbot, all of snitch": {
    source: capture(`import { snitch } from "../src/mod.workerd.ts";`, "snitch.capture(error)"),
  },
  "toucan-js 4.1.1": {
    source: capture(
      `import { Toucan } from "toucan-js";`,
      "new Toucan({ dsn: env.DSN, context, request }).captureException(error)",
    ),
    reference: { min: 55_103, gzip: 18_807 },
  },
  "@sentry/cloudflare 11.0.0": {
    source: `import { captureException, withSentry } from "@sentry/cloudflare";
${capture("", "captureException(error)").replace("export default {", "export default withSentry((env) => ({ dsn: env.DSN }), {").replace(/};$/, "});")}`,
    reference: { min: 161_418, gzip: 54_042 },
  },
};

/** Bytes of a Worker's bundle, or `undefined` when what it needs is not installed. */
export async function sizeOf(source) {
  const bytes = await bundle(source);
  return bytes && { min: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

/** Each client's size; `isReference` when it was measured elsewhere. */
export async function sizes() {
  const found = Object.entries(clients).map(async ([client, { source, reference }]) => {
    const size = (await sizeOf(source)) ?? reference;
    return { client, ...size, isReference: size === reference };
  });
  return Promise.all(found);
}

if (process.argv[1]?.startsWith(here)) {
  console.log(`${"a Worker that captures one exception".padEnd(38)}${"min".padStart(10)}${"gzip".padStart(10)}`);
  for (const { client, min, gzip, isReference } of await sizes()) {
    const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(10);
    console.log(`${client.padEnd(38)}${kilobytes(min)}${kilobytes(gzip)}${isReference ? "  reference" : ""}`);
  }
}
