/** What a runtime tells of its own process. */
import { readdirSync, statSync } from "node:fs";
import process from "node:process";
import { isAllowed } from "./permission.ts";

/** Looks at a process. What cannot be told here throws, or answers with what is no measure: `undefined`, 0 for a size. */
export interface Readings {
  /** Bytes. */
  memory(): { readonly rss: number; readonly heapUsed: number };
  /** Time spent on processors so far, by all threads together, in milliseconds. */
  cpu(): number | undefined;
  /** How many files, sockets included, are open. */
  fds(): number | undefined;
  threads(): number | undefined;
}

/** What Node, Deno and Bun know everywhere; files and threads are counted where there is a `/proc` to read. */
export const readings: Readings = {
  memory: () => process.memoryUsage(),
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  fds: () => (mayRead(FDS) ? statSync(FDS).size || entries(FDS) - 1 : undefined),
  threads: () => (mayRead(TASKS) ? entries(TASKS) : undefined),
};

/**
 * Since Linux 6.2 its size is the number of files, at the price of nothing; before, it is 0, and the files have to be
 * listed. Listing opens one more.
 *
 * @see https://docs.kernel.org/filesystems/proc.html, "/proc/<pid>/fd"
 */
const FDS = "/proc/self/fd";
const TASKS = "/proc/self/task";

function entries(directory: string): number {
  return readdirSync(directory).length;
}

function mayRead(path: string): boolean {
  return isAllowed({ name: "read", path });
}
