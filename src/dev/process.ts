/** Programs that this one starts, and never leaves behind. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

/** What to start, and how to see that it is ready. */
export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment, but for PATH, HOME and the like. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * Ready once this address answers, whatever it answers.
   *
   * @default ready at once
   */
  readonly ready?: string;
  /** What it has to have printed as well: somebody else may answer at that address. */
  readonly readyWords?: string;
  /** What it prints when it never will be. */
  readonly failedWords?: string;
  /**
   * Milliseconds it may take to become ready.
   *
   * @default 30000
   */
  readonly patience?: number;
  /** Hears every line it prints. */
  readonly onLine?: (line: string) => void;
}

export interface Program {
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  /** Resolves with its exit code or signal once it has ended. */
  readonly ended: Promise<number | string>;
  /** Ends it and all it has started: politely, then by force. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const living = new Set<number>();
process.once("exit", () => {
  for (const pid of living) signalGroup(pid, "SIGKILL");
});

/** Starts a program in a process group of its own. Throws with what it printed when it ends before it is ready. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...inherited(), ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (coloured) => {
      const line = stripVTControlCharacters(coloured);
      output += `${line}\n`;
      options.onLine?.(line);
    });
  }

  const ended = new Promise<number | string>((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve(-1);
    });
    child.once("exit", (code, signal) => resolve(code ?? signal ?? -1));
  });
  const pid = child.pid ?? 0;
  if (pid > 0) living.add(pid);

  const program: Program = {
    pid,
    ended,
    output: () => output,
    async stop(signal = "SIGTERM") {
      signalGroup(pid, signal);
      await Promise.race([ended, delay(3_000)]);
      signalGroup(pid, "SIGKILL"); // also what it left behind in its group
      await ended;
      living.delete(pid);
    },
  };
  await becomeReady(program, options);
  return program;
}

async function becomeReady(program: Program, options: ProgramOptions): Promise<void> {
  const { command, ready, readyWords = "", failedWords, patience = 30_000 } = options;
  const deadline = Date.now() + patience;
  let over = false;
  program.ended.then(() => {
    over = true;
  });
  const isReady = async (): Promise<boolean> =>
    ready === undefined || (!over && program.output().includes(readyWords) && (await answers(ready)));
  while (!(await isReady())) {
    over ||= failedWords !== undefined && program.output().includes(failedWords);
    if (!over && Date.now() < deadline) {
      await delay(50);
      continue;
    }
    await program.stop("SIGKILL");
    throw new Error(`${command} ${over ? "ended" : "was not ready in time"}:\n${program.output().slice(-2_000)}`);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.text();
    return true;
  } catch {
    return false;
  }
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === undefined) throw new Error("no free port on 127.0.0.1");
  return port;
}

/** Whether nobody listens on a port right now. */
export async function isFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== undefined;
}

async function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}

/** Nothing of our own configuration leaks into what we start. */
function inherited(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, LANG, SystemRoot, APPDATA } = process.env;
  return { PATH, HOME, TMPDIR, LANG, SystemRoot, APPDATA };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}
