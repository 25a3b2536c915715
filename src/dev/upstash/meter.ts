/** Counts what Upstash would bill: every command, those inside scripts too, but not MULTI and EXEC. */
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import type { Engine } from "./engine.ts";
import { encode, type Reply, type RespClient, repliesOf } from "./resp.ts";

/** What some work cost. */
export interface Measured<T> {
  readonly result: T;
  /** Requests that reached the front, failed ones included. */
  readonly http: number;
  readonly billed: number;
  /** The names of the billed commands in upper case, in the order they ran. */
  readonly commands: readonly string[];
}

/** Measures work. A measurement counts all that happens meanwhile, whoever does it; without one, nothing is watched. */
export interface Meter {
  measure<T>(work: () => Promise<T>): Promise<Measured<T>>;
}

/** A meter over `engine`; `requests` is the front's counter, `client` any other connection to the engine. */
export function createMeter(engine: Engine, client: RespClient, requests: () => number): Meter {
  async function measure<T>(work: () => Promise<T>): Promise<Measured<T>> {
    const socket = connect(engine.port, engine.host);
    try {
      const lines = repliesOf(socket);
      socket.write(encode([["MONITOR"]]));
      await lines.next(); // its OK: from here on every command is a line
      const before = requests();
      const result = await work();
      const http = requests() - before;
      const marker = randomUUID();
      await client.send([["PING", marker]]);
      const commands = await commandsUntil(marker, lines);
      return { result, http, billed: commands.length, commands };
    } finally {
      socket.destroy();
    }
  }
  return { measure };
}

/** Lines come in the order of the commands, so once the marker's is here, none before it is missing. */
async function commandsUntil(marker: string, lines: AsyncIterable<Reply>): Promise<string[]> {
  const commands: string[] = [];
  for await (const line of lines) {
    if (`${line}`.includes(marker)) return commands.filter((name) => name !== "MULTI" && name !== "EXEC");
    commands.push(commandName(`${line}`));
  }
  throw new Error("the engine ended while it was measured");
}

/** `1339518083.107412 [0 127.0.0.1:60866] "get" "x"` → `GET` */
function commandName(line: string): string {
  return /^\S+ \[.*?\] "(.*?)"/.exec(line)?.[1]?.toUpperCase() ?? line;
}
