/** LogTape: `configure({ sinks: { snitch: snitchSink(snitch) }, … })`. */
import type { Snitch } from "../client/options.ts";
import { sentence } from "../client/plain.ts";
import { tellLine } from "./log.ts";

interface Entry {
  readonly level: string;
  readonly category: readonly string[];
  /** Text and values in turn. */
  readonly message: readonly unknown[];
  readonly rawMessage: string | readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A sink that tells warnings and worse. Lines of one template are the same, whatever is filled in. */
export function snitchSink(snitch: Snitch): (entry: Entry) => void {
  return ({ level, category, message, rawMessage, properties }) =>
    tellLine(snitch, level, () => {
      const caller = category.join(".");
      return {
        text: message.map((part, index) => (index % 2 ? sentence(part) : part)).join(""),
        error: message.find((part) => part instanceof Error),
        fields: properties,
        caller,
        fingerprint: `${caller} ${String(rawMessage)}`,
      };
    });
}
