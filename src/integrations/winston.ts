/** winston, with its `winston-transport`: `logger.add(new Transport({ log: snitchLog(snitch) }))`. */
import type { Snitch } from "../client/options.ts";
import { tellLine } from "./log.ts";

/** A line, or the error itself when nothing else was logged. */
interface Info {
  readonly [name: string | symbol]: unknown;
}

/** The level before it was coloured. */
const LEVEL = Symbol.for("level");
/** What the logger was given beside the text. */
const SPLAT = Symbol.for("splat");

/** The `log` of a transport that tells warnings and worse. */
export function snitchLog(snitch: Snitch): (info: Info, next: () => void) => void {
  return (info, next) => {
    tellLine(snitch, info[LEVEL], () => {
      const { level, message, stack, timestamp, label, ...fields } = info;
      const given = [info, info[SPLAT]].flat().find((it) => it instanceof Error);
      const written = stack && Object.assign(Object.create(Error.prototype), { message: info.message, stack });
      return { text: String(info.message), fields, caller: label, error: given ?? (written || undefined) };
    });
    next();
  };
}
