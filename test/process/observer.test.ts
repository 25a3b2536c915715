import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, type Program, startProgram } from "../../src/dev/process.ts";
import { fingerprintOf } from "../../src/hub/fingerprint.ts";
import { readBatch } from "../../src/hub/schema.ts";
import { parseStack } from "../../src/hub/stack.ts";
import { openSink, type Sink } from "../client/sink.ts";
import { until } from "../until.ts";

const bin = (name: string): string => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
const source = fileURLToPath(new URL("observer-program.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "observer-"));

const bundle = (name: string, more: BuildOptions): Promise<unknown> =>
  build({ entryPoints: [source], bundle: true, platform: "node", format: "esm", outfile: join(folder, name), ...more });

/** How each runtime is told to run the program. */
const runtimes = {
  node: [process.execPath, join(folder, "program.mjs")],
  "node, from a minified bundle": [process.execPath, join(folder, "small.mjs")],
  "node, from a bundle for 2016": [process.execPath, join(folder, "old.mjs")],
  "node, debugged": [process.execPath, "--inspect=127.0.0.1:0", join(folder, "program.mjs")],
  deno: [
    bin("deno"),
    "run",
    "--quiet",
    "--no-check",
    "--no-prompt",
    "--allow-net",
    "--allow-env",
    "--allow-read",
    source,
  ],
  bun: [bin("bun"), "run", source],
} as const;
type Runtime = keyof typeof runtimes;

let sink: Sink;
let silent: Server; // takes what is sent, and never answers
let overloaded: Server; // takes nothing
let gone: string; // where nobody listens

beforeAll(async () => {
  sink = await openSink();
  silent = await listen(() => {});
  overloaded = await listen(async (request, response) => {
    const { id } = JSON.parse(await text(request));
    if (id) refused.set(id, (refused.get(id) ?? 0) + 1);
    response.writeHead(503).end("{}");
  });
  gone = `http://127.0.0.1:${await freePort()}/`;
  await bundle("program.mjs", {});
  await bundle("small.mjs", { minify: true, keepNames: true });
  await bundle("old.mjs", { target: "es2016" });
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  for (const server of [silent, overloaded]) {
    server.closeAllConnections();
    server.close();
  }
  await sink.stop();
});

async function listen(handle: RequestListener): Promise<Server> {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

type Watch = (program: Program, service: string) => unknown;

/** What an overloaded hub was told, and how often. */
const refused = new Map<string, number>();
const isTriedAgain = (): boolean => [...refused.values()].some((count) => count > 1);

let scenes = 0;

/** Plays a scene, with a hub of its own; `watch` may look at it while it runs, and let what blocks go on. */
async function play(runtime: Runtime, scene: string, watch?: Watch, hub?: string) {
  const service = `scene-${++scenes}`;
  const [command, ...args] = runtimes[runtime];
  const env = { HUB: hub ?? sink.address(service), SILENT: addressOf(silent), GONE: gone };
  const program = await startProgram({ command, args: [...args, scene, join(folder, service)], env });
  try {
    await watch?.(program, service);
    const end = watch ? undefined : await program.ended;
    return { end, output: program.output(), batches: sink.batches(service), events: sink.events(service) };
  } finally {
    await program.stop("SIGKILL");
  }
}

/** Waits until so many events are told, lets what blocks go on, and waits for the rest. */
function release(whileBlocked: number, inAll: number) {
  return async ({ output }: Program, service: string): Promise<void> => {
    const told = (count: number) => () => {
      expect(output()).toBe("");
      return sink.events(service).length >= count;
    };
    await until(told(whileBlocked), "what is told while it is blocked");
    writeFileSync(join(folder, service), "");
    await until(told(inAll), "what is told afterwards");
  };
}

const still = { title: "still here" };

describe.concurrent("a blocked event loop", () => {
  it.each<[Runtime, string | undefined]>([
    ["node", "guilty"],
    ["node, from a minified bundle", "guilty"],
    ["deno", undefined],
    ["bun", undefined],
  ])("is told while it is blocked, and when it is over: %s", async (runtime, name) => {
    const { events } = await play(runtime, "blocked", release(2, 3));
    const [first, second, last] = events.map(({ kind, severity, watchdog }) => ({ kind, severity, ...watchdog }));
    expect(first).toMatchObject({
      kind: "watchdog",
      severity: "warning",
      thresholdMs: 300,
      label: "GET /s/orders-api.[REDACTED]",
    });
    expect(second).toEqual({ ...first, severity: "error", ms: expect.any(Number), thresholdMs: 600 });
    expect(last).toEqual({ ...second, ms: expect.any(Number) });
    expect(events[0]?.title).toBe(`Event loop blocked for ${first?.ms} ms (threshold 300 ms)`);
    expect(parseStack(first?.stack ?? "")[0]?.function).toBe(name);
    expect(new Set(events.map((event) => fingerprintOf("orders-api", event))).size).toBe(1);
  });

  it("has no label beyond the first thousand", async () => {
    const { events } = await play("bun", "crowded", release(1, 1));
    expect(events[0]?.watchdog).not.toHaveProperty("label");
  });

  it("is told with what the options say by then", async () => {
    const { batches } = await play("bun", "crowded", release(1, 1));
    expect(batches.at(-1)).toMatchObject({ v: 1, id: expect.stringMatching(/^[\w-]{36}$/), instance: "anew" });
    expect(readBatch(batches.at(-1))).toMatchObject({ refused: [] });
  });

  it("is nothing to tell where nobody watches", async () => {
    expect((await play("bun", "unwatched")).events).toEqual([still]);
  });

  it("is told again, as the same batch, when the hub did not take it", async () => {
    await play("node", "blocked", () => until(isTriedAgain, "another try"), addressOf(overloaded));
  });

  it("names nobody else while it is in a native call", async () => {
    const { events } = await play("node", "native");
    expect(events.length).toBeGreaterThan(1);
    for (const { watchdog } of events) expect(watchdog ?? {}).not.toHaveProperty("stack");
  });

  it("says so when it is in a native call", async () => {
    const { events } = await play("node", "child");
    const labels = events.map(({ watchdog }) => watchdog?.label);
    expect(labels).toEqual(["native call", "native call", "native call", undefined]);
  });

  it.each<Runtime>(["node", "deno", "bun"])("is no process that was stopped for a while: %s", async (runtime) => {
    const { events } = await play(runtime, "stopped", async ({ pid, output }, service) => {
      await until(() => output().includes("ready"), "the program");
      process.kill(-pid, "SIGSTOP");
      const since = performance.now();
      await until(() => performance.now() - since > 800, "a while");
      process.kill(-pid, "SIGCONT");
      await until(() => sink.events(service).length > 0, "what is told afterwards");
    });
    expect(events).toEqual([still]);
  });

  it.each([330, 360, 390])("does not keep a process that ends: after %d ms", async (ms) => {
    const { end, output } = await play("node", `busy and gone for ${ms}`);
    expect([end, output]).toEqual([7, ""]);
  });

  it("is nothing to tell while somebody debugs", async () => {
    expect((await play("node, debugged", "debugged")).events).toEqual([still]);
  });
});

it("what the hub did not take of a stall goes with the last words", async () => {
  refused.clear();
  const exit: Watch = async ({ ended }, service) => {
    await until(() => refused.size > 0, "what is told while it is blocked");
    writeFileSync(join(folder, service), "");
    await ended;
  };
  await play("node", "exits", exit, addressOf(overloaded));
  expect(isTriedAgain()).toBe(true);
});

describe.concurrent.each<Runtime>(["node", "deno", "bun"])("on %s", (runtime) => {
  it("last words arrive, and the process ends as it would", async () => {
    const { end, output, events } = await play(runtime, "lastBreath");
    expect([end, output, events.length]).toEqual([7, "true\n", 2]);
  });

  it("last words do not wait for a hub that is silent or gone, and are no stall", async () => {
    const { end, output, events } = await play(runtime, "waiting");
    expect([end, output, events]).toEqual([0, "false false\n", [still]]);
  });

  it("it sends like fetch, and does not keep the process alive", async () => {
    const { end, output } = await play(runtime, "fetch");
    expect([end, JSON.parse(output)]).toEqual([
      0,
      {
        status: [202, true, null, { accepted: 1, verdicts: ["admitted"], control: {} }],
        failures: ["TypeError", "AbortError", "AbortError"],
        labels: ["", "a", "b", ""],
      },
    ]);
  });

  it("all goes on without it once it was stopped", async () => {
    const { end, output } = await play(runtime, "stop");
    expect([end, output]).toEqual([0, "202 202 false\n"]);
  });
});

it("all goes on without it where a bundler made use of helpers that the thread has not", async () => {
  const { end, output } = await play("node, from a bundle for 2016", "stop");
  expect([end, output]).toEqual([0, "202 202 false\n"]);
});

it("all goes on without it when its thread ends", async () => {
  const { end, output } = await play("node", "thread ends");
  expect([end, output]).toEqual([0, "202 202 false\n"]);
});
