/** A process together with those it started, and those they started. Linux only. */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { attempt } from "../client/plain.ts";
import { isAllowed } from "./permission.ts";
import { type Readings, readings } from "./readings.ts";

/** How many descendants are counted, nearest first. */
const MOST = 100;

/** Linux counts processor time in hundredths of a second, for whoever asks, whatever the machine's clock is. */
const TICK = 10;

/**
 * Reads memory and processor time of the whole family, files and threads of the process alone. What a descendant used
 * while nobody looked, before its end, is not known; where nothing can be read, the process is told alone.
 */
export function createFamilyReadings(
  own: Readings = readings,
  descendants: () => readonly Relative[] = familyOf,
): Readings {
  let seen = new Map<number, number>(); // pid → processor time
  let spent = 0;

  /** Adds what was used since the last look; whoever is seen for the first time began since then. */
  const look = (isFirst: boolean): void => {
    const now = descendants();
    for (const { pid, cpu } of now) if (!isFirst) spent += Math.max(0, cpu - (seen.get(pid) ?? 0));
    seen = new Map(now.map(({ pid, cpu }) => [pid, cpu]));
  };

  look(true);
  return {
    ...own,
    memory() {
      const { rss, heapUsed } = own.memory();
      return { rss: descendants().reduce((sum, one) => sum + one.rss, rss), heapUsed };
    },
    cpu() {
      look(false);
      return Number(own.cpu()) + spent;
    },
  };
}

/** One of the family. */
export interface Relative {
  readonly pid: number;
  /** Bytes. */
  readonly rss: number;
  /** Milliseconds. */
  readonly cpu: number;
}

/** Who descends from this process; those that have ended meanwhile are left out. */
function familyOf(): readonly Relative[] {
  if (process.platform !== "linux" || !isAllowed({ name: "read", path: "/proc" })) return [];
  const pids = childrenOf(process.pid);
  for (const pid of pids) {
    if (pids.length >= MOST) break;
    pids.push(...childrenOf(pid));
  }
  return pids.slice(0, MOST).flatMap((pid) => attempt(() => [relative(pid)]) ?? []);
}

/** @see https://docs.kernel.org/filesystems/proc.html, "/proc/<pid>/task/<tid>/children" */
function childrenOf(pid: number): number[] {
  const tasks = attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return tasks.flatMap((task) => {
    const text = attempt(() => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")) ?? "";
    return text.split(" ").map(Number).filter(Boolean);
  });
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, fields 14 and 15 */
function relative(pid: number): Relative {
  const [, kilobytes] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11); // its name may hold anything
  return { pid, rss: Number(kilobytes ?? 0) * 1024, cpu: (Number(utime) + Number(stime)) * TICK };
}
