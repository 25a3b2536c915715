/**
 * The Redis behind the stand-in: a `redis-server` process of our own, or an embedded one in this process.
 *
 * Where the embedded one (js-redis-server 0.3.0) deviates: no ECHO, no MEMORY; Lua's `error({err = …})` answers "script
 * execution failed" (`redis.error_reply` is right); script flags mean nothing; some error texts have other words.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RespClient } from "./resp.ts";

/** `auto` is a `redis-server` on PATH, else `embedded`. */
export type EngineKind = "auto" | "server" | "embedded";

/** A Redis that keeps nothing on disk and ends with {@link Engine.stop}, or with this process. */
export interface Engine {
  readonly kind: "server" | "embedded";
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

const host = "127.0.0.1";
/** How long a server may take to answer its first PING, in milliseconds. */
const patience = 10_000;

/** Starts an engine on a free port. When it cannot, it throws one line that says why and what to do. */
export async function startEngine(kind: EngineKind): Promise<Engine> {
  if (kind === "embedded") return startEmbedded();
  try {
    return await startServer();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    if (kind === "auto") return startEmbedded();
    throw new Error(
      "no redis-server on PATH: install Redis, or set SNITCHBOT_DEV_REDIS=embedded to use the one that came with npm install",
    );
  }
}

/** The kind that `SNITCHBOT_DEV_REDIS` asks for. */
export function engineFromEnvironment(asked: string | undefined = process.env.SNITCHBOT_DEV_REDIS): EngineKind {
  if (!asked) return "auto";
  if (asked === "server" || asked === "embedded") return asked;
  throw new Error(`SNITCHBOT_DEV_REDIS must be server or embedded, found ${JSON.stringify(asked)}`);
}

async function startEmbedded(): Promise<Engine> {
  const core = await import("js-redis-server/core").catch(() => {
    throw new Error(
      "the embedded Redis is missing: run npm install with dev dependencies, or put redis-server on PATH",
    );
  });
  // The profile refuses what neither redis-server 7.0 nor Upstash's documentation knows.
  const compatibility = core.resolveCompatibilityProfile("redis-7.0");
  const state = new core.RedisServerState({ databaseCount: 1, compatibility });
  const executor = core.createRedisCommandExecutor({ compatibility });
  const redis = new core.Resp2Server({ server: state, executor });
  const sockets: Socket[] = [];
  redis.server.on("connection", (socket) => {
    sockets.push(socket.setNoDelay()); // its small writes would meet delayed ACKs: 40 ms a pipeline
  });
  redis.server.listen(0, host); // its own listen() binds every interface
  await once(redis.server, "listening");
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    stopped ??= redis.close();
    return stopped;
  };
  return { kind: "embedded", host, port: redis.getPort(), stop };
}

async function startServer(): Promise<Engine> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(await freePort());
    } catch (error) {
      // Somebody else may take the port between our look and the server's bind.
      if (attempt === 3 || !/in use/i.test((error as Error).message)) throw error;
    }
  }
}

async function launch(port: number): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), "snitchbot-redis-"));
  // The guard's second read waits for the end of our pipe: whatever ends this process, kill -9 included, ends the server
  // too. Both are detached, because Ctrl-C in a terminal should reach us first.
  const guard = spawn("/bin/sh", ["-c", 'read pid; read end; kill -9 $pid; /bin/rm -rf "$0"', directory], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const swept = once(guard, "exit");
  const options = `--bind ${host} --port ${port} --appendonly no --loglevel warning --save`.split(" ");
  const server = spawn("redis-server", [...options, ""], { cwd: directory, detached: true });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await Promise.all([swept, ended]);
  };
  try {
    await once(server, "spawn");
    guard.stdin.write(`${server.pid}\n`);
    await firstAnswer(server, port);
    return { kind: "server", host, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves when the server answers PING; throws its own last words when it ends before. */
async function firstAnswer(server: ChildProcess, port: number): Promise<void> {
  let output = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let deadline = Date.now() + patience;
  server.once("close", () => {
    deadline = 0;
  });
  const client = new RespClient({ host, port });
  while (Date.now() < deadline) {
    const answered = await client.send([["PING"]]).catch(() => undefined);
    client.close();
    if (answered) return;
    await delay(5);
  }
  throw new Error(`redis-server did not start: ${output.trim().split("\n").at(-1) || "it said nothing"}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
