import { type Call, tableOf, typesOf } from "./call.ts";
import { otherMethods } from "./method-table.ts";

/**
 * What is wrong with a call that Telegram would not tell: it ignores parameters it does not know and reads a number
 * that is none as 0. A test wants to hear of the typo.
 */
export function violationsOf(call: Call): readonly string[] {
  const table = tableOf(call.method);
  if (!table)
    return [otherMethods.includes(call.method) ? `${call.method}: not supported` : `${call.method}: no such method`];

  const known = typesOf(call.method);
  const names = call.parameters.names();
  const missing = Object.keys(table.required)
    .filter((name) => !names.includes(name))
    .map((name) => `${call.method}: ${name} is missing`);
  const wrong = names.flatMap((name) => {
    const type = known.get(name);
    if (type === undefined) return [`${call.method}: unknown parameter ${name}`];
    return fits(call, name, type) ? [] : [`${call.method}: ${name} should be ${type}`];
  });
  return [...missing, ...wrong];
}

function fits(call: Call, name: string, type: string): boolean {
  if (call.parameters.file(name)) return type.split(" | ").includes("F");
  const text = call.parameters.text(name);
  if (type === "number") return /^-?\d+$/.test(text);
  if (type === "boolean") return text === "true" || text === "false";
  if (/^"[^"]*"( \| "[^"]*")*$/.test(type)) return type.split(" | ").includes(`"${text}"`);
  if (type === "ParseMode" || type.split(" | ").some((part) => part === "string" || part === "F")) return true;
  return call.parameters.json(name) !== undefined;
}
