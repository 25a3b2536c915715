/** Runs one of the programs beside this file to its end, on Node, Deno or Bun. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const bin = (name: string): string => fileURLToPath(new URL(`../../../node_modules/.bin/${name}`, import.meta.url));
const permissions = ["--allow-net", "--allow-env=SNITCHBOT_URL,SNITCHBOT_DISABLED"];

const COMMANDS = {
  Node: [process.execPath],
  Deno: [bin("deno"), "run", "--quiet", "--no-check", ...permissions],
  Bun: [bin("bun")],
} as const;

export type Runtime = keyof typeof COMMANDS;
export const RUNTIMES = Object.keys(COMMANDS) as readonly Runtime[];

/** What to run. */
export interface Plan {
  readonly runtime: Runtime;
  /** A file beside this one, and its arguments. */
  readonly program: readonly [file: string, ...args: string[]];
  /** @default none */
  readonly hub?: string;
  /** What the runtime is told before the program. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Hears of the process as soon as it is there. */
  readonly onStart?: (pid: number) => void;
}

/** How it ended, and what it printed. */
export interface Ending {
  readonly end: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Far more than any of them takes. */
const PATIENCE = 15_000;

/** Kills it, and all that it has started, if it does not end. */
export async function run({ runtime, program, hub, flags = [], env, onStart }: Plan): Promise<Ending> {
  const [command, ...before] = COMMANDS[runtime];
  const [file, ...args] = program;
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { PATH, HOME } = process.env;
  const child = spawn(command, [...before, ...flags, path, ...args], {
    env: { PATH, HOME, NO_COLOR: "1", ...(hub && { SNITCHBOT_URL: hub }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const pid = child.pid ?? 0;
  const timer = setTimeout(() => killGroup(pid), PATIENCE);
  try {
    onStart?.(pid);
    const [[code, signal], stdout, stderr] = await Promise.all([
      once(child, "close"),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { end: code ?? signal, stdout, stderr: stderr.replace(OWN_FRAMES, "$1").replace(OWN_WORDS, "") };
  } finally {
    clearTimeout(timer);
    killGroup(pid);
  }
}

/** Where the emitters of Node and Deno call the second of two listeners, and where the only one. */
const OWN_FRAMES = /(node:events|_events\.mjs):\d+:\d+/g;

/** Why a hub refuses is printed: nobody would hear of it otherwise. */
const OWN_WORDS = /^snitchbot: the hub says .*\n/gm;

function killGroup(pid: number): void {
  try {
    if (pid > 0) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** Does the work of all, `width` of them at a time, and keeps their order. */
export async function inTurn<T, Result>(
  all: readonly T[],
  width: number,
  work: (one: T) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const rest = all.entries();
  const go = async (): Promise<void> => {
    for (const [index, one] of rest) results[index] = await work(one);
  };
  await Promise.all(Array.from({ length: width }, go));
  return results;
}
