/** HTTP → Redis commands, by the rules of Upstash's REST API. */
import type { Command } from "./resp.ts";

/** What a request asks for. */
export interface Call {
  /** A `transaction` runs whole or not at all; a `pipeline` is only several commands in one request. */
  readonly kind: "single" | "pipeline" | "transaction";
  readonly commands: readonly Command[];
}

/** A request that gets no further than this. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reads a request. Throws a {@link Refusal} when it is none. */
export function readCall(url: URL, body: Buffer): Call {
  switch (url.pathname) {
    case "/":
      return { kind: "single", commands: [commandIn(parseJson(body))] };
    case "/pipeline":
      return { kind: "pipeline", commands: commandsIn(parseJson(body)) };
    case "/multi-exec":
      return { kind: "transaction", commands: commandsIn(parseJson(body)) };
    default:
      return { kind: "single", commands: [commandInPath(url, body)] };
  }
}

/** `/set/foo?EX=100` with the body `bar` → SET foo bar EX 100 */
function commandInPath(url: URL, body: Buffer): Command {
  const options = [...url.searchParams].filter(([name]) => name !== "_token");
  return [
    ...url.pathname.slice(1).split("/").map(decode),
    ...(body.length > 0 ? [body] : []),
    ...options.flatMap(([name, value]) => (value === "" ? [name] : [name, value])),
  ];
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(400, "ERR failed to parse command: malformed path");
  }
}

/** The body as JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new Refusal(400, "ERR failed to parse command: the body is no JSON");
  }
}

function commandsIn(json: unknown): Command[] {
  if (!Array.isArray(json) || json.length === 0) throw new Refusal(400, "ERR failed to parse pipeline request");
  return json.map(commandIn);
}

function commandIn(json: unknown): Command {
  if (!Array.isArray(json) || json.length === 0)
    throw new Refusal(400, "ERR failed to parse command: expected an array");
  return json.map(argumentIn);
}

function argumentIn(json: unknown): string {
  if (typeof json === "string" || typeof json === "number" || typeof json === "boolean") return `${json}`;
  throw new Refusal(400, `ERR failed to parse command: an argument is ${JSON.stringify(json)?.slice(0, 40)}`);
}
