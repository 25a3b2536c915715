import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSink, type Sink } from "../client/sink.ts";
import { RUNTIMES, run } from "./crash/run.ts";

/** On a very busy machine, 1.5 s may be too short to start the observer and to tell something. */
const BUSY = { retry: 2 };

let sink: Sink;
beforeAll(async () => {
  sink = await openSink();
});
afterAll(() => sink.stop());

let services = 0;
/** A service that nobody else uses. */
function service(): { readonly hub: string; told(): string[]; roles(): unknown[] } {
  const name = `manners-${++services}`;
  return {
    hub: sink.address(name),
    /** In no order: batches that are sent at the same time arrive in any. */
    told: () =>
      sink
        .events(name)
        .map(({ kind, severity, lifecycle }) => lifecycle?.reason ?? `${kind} ${severity}`)
        .sort(),
    roles: () => [...new Set(sink.batches(name).map(({ role }) => role))].sort(),
  };
}

describe.concurrent("several in one process", BUSY, () => {
  it.each(RUNTIMES)("two clients tell, and the process dies once: %s", async (runtime) => {
    const { hub, told } = service();
    expect(await run({ runtime, program: ["several.mjs"], hub })).toEqual({ end: "SIGTERM", stdout: "", stderr: "" });
    expect(told()).toEqual(["sigterm", "sigterm", "start", "start"]);
  });

  it("two copies of the package tell, and the process dies once", async () => {
    const directory = mkdtempSync(join(tmpdir(), "snitchbot-copy-"));
    try {
      cpSync("dist", directory, { recursive: true });
      cpSync("package.json", join(directory, "package.json"));
      const copy = pathToFileURL(join(directory, "src/mod.process.js")).href;
      const { hub, told } = service();
      const { end, stdout } = await run({ runtime: "Node", program: ["several.mjs", copy], hub });
      expect([end, stdout, ...told()]).toEqual(["SIGTERM", "", "sigterm", "sigterm", "start", "start"]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe.concurrent("a thread that has snitchbot itself", BUSY, () => {
  it("tells its own crash where the main thread has none", async () => {
    const { hub, told, roles } = service();
    const { end, stdout } = await run({ runtime: "Node", program: ["thread.mjs"], hub });
    expect([end, stdout]).toEqual([0, "survived in a thread\n"]);
    expect(told()).toEqual(["crash critical", "error error"]);
    expect(roles()).toEqual(["thread"]);
  });

  it("leaves it to the main thread where that has it, too", async () => {
    const { hub, told } = service();
    const { end, stdout } = await run({ runtime: "Node", program: ["thread.mjs", "watched"], hub });
    expect([end, stdout]).toEqual([0, "survived in a thread\n"]);
    expect(told()).toEqual(["clean_exit", "crash error", "error error", "start"]);
  });
});

describe.concurrent("options", BUSY, () => {
  it.each(RUNTIMES)("turn off all there is, and then nobody waits for anything: %s", async (runtime) => {
    const { hub, told } = service();
    const program = ["options.mjs", '{"crashes":false,"lifecycle":false}'] as const;
    expect(await run({ runtime, program, hub })).toMatchObject({ end: 1 });
    expect(told()).toEqual([]);
  });

  it("of a second begin only change what is told", async () => {
    const { hub, told } = service();
    await run({ runtime: "Node", program: ["options.mjs", "{}", '{"crashes":false}'], hub });
    expect(told()).toEqual(["crash", "start"]);
  });
});

describe.concurrent("what a runtime was told to make of rejections stays so", BUSY, () => {
  it.each([
    ["Node", "warn", 0],
    ["Node", "none", 0],
    ["Node", "warn-with-error-code", 1],
    ["Bun", "none", 0],
    ["Bun", "warn", 0],
    ["Bun", "strict", 1],
  ] as const)("%s: %s", async (runtime, mode, end) => {
    const flags = [`--unhandled-rejections=${mode}`];
    const [without, ending] = await Promise.all([
      run({ runtime, flags, program: ["options.mjs"] }),
      run({ runtime, flags, program: ["options.mjs", "{}"], hub: service().hub }),
    ]);
    expect(masked(ending)).toEqual(masked(without));
    expect(ending.end).toBe(end);
  });

  /** Node's warnings name the process. */
  function masked<T extends { readonly stderr: string }>(ending: T): T {
    return { ...ending, stderr: ending.stderr.replace(/\(node:\d+\)/g, "(node)") };
  }
});

it("a second signal does not wait for the hub", async () => {
  let pid = 0;
  const silent = createServer(() => process.kill(pid, "SIGTERM")).listen(0, "127.0.0.1");
  await once(silent, "listening");
  try {
    const hub = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/s/x.y`;
    const onStart = (started: number): void => {
      pid = started;
    };
    expect(await run({ runtime: "Node", program: ["several.mjs"], hub, onStart })).toMatchObject({ end: "SIGTERM" });
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});

describe.concurrent("a process of several says which", BUSY, () => {
  it.each([
    ["Node", "a worker of PM2", "it ends by itself", { pm_id: "3" }, ["worker"]],
    ["Node", "cluster", "an error in a `node:cluster` worker", {}, ["primary", "worker"]],
    ["Bun", "cluster", "an error in a `node:cluster` worker", {}, ["primary", "worker"]],
    ["Node", "the only one says nothing", "it ends by itself", {}, [undefined]],
    ["Deno", "the only one says nothing", "it ends by itself", {}, [undefined]],
    ["Bun", "the only one says nothing", "it ends by itself", {}, [undefined]],
  ] as const)("%s: %s", async (runtime, _, name, env, expected) => {
    const { hub, roles } = service();
    await run({ runtime, program: ["program.mjs", name], hub, env });
    expect(roles()).toEqual(expected);
  });
});
