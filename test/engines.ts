import { spawnSync } from "node:child_process";
import type { Engine } from "../src/dev/upstash/engine.ts";

export const hasServer: boolean = spawnSync("redis-server", ["--version"]).status === 0;

/** What a suite can run on here: the embedded engine always, a real Redis where there is one. */
export const engines: readonly Engine["kind"][] = hasServer ? ["server", "embedded"] : ["embedded"];
if (!hasServer) console.log("Only the embedded engine is tested: no redis-server on this machine.");
