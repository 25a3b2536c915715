/** consola: `consola.addReporter(snitchReporter(snitch))`. */
import type { Snitch } from "../client/options.ts";
import { lineOf, tellLine } from "./log.ts";

interface Entry {
  readonly type: string;
  readonly tag: string;
  readonly args: readonly unknown[];
}

/** A reporter that tells warnings and worse. */
export function snitchReporter(snitch: Snitch): { log(entry: Entry): void } {
  return {
    log({ type, tag, args }) {
      tellLine(snitch, type, () => ({ ...lineOf(args), caller: tag }));
    },
  };
}
