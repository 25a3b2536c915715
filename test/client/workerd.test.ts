import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { openSink, type Sink } from "./sink.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const date = "2026-04-01";

/** The doors, where each of them finds Cloudflare's `waitUntil`. */
const doors = [
  { door: "./src/mod.workerd.ts", compatibilityFlags: [] },
  { door: "./src/mod.workerd.ts", compatibilityFlags: ["nodejs_compat"] },
  { door: "./src/mod.ts", compatibilityFlags: ["nodejs_compat"] },
];

/** Workers that know of `waitUntil` only what the client finds. */
const workers: Readonly<Record<string, string>> = {
  bare: `
    import { snitch } from "snitchbot";
    snitch.init("orders-api");
    export default {
      fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/stats") return Response.json(snitch.stats());
        snitch.capture(new Error("at " + pathname));
        return new Response("ok");
      },
    };`,
  early: `
    import { snitch } from "snitchbot";
    snitch.capture(new Error("at module scope"));
    export default snitch.wrap({ fetch: () => new Response("ok") });`,
  lazy: `
    export default {
      async fetch() {
        const { createSnitch } = await import("snitchbot");
        createSnitch().capture(new Error("lazy"));
        return new Response("ok");
      },
    };`,
  wrapped: `
    import { snitch } from "snitchbot";
    const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    export default snitch.wrap({
      async fetch(request, env, ctx) {
        const { pathname } = new URL(request.url);
        if (pathname === "/throw") throw new TypeError("thrown");
        if (pathname === "/detached") ctx.waitUntil(later(100).then(() => snitch.notify("detached")));
        if (pathname === "/repeat") for (let i = 0; i < 3; i++) snitch.notify("repeated"), await later(20);
        return new Response(pathname === "/stats" ? JSON.stringify(snitch.stats()) : "ok");
      },
    });`,
  room: `
    import { DurableObject } from "cloudflare:workers";
    import { snitch } from "snitchbot";
    export const Room = snitch.wrap(class extends DurableObject {
      async fetch(request) {
        await this.ctx.storage.setAlarm(Date.now() + 10);
        return new Response(request.method + " at seat " + this.ctx.id.name);
      }
      alarm() {
        if (!this.hasRung) {
          this.hasRung = true; // the runtime tries a failed alarm again
          throw new RangeError("no seat left");
        }
      }
    });
    export default {
      fetch: (request, env) => env.ROOM.get(env.ROOM.idFromName("blue")).fetch(request),
    };`,
  streaming: `
    import { snitch } from "snitchbot";
    const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    export default snitch.wrap({
      fetch() {
        const { readable, writable } = new TransformStream();
        const write = async () => {
          const writer = writable.getWriter();
          for (const word of ["slowly ", "but ", "surely"]) {
            await writer.write(new TextEncoder().encode(word));
            await later(20);
          }
          snitch.notify("the last word was " + "written");
          await writer.close();
        };
        write();
        return new Response(readable);
      },
    });`,
};

/** What a Worker has besides. */
const extras: Readonly<Record<string, object>> = { room: { durableObjects: { ROOM: "Room" } } };

let sink: Sink;
beforeAll(async () => {
  sink = await openSink();
});
afterAll(() => sink.stop());

async function bundle(source: string, door: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source.replace('"snitchbot"', `"${door}"`), resolveDir: root, loader: "ts" },
    external: ["cloudflare:workers"],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

const moduleOf = (contents: string) => [{ type: "ESModule" as const, path: "worker.mjs", contents }];

describe.each(doors)("$door in workerd with flags $compatibilityFlags", (how) => {
  const { door, compatibilityFlags } = how;
  const mark = doors.indexOf(how);
  const service = (name: string): string => `${name}-${mark}`;
  let miniflare: Miniflare;

  beforeAll(async () => {
    const started = Object.entries(workers).map(async ([name, source]) => ({
      name,
      modules: moduleOf(await bundle(source, door)),
      compatibilityDate: date,
      compatibilityFlags,
      bindings: { SNITCHBOT_URL: sink.address(service(name)) },
      unsafeDirectSockets: [{}],
      ...extras[name],
    }));
    miniflare = new Miniflare({
      workers: await Promise.all(started),
      handleRuntimeStdio: (stdout: Readable, stderr: Readable) =>
        [stdout, stderr].forEach((stream) => void stream.resume()), // it tells of `thrown`
    });
    await miniflare.ready;
  });
  afterAll(() => miniflare?.dispose());

  const call = async (name: string, path: string): Promise<string> => {
    const answer = await fetch(new URL(path, await miniflare.unsafeGetDirectURL(name)));
    return answer.text();
  };
  const titles = (name: string): string[] => sink.events(service(name)).map(({ title }) => title);
  const arrival = (name: string, title: string) => until(() => titles(name).includes(title), `${title} of ${name}`);

  it("a capture without ctx is delivered after the response, from the very first request on", async () => {
    for (const path of ["/first", "/second", "/third"]) {
      await call("bare", path);
      await arrival("bare", `Error: at ${path}`);
    }
    const stats = await until(async () => {
      const { pending, ...counts } = JSON.parse(await call("bare", "/stats"));
      return pending === 0 && counts;
    }, "the hub's answers");
    expect(stats).toMatchObject({ captured: 3, sent: 3, unprotected: 0, failed: 0 });
    expect(sink.batches(service("bare"))[0]?.runtime).toBe("Cloudflare-Workers");
  });

  it("what is captured at module scope goes with the first request", async () => {
    await call("early", "/");
    await arrival("early", "Error: at module scope");
    expect(sink.events(service("early"))[0]?.at).toBeGreaterThan(Date.UTC(2020, 0));
  });

  it("a client that is made inside the first request is protected too", async () => {
    await call("lazy", "/");
    await arrival("lazy", "Error: lazy");
  });

  it("a wrapped Worker tells what it throws, and answers as if it were not wrapped", async () => {
    expect(await call("wrapped", "/throw")).toBe("Internal Server Error");
    await arrival("wrapped", "TypeError: thrown");
    expect(sink.events(service("wrapped"))[0]?.context).toEqual({ method: "GET", path: "/throw" });
  });

  it("what is told in detached work is delivered", async () => {
    await call("wrapped", "/detached");
    await arrival("wrapped", "detached");
  });

  it("a Durable Object's alarm is told when it fails, and its fetch knows its own object", async () => {
    expect(await call("room", "/")).toBe("GET at seat blue");
    await arrival("room", "RangeError: no seat left");
    expect(sink.events(service("room"))[0]?.context).toEqual({ trigger: "alarm" });
  });

  it("a body that streams comes whole, and what is told at its end is delivered", async () => {
    expect(await call("streaming", "/")).toBe("slowly but surely");
    await arrival("streaming", "the last word was written");
  });

  it("repeats are told a second later, though the request has ended", async () => {
    await call("wrapped", "/repeat");
    const told = () => sink.events(service("wrapped")).filter(({ title }) => title === "repeated");
    await until(() => told().length === 2, "the repeats");
    expect(told().map(({ count = 1 }) => count)).toEqual([1, 2]);
  });
});

it("wrangler takes the door for Workers, and its bundle delivers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "snitchbot-bundle-"));
  try {
    const library = join(folder, "node_modules/snitchbot");
    mkdirSync(library, { recursive: true });
    symlinkSync(join(root, "src"), join(library, "src"));
    const exports = { workerd: "./src/mod.workerd.ts", default: "./nowhere.js" };
    writeFileSync(join(library, "package.json"), JSON.stringify({ name: "snitchbot", type: "module", exports }));
    writeFileSync(join(folder, "worker.ts"), workers.bare ?? "");
    const wrangler = join(createRequire(import.meta.url).resolve("wrangler/package.json"), "../bin/wrangler.js");
    const args = ["deploy", "worker.ts", "--dry-run", "--outdir", "out", "--name", "w", "--compatibility-date", date];
    const quiet = { CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: folder, XDG_CONFIG_HOME: folder };
    execFileSync(process.execPath, [wrangler, ...args], {
      cwd: folder,
      env: { ...process.env, ...quiet },
      stdio: "pipe",
    });
    const miniflare = new Miniflare({
      modules: moduleOf(readFileSync(join(folder, "out/worker.js"), "utf8")),
      compatibilityDate: date,
      bindings: { SNITCHBOT_URL: sink.address("wrangler") },
    });
    try {
      await fetch(new URL("/bundled", await miniflare.ready));
      await until(() => sink.events("wrangler").length > 0, "the event");
    } finally {
      await miniflare.dispose();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
