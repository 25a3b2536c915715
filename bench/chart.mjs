// What a chart computes: CPU of a workerd that draws an hour of four metrics, 720 samples each, and the size of its bundle.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { freePort, startProgram } from "../dist/src/dev/process.js";
import { cpuOf } from "./stand.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Isolates that are asked for their first picture, and pictures that the last of them then draws. */
const ISOLATES = 5;
const PICTURES = 200;

/** A Worker that draws, says its text, or does nothing at all. */
const worker = `
import { chartPicture } from "../src/hub/chart/picture.ts";
import { chartText } from "../src/hub/chart/text.ts";
import { sample } from "./chart/sample.mjs";
export default {
  async fetch({ url }) {
    const { pathname } = new URL(url);
    if (pathname === "/picture") return new Response(await chartPicture(sample));
    return new Response(pathname === "/text" ? chartText(sample) : "nothing");
  },
};`;

async function bundled() {
  const stdin = { contents: worker, resolveDir: here, loader: "ts" };
  const { outputFiles } = await build({ stdin, bundle: true, format: "esm", target: "es2022", write: false });
  return outputFiles[0].text;
}

/** One workerd and nothing beside it: wrangler's own work would be measured, too. */
async function startWorkerd(code) {
  const folder = mkdtempSync(join(tmpdir(), "snitchbot-chart-"));
  const port = await freePort();
  writeFileSync(join(folder, "worker.js"), code);
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "chart", worker = (
    modules = [(name = "worker", esModule = embed "worker.js")],
    compatibilityDate = "2026-04-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "chart")],
);`,
  );
  const command = createRequire(import.meta.url).resolve("workerd/bin/workerd");
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram({ command, args: ["serve", join(folder, "config.capnp")], ready: url });
  const stop = async () => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { pid: program.pid, url, stop };
}

/** Milliseconds of CPU for one request, the mean of many. */
async function each({ pid, url }, path, requests) {
  const began = cpuOf(pid);
  for (let i = 0; i < requests; i++) await (await fetch(url + path)).arrayBuffer();
  return (cpuOf(pid) - began) / requests;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function measure() {
  const code = await bundled();
  const first = [];
  for (let i = 1; ; i++) {
    const workerd = await startWorkerd(code);
    await each(workerd, "/", 5);
    first.push(await each(workerd, "/picture", 1));
    if (i === ISOLATES) return finish(workerd, median(first)).finally(workerd.stop);
    await workerd.stop();
  }
}

async function finish(workerd, first) {
  const [second, third] = [await each(workerd, "/picture", 1), await each(workerd, "/picture", 8)];
  await each(workerd, "/picture", PICTURES / 2);
  return {
    "the first picture of an isolate": first,
    "its second": second,
    "its next eight": third,
    "a picture, warm": await each(workerd, "/picture", PICTURES),
    "its text": await each(workerd, "/text", PICTURES),
    "an answer without a chart": await each(workerd, "/", PICTURES),
  };
}

/** Milliseconds of CPU, by what was asked for. */
export const chart = await measure();
console.log(
  "\nWhat a chart computes: ms of CPU in workerd for an hour of four metrics; the free plan of Workers has 10 ms\n",
);
console.table(Object.entries(chart).map(([what, ms]) => ({ what, ms: Number(ms.toFixed(1)) })));
