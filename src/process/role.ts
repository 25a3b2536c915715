/** What this process is among those of its service. */
import cluster from "node:cluster";
import { hostname } from "node:os";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { attempt } from "../client/plain.ts";
import { isAllowed } from "./permission.ts";

/** The role that the runtime or PM2 gave it; `undefined` for a process that is the only one. */
export function roleOf(): "thread" | "worker" | "primary" | undefined {
  if (!isMainThread) return "thread";
  if (cluster.isWorker || isManaged()) return "worker";
  return Object.keys(cluster.settings ?? {}).length > 0 ? "primary" : undefined; // set when it starts its first worker
}

/** The name of the machine, where it may be known. */
export function hostOf(): string | undefined {
  return isAllowed({ name: "sys", kind: "hostname" }) ? attempt(hostname) : undefined;
}

/**
 * Whether PM2 runs it, which numbers whatever it runs. PM2 has no Deno, where a variable must not even be asked for
 * without permission.
 *
 * @see https://pm2.keymetrics.io/docs/usage/environment/, "Specific environment variables"
 */
function isManaged(): boolean {
  return !("Deno" in globalThis) && process.env.pm_id !== undefined;
}
