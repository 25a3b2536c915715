import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { type Engine, engineFromEnvironment, startEngine } from "../../src/dev/upstash/engine.ts";
import { startUpstash } from "../../src/dev/upstash/front.ts";
import { RespClient } from "../../src/dev/upstash/resp.ts";
import { hasServer } from "../engines.ts";

const scratch = mkdtempSync(join(tmpdir(), "engine-test-"));
const engines: Engine[] = [];

afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  for (const file of readdirSync(scratch)) rmSync(join(scratch, file), { recursive: true });
});

async function start(kind: Parameters<typeof startEngine>[0]): Promise<Engine> {
  const engine = await startEngine(kind);
  engines.push(engine);
  return engine;
}

describe.each(["server", "embedded"] as const)("the %s engine", (kind) => {
  describe.skipIf(kind === "server" && !hasServer)("", () => {
    it("answers when it has started, and no more when it has stopped, however often", async () => {
      const engine = await start(kind);
      const client = new RespClient(engine);
      expect(engine.kind).toBe(kind);
      expect(await client.send([["PING"], ["DBSIZE"]])).toEqual(["PONG", 0]);
      client.close();
      await engine.stop();
      await engine.stop();
      await expect(client.send([["PING"]])).rejects.toThrow("ECONNREFUSED");
    });

    it("stops while somebody is still connected", async () => {
      const engine = await start(kind);
      const client = new RespClient(engine);
      await client.send([["PING"]]);
      const waiting = client.send([["BLPOP", "nothing", "0"]]);
      await Promise.all([engine.stop(), expect(waiting).rejects.toThrow("lost Redis at 127.0.0.1")]);
    });

    it("is not shared: two have their own data", async () => {
      const clients = [new RespClient(await start(kind)), new RespClient(await start(kind))];
      await clients[0]?.send([["SET", "a", "1"]]);
      expect(await clients[1]?.send([["GET", "a"]])).toEqual([null]);
      for (const client of clients) client.close();
    });
  });
});

describe("the choice of an engine", () => {
  it("auto takes a redis-server on PATH, and the embedded one without", async () => {
    expect((await start("auto")).kind).toBe(hasServer ? "server" : "embedded");
    vi.stubEnv("PATH", scratch);
    expect((await start("auto")).kind).toBe("embedded");
  });

  it("server without redis-server says what to do", async () => {
    vi.stubEnv("PATH", scratch);
    await expect(start("server")).rejects.toThrow(
      /^no redis-server on PATH: install Redis, or set SNITCHBOT_DEV_REDIS=embedded/,
    );
  });

  it("a redis-server that does not start is told with its own last words, even under auto", async () => {
    writeFileSync(join(scratch, "redis-server"), "#!/bin/sh\necho first\necho '# no memory left' >&2\nexit 1\n");
    chmodSync(join(scratch, "redis-server"), 0o755);
    vi.stubEnv("PATH", scratch);
    await expect(start("auto")).rejects.toThrow(/^redis-server did not start: # no memory left$/);
  });

  it("SNITCHBOT_DEV_REDIS forces one", async () => {
    expect(["", "server", "embedded"].map(engineFromEnvironment)).toEqual(["auto", "server", "embedded"]);
    expect(() => engineFromEnvironment("redis")).toThrow(
      'SNITCHBOT_DEV_REDIS must be server or embedded, found "redis"',
    );
    vi.stubEnv("SNITCHBOT_DEV_REDIS", "embedded");
    const upstash = await startUpstash();
    expect(upstash.engine.kind).toBe("embedded");
    await upstash.stop();
  });
});

it.skipIf(!hasServer)(
  "a redis-server ends with the process that started it, even with one that was killed",
  async () => {
    const outfile = join(scratch, "owner.mjs");
    const program = `import { startEngine } from ${JSON.stringify(join(import.meta.dirname, "../../src/dev/upstash/engine.ts"))};
    console.log((await startEngine("server")).port); setInterval(() => {}, 1000);`;
    await build({
      stdin: { contents: program, resolveDir: import.meta.dirname },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["js-redis-server"],
    });
    const owner = spawn(process.execPath, [outfile], { env: { ...process.env, TMPDIR: scratch } });
    const [port] = await once(owner.stdout, "data");
    const redis = connect(Number(port), "127.0.0.1");
    await once(redis, "connect");
    const ended = new Promise((resolve) => redis.on("error", resolve).on("close", resolve)); // a reset is an end as well
    owner.kill("SIGKILL");
    await ended;
    await vi.waitFor(() => expect(readdirSync(scratch)).toEqual(["owner.mjs"]), { interval: 5 });
  },
);
