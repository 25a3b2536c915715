/** The beginning and the end of a process, as they are told. */
import type { Tale } from "../client/resident.ts";
import type { Crash } from "./crash.ts";
import type { Notice } from "./signals.ts";

/** For how long what asked a process to end counts as the reason that it does, in milliseconds. */
const MEMORY = 60_000;

/** Knows what happens to a process, and answers with what is to be told of it. */
export interface Lifecycle {
  /** It began to be watched. */
  start(): readonly Tale[];
  /** A signal came. */
  signal(notice: Notice): readonly Tale[];
  /** Nobody caught an error. */
  crash(crash: Crash): readonly Tale[];
  /** It ends with this code. An end that was told already is not told again. */
  exit(code: number): readonly Tale[];
  /** It lives on, whatever was told. */
  live(): void;
}

/** `uptime` says for how many milliseconds the process has been there. */
export function createLifecycle(uptime: () => number): Lifecycle {
  let asked: { readonly reason: string; readonly at: number } | undefined;
  let isDoomed = false;
  let isOver = false;

  const ask = (reason: string): void => {
    asked = { reason, at: uptime() };
  };

  const stop = (reason: string, exitCode?: number): readonly Tale[] => {
    if (isOver) return [];
    isOver = true;
    const code = exitCode === undefined ? {} : { exitCode };
    const lifecycle = { phase: "stop", reason, ...code } as const;
    const extras = { uptime: inWords(uptime()) };
    return [{ kind: "lifecycle", severity: "info", title: `stopped: ${reason}`, lifecycle, extras }];
  };

  /** A program that looks after its crashes, and ends well, was not ended by one. */
  const reasonOf = (code: number): string => {
    const recent = asked && uptime() - asked.at < MEMORY ? asked.reason : undefined;
    if (recent !== undefined && (recent !== "crash" || code !== 0)) return recent;
    return code === 0 ? "clean_exit" : "exit";
  };

  return {
    start() {
      const lifecycle = { phase: "start", reason: "start" } as const;
      return [{ kind: "lifecycle", severity: "info", title: "started", lifecycle }];
    },
    signal({ signal, isEnd }) {
      const reason = signal.toLowerCase();
      if (isEnd) return stop(reason);
      ask(reason);
      return [];
    },
    crash({ fate, thread }) {
      if (fate === "dies") return stop(thread === undefined ? "crash" : "thread_crash", 1);
      if (fate === "doomed") isDoomed = true;
      else if (thread === undefined) ask("crash");
      return [];
    },
    exit: (code) => (isDoomed ? stop("crash", code || 1) : stop(reasonOf(code), code)),
    live() {
      isOver = false;
    },
  };
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** The two largest units: `3d 4h`, `12m 5s`; `0s` at first. */
function inWords(ms: number): string {
  const first = UNITS.findIndex(([, length]) => ms >= length);
  if (first < 0) return "0s";
  let rest = ms;
  const parts = UNITS.slice(first, first + 2).map(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return `${count}${unit}`;
  });
  return parts.join(" ");
}
