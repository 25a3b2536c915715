/** The end of a process that is not killed. */
import process from "node:process";
import { read } from "../client/plain.ts";
import { type Hearer, hearOf } from "./shared.ts";

/** Has `hear` called with the exit code when the process, or this thread, ends by itself or by `process.exit()`. */
export function onExit(hear: Hearer<number>): void {
  hearOf("exit", hear, listen);
}

function listen(tell: Hearer<number>): void {
  process.on("exit", tell);
  const deno = read(globalThis, "Deno");
  // `Deno.exit()` is heard of by listeners of the web only; `process.exit()` by both kinds.
  if (deno) globalThis.addEventListener("unload", () => tell(Number(read(deno, "exitCode"))));
}
