/**
 * A small Redis client over TCP (RESP2). It exists because the usual ones cannot tell a status `OK` from the string
 * "OK", and the REST protocol can.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import { connect, type Socket } from "node:net";

/** A command: its name, then its arguments. */
export type Command = readonly (string | Buffer)[];

/**
 * What Redis answered: a status is a `string`, a bulk string a `Buffer`, an integer that a `number` cannot hold exactly
 * a `bigint`, and an error a value like any other.
 */
export type Reply = null | number | bigint | string | Buffer | RedisError | Reply[];

/** An error that Redis answered; its message starts with the code: `ERR …`, `NOSCRIPT …`. */
export class RedisError extends Error {
  override readonly name = "RedisError";
}

/** Commands as they go over the wire. */
export function encode(commands: readonly Command[]): Buffer {
  const parts: Buffer[] = [];
  for (const command of commands) {
    parts.push(Buffer.from(`*${command.length}\r\n`));
    for (const argument of command) {
      const bytes = Buffer.from(argument);
      parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
    }
  }
  return Buffer.concat(parts);
}

/** An array that still misses items. */
interface OpenArray {
  readonly items: Reply[];
  readonly size: number;
}

/** Reads replies from chunks that may end anywhere. */
export class ReplyReader {
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  readonly #open: OpenArray[] = [];

  /** The replies that `chunk` completes. Throws when it is not RESP2. */
  read(chunk: Buffer): Reply[] {
    this.#buffer = this.#at === this.#buffer.length ? chunk : Buffer.concat([this.#buffer.subarray(this.#at), chunk]);
    this.#at = 0;
    const complete: Reply[] = [];
    for (let part = this.#next(); part !== undefined; part = this.#next()) {
      const reply = this.#place(part);
      if (reply !== undefined) complete.push(reply);
    }
    return complete;
  }

  /** Puts a part into the array it belongs to; returns the reply that is whole now, if one is. */
  #place(part: Reply): Reply | undefined {
    let whole = part;
    for (let outer = this.#open.at(-1); outer; outer = this.#open.at(-1)) {
      outer.items.push(whole);
      if (outer.items.length < outer.size) return undefined;
      this.#open.pop();
      whole = outer.items;
    }
    return whole;
  }

  /** The next part that is not the head of an array, or undefined when it has not arrived yet. */
  #next(): Reply | undefined {
    for (;;) {
      const end = this.#buffer.indexOf("\r\n", this.#at);
      if (end < 0) return undefined;
      const type = String.fromCharCode(this.#buffer[this.#at] ?? 0);
      const text = this.#buffer.toString("utf8", this.#at + 1, end);
      if (type === "$" && text !== "-1") return this.#bulk(end + 2, Number(text));
      this.#at = end + 2;
      if (type !== "*" || Number(text) <= 0) return simple(type, text);
      this.#open.push({ items: [], size: Number(text) });
    }
  }

  #bulk(start: number, length: number): Buffer | undefined {
    const end = start + length;
    if (this.#buffer.length < end + 2) return undefined;
    this.#at = end + 2;
    return this.#buffer.subarray(start, end);
  }
}

/** A reply that fits on one line. */
function simple(type: string, text: string): Reply {
  switch (type) {
    case "+":
      return text;
    case "-":
      return new RedisError(text);
    case ":":
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
    case "$":
      return null;
    case "*":
      return text === "-1" ? null : [];
    default:
      throw new Error(`not a RESP2 reply: ${JSON.stringify(type + text.slice(0, 40))}`);
  }
}

interface Waiting {
  readonly replies: Reply[];
  readonly size: number;
  readonly resolve: (replies: Reply[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One connection, opened by the first command and again by the first one after a loss. Errors that Redis answers are
 * values; a promise rejects only when the connection is lost, and then whether the commands ran is unknown.
 */
export class RespClient {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #waiting: Waiting[] = [];

  constructor(address: { readonly host: string; readonly port: number }) {
    this.#host = address.host;
    this.#port = address.port;
  }

  /** Sends commands in one write, so nothing comes between them; answers their replies in order. */
  send(commands: readonly Command[]): Promise<Reply[]> {
    if (commands.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const socket = this.#connected();
      this.#waiting.push({ replies: [], size: commands.length, resolve, reject });
      socket.write(encode(commands));
    });
  }

  /** Drops the connection; what still waits for an answer is rejected. */
  close(): void {
    const socket = this.#socket;
    this.#lose("closed");
    socket?.destroy();
  }

  #connected(): Socket {
    if (!this.#socket) {
      this.#socket = connect(this.#port, this.#host).setNoDelay();
      void this.#listen(this.#socket);
    }
    return this.#socket;
  }

  async #listen(socket: Socket): Promise<void> {
    let why = "connection closed";
    try {
      for await (const reply of repliesOf(socket)) {
        if (this.#socket !== socket) return; // closed meanwhile: those who waited for it are rejected already
        this.#settle(reply);
      }
    } catch (error) {
      why = (error as Error).message;
    }
    if (this.#socket === socket) this.#lose(why);
  }

  #settle(reply: Reply): void {
    const first = this.#waiting[0];
    if (!first) return;
    first.replies.push(reply);
    if (first.replies.length < first.size) return;
    this.#waiting.shift();
    first.resolve(first.replies);
  }

  #lose(why: string): void {
    const lost = this.#waiting;
    this.#waiting = [];
    this.#socket = undefined;
    for (const { reject } of lost) reject(new Error(`lost Redis at ${this.#host}:${this.#port}: ${why}`));
  }
}

/** Every reply as it arrives. Ends with the connection; throws what broke it, and what is not RESP2. */
export async function* repliesOf(socket: Socket): AsyncGenerator<Reply, void> {
  const reader = new ReplyReader();
  for await (const chunk of socket as AsyncIterable<Buffer>) yield* reader.read(chunk);
}
