/** Real workerd, by wrangler, from a Worker's source. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort, type Program, startProgram } from "./process.ts";

export interface WorkerOptions {
  /** The Worker's source, from the root of the repository. */
  readonly entry: string;
  /** Its configuration, from the root of the repository. */
  readonly config: string;
  /** What it finds in `env`. */
  readonly vars: Readonly<Record<string, string>>;
  /** @default a free one */
  readonly port?: number;
  readonly onLine?: (line: string) => void;
}

export interface Worker extends Pick<Program, "ended" | "output" | "pid"> {
  readonly url: string;
  /** Runs the cron handler once, as Cloudflare would each minute. */
  cron(): Promise<void>;
  stop(): Promise<void>;
}

/** The folder that holds package.json, from the source as well as from dist/. */
export const root: string = fileURLToPath(
  new URL(import.meta.url.includes("/dist/") ? "../../../" : "../../", import.meta.url),
);

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const state = mkdtempSync(join(tmpdir(), "snitchbot-worker-"));
  const wrangler = createRequire(import.meta.url).resolve("wrangler/package.json");
  const remove = (): void => rmSync(state, { recursive: true, force: true });
  process.once("exit", remove); // also when the start was interrupted
  const program = await startProgram({
    command: process.execPath,
    args: [
      join(wrangler, "../bin/wrangler.js"),
      "dev",
      options.entry,
      ...["--config", options.config, "--ip", "127.0.0.1", "--port", String(port)],
      ...["--inspector-port", String(await freePort()), "--persist-to", state],
      ...["--test-scheduled", "--show-interactive-dev-session=false", "--live-reload=false"],
      ...Object.entries(options.vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
    ],
    env: {
      TMPDIR: state,
      CI: "1",
      NO_COLOR: "1",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_LOG_PATH: state,
      XDG_CONFIG_HOME: state,
    },
    cwd: root,
    ready: url,
    readyWords: "Ready on",
    failedWords: "Address already in use",
    ...(options.onLine && { onLine: options.onLine }),
  });
  return {
    ...program,
    url,
    async cron() {
      const answer = await fetch(`${url}/__scheduled?cron=*+*+*+*+*`);
      await answer.text();
    },
    async stop() {
      await program.stop();
      remove();
    },
  };
}
