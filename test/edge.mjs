// Vercel's Edge Runtime around functions/vercel.ts, on PORT: what the platform does, done by hand.
import { EdgeRuntime, runServer } from "edge-runtime";
import { build } from "esbuild";

const { outputFiles } = await build({
  stdin: {
    contents: `
      import handle from "./functions/vercel.ts";
      addEventListener("fetch", (event) =>
        event.respondWith(handle(event.request, { waitUntil: (work) => event.waitUntil(work) })));
    `,
    resolveDir: process.cwd(),
  },
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  conditions: ["edge-light"],
});

const runtime = new EdgeRuntime({
  initialCode: outputFiles[0].text,
  extend: (context) => Object.assign(context, { process: { env: { ...process.env } } }),
});
const server = await runServer({ runtime, host: "127.0.0.1", port: Number(process.env.PORT) });
process.once("SIGTERM", () => server.close().then(() => process.exit(0)));
