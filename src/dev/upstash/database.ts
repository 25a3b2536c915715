/** An engine that behaves like an Upstash database: its commands, its script dialect, its transactions. */
import type { Engine } from "./engine.ts";
import { type Command, RedisError, type Reply, RespClient } from "./resp.ts";
import { Scripts } from "./script.ts";

/** Commands that would block or change the one connection all requests share; REST has no use for them either. */
const unavailable: ReadonlySet<string> = new Set(
  [
    "MULTI EXEC DISCARD WATCH UNWATCH SELECT AUTH HELLO RESET QUIT CLIENT MONITOR SHUTDOWN SYNC PSYNC WAIT",
    "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE",
    "BLPOP BRPOP BLMOVE BLMPOP BRPOPLPUSH BZPOPMIN BZPOPMAX BZMPOP",
  ].flatMap((names) => names.split(" ")),
);

/** Runs commands over one connection. */
export class Database {
  readonly client: RespClient;
  readonly #scripts: Scripts;

  constructor(engine: Engine) {
    this.client = new RespClient(engine);
    this.#scripts = new Scripts(engine.kind === "server");
  }

  /** A reply for each command, in order; one that fails does not stop the rest. */
  async pipeline(commands: readonly Command[]): Promise<Reply[]> {
    const possible = commands.filter((command) => !objection(command));
    const replies = await this.client.send(possible.map((command) => this.#scripts.translate(command)));
    const restored = this.#restore(possible, replies).values();
    return commands.map((command) => objection(command) ?? restored.next().value ?? null);
  }

  /** All commands at once, or the first error when Redis would not even queue them. */
  async transaction(commands: readonly Command[]): Promise<Reply[] | RedisError> {
    const impossible = commands.map(objection).find((error) => error !== undefined);
    if (impossible) return impossible;
    const translated = commands.map((command) => this.#scripts.translate(command));
    const replies = await this.client.send([["MULTI"], ...translated, ["EXEC"]]);
    const results = replies.at(-1);
    if (Array.isArray(results)) return this.#restore(commands, results);
    return replies.find((reply) => reply instanceof RedisError) ?? new RedisError("EXECABORT Transaction discarded.");
  }

  #restore(commands: readonly Command[], replies: readonly Reply[]): Reply[] {
    return commands.map((command, i) => this.#scripts.restore(command, replies[i] ?? null));
  }
}

function objection([name]: Command): RedisError | undefined {
  if (!unavailable.has(`${name}`.toUpperCase())) return undefined;
  return new RedisError(`ERR Command is not available: '${name}'`);
}
