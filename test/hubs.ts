/** The same hub on every platform it is made for, each in a process of its own. */
import { fileURLToPath } from "node:url";
import { freePort, type ProgramOptions, startProgram } from "../src/dev/process.ts";
import type { Telegram } from "../src/dev/telegram/server.ts";
import type { Upstash } from "../src/dev/upstash/front.ts";
import { startWorker } from "../src/dev/worker.ts";

export const platforms = ["node", "deno", "bun", "workerd", "edge-runtime"] as const;
export type Platform = (typeof platforms)[number];

export interface RunningHub {
  readonly url: string;
  output(): string;
  stop(): Promise<void>;
}

const bin = (name: string): string => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));
const cwd = fileURLToPath(new URL("..", import.meta.url));

/** The environment of a hub that runs between the stand-ins. */
export function environment(secret: string, upstash: Upstash, telegram: Telegram): Record<string, string> {
  return {
    SNITCHBOT_SECRET: secret,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_CHAT_ID: String(telegram.api.alerts),
    TELEGRAM_API_ROOT: telegram.url,
  };
}

/** How a hub is started where it is a program of its own. */
export const commands: Readonly<Record<Exclude<Platform, "workerd">, Pick<ProgramOptions, "command" | "args">>> = {
  node: { command: process.execPath, args: ["dist/functions/node.js"] },
  deno: { command: bin("deno"), args: ["run", "--quiet", "--allow-net", "--allow-env", "functions/deno.ts"] },
  bun: { command: bin("bun"), args: ["functions/bun.ts"] },
  "edge-runtime": { command: process.execPath, args: ["test/edge.mjs"] },
};

export async function startHub(platform: Platform, env: Readonly<Record<string, string>>): Promise<RunningHub> {
  if (platform === "workerd") {
    return startWorker({ entry: "functions/cloudflare.ts", config: "wrangler.toml", vars: env });
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram({ ...commands[platform], cwd, env: { ...env, PORT: String(port) }, ready: url });
  return { url, output: program.output, stop: () => program.stop() };
}
