/**
 * Upstash's Lua dialect on a plain Redis. Upstash knows a script flag of its own, `allow-key-locking`, and refuses keys
 * that such a script did not declare; Redis knows neither, so the flag goes and a guard comes. Scripts keep the SHA-1
 * of their original text for the caller, and their line numbers for the reader of an error.
 */
import { createHash } from "node:crypto";
import { type Command, RedisError, type Reply } from "./resp.ts";

/** Which arguments are keys, as `first, last, step`; -1 is the last argument. All other commands: only the first. */
const keySpans: Readonly<Record<string, string>> = {
  "1,0,1": "PING ECHO TIME PUBLISH DBSIZE RANDOMKEY",
  "1,-1,1": "DEL UNLINK EXISTS TOUCH MGET SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE SDIFFSTORE PFCOUNT PFMERGE",
  "1,-1,2": "MSET MSETNX",
  "1,2,1": "RENAME RENAMENX COPY SMOVE LMOVE RPOPLPUSH ZRANGESTORE GEOSEARCHSTORE",
};

const spanTable = Object.entries(keySpans)
  .flatMap(([span, names]) => names.split(" ").map((name) => `${name}={${span}}`))
  .join(",");

/** Stands before a script on its first line, so it must be one line itself. Its `redis` shadows the real one. */
const guard = `
  local redis = (function(real)
    local spans, only_first, declared = {${spanTable}}, {1,1,1}, {}
    for _, key in ipairs(KEYS) do declared[key] = true end
    local function objection(name, ...)
      local span = spans[string.upper(name)] or only_first
      local last = span[2]
      if last < 0 then last = select("#", ...) end
      for i = span[1], last, span[3] do
        local key = select(i, ...)
        if key and not declared[tostring(key)] then
          return "Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: " .. tostring(key)
        end
      end
    end
    local function call(...)
      local why = objection(...)
      if why then error(why, 0) end
      return real.call(...)
    end
    local function pcall(...)
      local why = objection(...)
      if why then return {err = "ERR " .. why} end
      return real.pcall(...)
    end
    return setmetatable({call = call, pcall = pcall}, {__index = real})
  end)(redis) `.replace(/\n\s*/g, " ");

/** Both engines add this to what a script throws. The SHA-1 is the rewritten script's, so nobody could look it up. */
const origin = / script: [0-9a-f]{40}, on @user_script:\d+\.$/;

/** Translates the script commands of one engine. */
export class Scripts {
  readonly #knowsFlags: boolean;
  readonly #rewritten = new Map<string, string>();
  readonly #shas = new Map<string, string>();

  /** `knowsFlags`: whether the engine reads `#!lua flags=…`; for one that does not, the whole line goes. */
  constructor(knowsFlags: boolean) {
    this.#knowsFlags = knowsFlags;
  }

  /** The command as the engine must get it. */
  translate(command: Command): Command {
    const [name = "", first = "", ...rest] = command;
    switch (`${name}`.toUpperCase()) {
      case "EVAL":
      case "EVAL_RO":
        return [name, this.#rewrite(first), ...rest];
      case "EVALSHA":
      case "EVALSHA_RO":
        return [name, this.#sha(first), ...rest];
      case "SCRIPT":
        return [name, first, ...rest.map((of) => (isLoad(command) ? this.#rewrite(of) : this.#sha(of)))];
      default:
        return command;
    }
  }

  /** The engine's reply as the caller must see it. */
  restore(command: Command, reply: Reply): Reply {
    if (reply instanceof RedisError && reply.message.startsWith("ERR Dynamic keys")) {
      return new RedisError(reply.message.replace(origin, ""));
    }
    if (isLoad(command) && reply instanceof Buffer) return Buffer.from(sha1(`${command[2]}`));
    return reply;
  }

  #sha(original: string | Buffer): string {
    return this.#shas.get(`${original}`.toLowerCase()) ?? `${original}`;
  }

  #rewrite(script: string | Buffer): string {
    const source = `${script}`;
    if (!source.startsWith("#!")) return source;
    const known = this.#rewritten.get(source);
    if (known !== undefined) return known;
    const rewritten = rewrite(source, this.#knowsFlags);
    this.#rewritten.set(source, rewritten);
    this.#shas.set(sha1(source), sha1(rewritten));
    return rewritten;
  }
}

function rewrite(source: string, knowsFlags: boolean): string {
  const end = source.indexOf("\n");
  const [shebang, body] = end < 0 ? [source, ""] : [source.slice(0, end), source.slice(end + 1)];
  const flags = (/flags=(\S*)/.exec(shebang)?.[1] ?? "").split(",").filter(Boolean);
  const locking = flags.includes("allow-key-locking");
  const others = flags.filter((flag) => flag !== "allow-key-locking");
  const firstLine = knowsFlags && others.length > 0 ? `#!lua flags=${others.join(",")}` : "";
  return `${firstLine}\n${locking ? guard : ""}${body}`;
}

function isLoad(command: Command): boolean {
  return `${command[0]} ${command[1]}`.toUpperCase() === "SCRIPT LOAD";
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
