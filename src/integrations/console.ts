/** A console that tells: `const log = console(snitch)`. The global one stays as it is. */
import type { Snitch } from "../client/options.ts";
import { lineOf, tellLine } from "./log.ts";

/**
 * The same console, but that what goes through its `warn` and `error` is also told.
 *
 * @param output where lines are printed; the global console if you leave it out
 */
export function console(snitch: Snitch, output: Console = globalThis.console): Console {
  const teller =
    (level: "warn" | "error") =>
    (...args: unknown[]): void => {
      output[level](...args);
      tellLine(snitch, level, () => lineOf(args));
    };
  return Object.assign(Object.create(output), { warn: teller("warn"), error: teller("error") });
}
