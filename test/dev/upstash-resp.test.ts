import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { encode, RedisError, type Reply, ReplyReader, RespClient } from "../../src/dev/upstash/resp.ts";

describe("encode", () => {
  it("counts bytes, not characters", () => {
    expect(encode([["SET", "é", Buffer.from([255, 13, 10])]]).toString("latin1")).toBe(
      "*3\r\n$3\r\nSET\r\n$2\r\n\u00c3\u00a9\r\n$3\r\n\u00ff\r\n\r\n",
    );
  });
});

describe("ReplyReader", () => {
  const wire = Buffer.from(
    [
      "+OK",
      "$2\r\nOK",
      "-ERR no",
      ":-7",
      ":9223372036854775807",
      "$-1",
      "*-1",
      "*0",
      "$0\r\n",
      "*3\r\n:1\r\n*2\r\n$4\r\na\r\nb\r\n*0\r\n$-1",
      "+é",
    ]
      .map((reply) => `${reply}\r\n`)
      .join(""),
  );
  const replies: Reply[] = [
    "OK",
    Buffer.from("OK"),
    new RedisError("ERR no"),
    -7,
    9223372036854775807n,
    null,
    null,
    [],
    Buffer.from(""),
    [1, [Buffer.from("a\r\nb"), []], null],
    "é",
  ];

  it("tells every kind of reply from the others", () => {
    expect(new ReplyReader().read(wire)).toEqual(replies);
  });

  it.each([1, 2, 3, 7])("does not care where chunks of %i bytes end", (size) => {
    const reader = new ReplyReader();
    const read: Reply[] = [];
    for (let at = 0; at < wire.length; at += size) read.push(...reader.read(wire.subarray(at, at + size)));
    expect(read).toEqual(replies);
  });

  it("throws at what is no RESP2", () => {
    expect(() => new ReplyReader().read(Buffer.from("HTTP/1.1 400\r\n"))).toThrow('not a RESP2 reply: "HTTP/1.1 400"');
  });
});

describe("RespClient", () => {
  let server: Server;
  let client: RespClient;

  /** A server that does as told with each chunk it gets. */
  async function serve(onData: (socket: Socket, chunk: Buffer) => void): Promise<void> {
    server = createServer((socket) => socket.on("data", (chunk) => onData(socket, chunk)));
    await once(server.listen(0, "127.0.0.1"), "listening");
    client = new RespClient({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  }
  afterEach(() => {
    client.close();
    server.close();
  });

  it("gives each caller its own replies, errors as values", async () => {
    await serve((socket, chunk) => {
      for (const [, name] of chunk.toString().matchAll(/\r\n([A-Z])\r\n/g)) {
        socket.write(name === "B" ? "-ERR B\r\n" : `+${name}\r\n`);
      }
    });
    expect(await Promise.all([client.send([["A"], ["B"]]), client.send([]), client.send([["C"]])])).toEqual([
      ["A", new RedisError("ERR B")],
      [],
      ["C"],
    ]);
  });

  it("rejects what was in flight when the connection is lost, and connects again for the next", async () => {
    let connections = 0;
    await serve((socket) => (++connections === 1 ? socket.destroy() : socket.write("+PONG\r\n")));
    const inFlight = await Promise.allSettled([client.send([["A"]]), client.send([["B"]])]);
    expect(inFlight.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await client.send([["PING"]])).toEqual(["PONG"]);
  });

  it("says which Redis it lost, and why", async () => {
    await serve((socket) => socket.write("nonsense\r\n"));
    await expect(client.send([["A"]])).rejects.toThrow(
      /^lost Redis at 127\.0\.0\.1:\d+: not a RESP2 reply: "nonsense"$/,
    );
    server.close();
    await expect(client.send([["A"]])).rejects.toThrow(/^lost Redis at 127\.0\.0\.1:\d+: connect ECONNREFUSED/);
  });
});
