/** pino: `pino(pino.multistream([{ stream: process.stdout }, { level: "warn", stream: snitchStream(snitch) }]))`. */
import type { Snitch } from "../client/options.ts";
import { attempt, read } from "../client/plain.ts";
import { tellLine } from "./log.ts";

/** A stream that tells warnings and worse, as pino has written them: serialized, and without what it redacts. */
export function snitchStream(snitch: Snitch): { write(line: string): void } {
  return {
    write(line) {
      const entry: unknown = attempt(() => JSON.parse(line));
      tellLine(snitch, read(entry, "level"), () => {
        const { level, time, pid, hostname, name, msg, err, ...fields } = entry as Record<string, unknown>;
        return { text: String(msg ?? ""), fields, caller: name, error: errorOf(err) };
      });
    },
  };
}

/** What pino's serializer made of an error, as one again. */
function errorOf(err: unknown): unknown {
  const [name, message, stack] = [read(err, "type"), read(err, "message"), read(err, "stack")];
  return stack ? Object.assign(Object.create(Error.prototype), { name, message, stack }) : err;
}
