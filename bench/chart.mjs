// What a chart computes: CPU of a workerd that draws an hour of four metrics, 720 samples each.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { freePort, startProgram } from "../dist/src/dev/process.js";
import { cpuOf } from "./stand.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Isolates that are asked for their first pictures, and requests to one that is warm. */
const ISOLATES = 9;
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

/** Milliseconds of CPU for a request, the mean of many: of the thread that answers, and of all with those that compile. */
async function each({ pid, url }, path, requests) {
  const began = [threadOf(pid), cpuOf(pid)];
  for (let i = 0; i < requests; i++) await (await fetch(url + path)).arrayBuffer();
  return { thread: (threadOf(pid) - began[0]) / requests, all: (cpuOf(pid) - began[1]) / requests };
}

/** A Worker runs on the first thread of its workerd. */
const threadOf = (pid) => Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8"), 10) / 1e6;

/** Of what several isolates took for the same. */
const median = (results) => results.toSorted((a, b) => a.thread - b.thread)[results.length >> 1];

/** What an isolate takes for its first pictures. */
async function cold(code) {
  const workerd = await startWorkerd(code);
  await each(workerd, "/", 5);
  const first = await each(workerd, "/picture", 1);
  const second = await each(workerd, "/picture", 1);
  await workerd.stop();
  return { first, second };
}

/** What it takes when all is compiled. */
async function warm(code) {
  const workerd = await startWorkerd(code);
  await each(workerd, "/picture", PICTURES);
  const picture = await each(workerd, "/picture", PICTURES);
  await each(workerd, "/text", PICTURES);
  const text = await each(workerd, "/text", PICTURES);
  const nothing = await each(workerd, "/", PICTURES);
  await workerd.stop();
  return { picture, text, nothing };
}

async function measure() {
  const code = await bundled();
  const isolates = [];
  for (let i = 0; i < ISOLATES; i++) isolates.push(await cold(code));
  const { picture, text, nothing } = await warm(code);
  return {
    "the first picture of an isolate": median(isolates.map(({ first }) => first)),
    "its second": median(isolates.map(({ second }) => second)),
    "a picture, warm": picture,
    "its text, warm": text,
    "an answer without a chart": nothing,
  };
}

/** Milliseconds of CPU, by what was asked for. */
export const chart = await measure();
console.log(
  "\nWhat a chart computes: ms of CPU in workerd for an hour of four metrics; the free plan of Workers has 10 ms\n",
);
const rounded = (ms) => Number(ms.toFixed(1));
console.table(
  Object.entries(chart).map(([what, { thread, all }]) => ({
    what,
    "the Worker's thread": rounded(thread),
    "with compilers": rounded(all),
  })),
);
