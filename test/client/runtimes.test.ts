import { fileURLToPath } from "node:url";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startProgram } from "../../src/dev/process.ts";
import { openSink, type Sink } from "./sink.ts";

const bin = (name: string): string => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
const program = fileURLToPath(new URL("program.ts", import.meta.url));
const permissions = ["run", "--quiet", "--no-check", "--allow-net", "--allow-env=SNITCHBOT_URL,SNITCHBOT_DISABLED"];

let sink: Sink;
beforeAll(async () => {
  sink = await openSink();
});
afterAll(() => sink.stop());

it.each([
  ["deno", [...permissions, program], /^Deno\/\d/],
  ["bun", ["run", program], /^Bun\/\d/],
])("%s tells, inherits context and flushes", async (name, args, runtime) => {
  const env = { SNITCHBOT_URL: sink.address(name) };
  const { ended, output, stop } = await startProgram({ command: bin(name), args, env });
  try {
    expect([await ended, output()]).toEqual([0, expect.stringContaining('"pending":0')]);
  } finally {
    await stop();
  }
  expect(sink.batches(name)[0]?.runtime).toMatch(runtime);
  expect(sink.events(name)).toMatchObject([
    {
      title: "TypeError: no such order",
      context: { traceId: "t-1" },
      error: { stack: expect.stringContaining("program.ts") },
    },
    { title: "Large checkout", count: 2, extras: { total: 900 } },
  ]);
});

it("Deno without permission to read the environment goes on", async () => {
  const args = ["run", "--quiet", "--no-check", "--no-prompt", program];
  const { ended, output, stop } = await startProgram({ command: bin("deno"), args });
  try {
    expect([await ended, output()]).toEqual([0, expect.stringContaining("set SNITCHBOT_URL")]);
  } finally {
    await stop();
  }
});

it("Vercel's edge runtime tells, protected by its request context", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { snitch } from "./src/mod.ts";
        const works = [];
        globalThis[Symbol.for("@vercel/request-context")] = { get: () => ({ waitUntil: (work) => works.push(work) }) };
        addEventListener("fetch", (event) => {
          snitch.capture(new Error("at the edge"));
          event.respondWith(Promise.all(works).then(() => Response.json(snitch.stats())));
        });`,
      resolveDir: fileURLToPath(new URL("../../", import.meta.url)),
    },
    bundle: true,
    write: false,
    format: "iife",
    conditions: ["edge-light"],
  });
  const env = { SNITCHBOT_URL: sink.address("edge") };
  const runtime = new EdgeRuntime({
    initialCode: outputFiles[0]?.text ?? "",
    extend: (context) => Object.assign(context, { process: { env } }),
  });
  const answer = await runtime.dispatchFetch("https://shop.test/");
  expect(await answer.json()).toMatchObject({ captured: 1, sent: 1, unprotected: 0 });
  expect(sink.batches("edge")[0]?.runtime).toBe("edge-runtime");
});
