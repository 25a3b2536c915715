import { createHash } from "node:crypto";
import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis/cloudflare";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startUpstash, type Upstash } from "../../src/dev/upstash/front.ts";
import { hasServer } from "../engines.ts";

describe.each(["server", "embedded"] as const)("Upstash on the %s engine", (kind) => {
  describe.skipIf(kind === "server" && !hasServer)("", () => {
    let upstash: Upstash;
    let redis: Redis;

    beforeAll(async () => {
      upstash = await startUpstash({ engine: kind });
      redis = clientOf(upstash);
    });
    beforeEach(async () => {
      await upstash.command("FLUSHALL");
      await upstash.command("SCRIPT", "FLUSH");
    });
    afterAll(() => upstash?.stop());

    /** A request as any HTTP client would send it. */
    async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
      const headers = { authorization: `Bearer ${upstash.token}`, ...(init.headers as Record<string, string>) };
      const response = await fetch(upstash.url + path, { ...init, headers });
      return { status: response.status, body: JSON.parse((await response.text()) || "null") };
    }
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      ask(path, { method: "POST", body: JSON.stringify(body), headers });

    describe("the client", () => {
      it("reads and writes every kind of value", async () => {
        expect(await redis.set("text", "ünïcödé 🟣 \u0000 \r\n")).toBe("OK");
        expect(await redis.get("text")).toBe("ünïcödé 🟣 \u0000 \r\n");
        expect(await redis.get("missing")).toBeNull();
        expect(await redis.hset("hash", { a: 1, b: "two" })).toBe(2);
        expect(await redis.hmget("hash", "a", "b", "c")).toEqual({ a: 1, b: "two", c: null });
        expect(await redis.zadd("wheel", { score: 1.5, member: "m" }, { score: 2, member: "n" })).toBe(2);
        expect(await redis.zrange("wheel", "-inf", 1.8, { byScore: true, offset: 0, count: 9 })).toEqual(["m"]);
        expect(await redis.lpush("list", "x")).toBe(1);
        expect(await redis.lrange("list", 0, -1)).toEqual(["x"]);
        expect(await redis.incr("count")).toBe(1);
      });

      it("tells the string OK from the status OK", async () => {
        await redis.set("ok", "OK");
        expect(await redis.get("ok")).toBe("OK");
        expect(await post("/", ["GET", "ok"], { "upstash-encoding": "base64" })).toEqual({
          status: 200,
          body: { result: "T0s=" },
        });
      });

      it("keeps all digits of integers that JSON would round", async () => {
        await redis.set("big", "9223372036854775806");
        expect(await redis.incr("big")).toBe("9223372036854775807");
        expect(await post("/", ["GET", "big"])).toEqual({ status: 200, body: { result: "9223372036854775807" } });
      });

      it("gets a megabyte back as it sent it", async () => {
        const value = "é".repeat(500_000);
        await redis.set("long", value);
        expect(await redis.get("long")).toBe(value);
      });

      it("sends what is asked in one tick as one request, in order", async () => {
        const { http, commands } = await upstash.meter.measure(() =>
          Promise.all([redis.set("a", "1"), redis.incr("a"), redis.expire("a", 60)]),
        );
        expect({ http, commands }).toEqual({ http: 1, commands: ["SET", "INCR", "EXPIRE"] });
      });

      it("gets each result and each error of a pipeline", async () => {
        const results = await redis.pipeline().set("s", "x").incr("s").get("s").exec({ keepErrors: true });
        expect(results.map(({ error }) => error !== undefined)).toEqual([false, true, false]);
        expect(results[2]?.result).toBe("x");
      });

      it("runs a transaction and reads its results", async () => {
        expect(await redis.multi().set("t", "1").incr("t").hset("th", { f: "v" }).hgetall("th").exec()).toEqual([
          "OK",
          2,
          1,
          { f: "v" },
        ]);
      });

      it("throws what Redis refuses", async () => {
        await redis.set("s", "x");
        await expect(redis.hget("s", "f")).rejects.toThrow("WRONGTYPE Operation against a key");
        await expect(clientOf(upstash, "wrong").get("s")).rejects.toThrow("WRONGPASS invalid or missing auth token");
      });
    });

    describe("scripts", () => {
      const flagged = "#!lua flags=allow-key-locking\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])";

      it("eval and evalsha run, and an unknown SHA is NOSCRIPT", async () => {
        const source = "return {KEYS[1], ARGV[1], 7, false, {redis.call('PING')}}";
        const sha1 = createHash("sha1").update(source).digest("hex");
        await expect(redis.evalsha(sha1, ["k"], ["v"])).rejects.toThrow("NOSCRIPT No matching script");
        expect(await redis.eval(source, ["k"], ["ä"])).toEqual(["k", "ä", 7, null, ["PONG"]]);
        expect(await redis.evalsha(sha1, ["k"], ["v"])).toEqual(["k", "v", 7, null, ["PONG"]]);
      });

      it("createScript falls back to EVAL once", async () => {
        const script = redis.createScript<number>(flagged);
        const cold = await upstash.meter.measure(() => script.exec(["n"], ["2"]));
        const warm = await upstash.meter.measure(() => script.exec(["n"], ["2"]));
        expect([cold.result, cold.http, cold.commands]).toEqual([2, 2, ["EVALSHA", "EVAL", "INCRBY"]]);
        expect([warm.result, warm.http, warm.commands]).toEqual([4, 1, ["EVALSHA", "INCRBY"]]);
      });

      it("a flagged script is known by the SHA-1 of its original text", async () => {
        const sha1 = createHash("sha1").update(flagged).digest("hex");
        expect(await redis.scriptExists(sha1)).toEqual([0]);
        expect(await redis.scriptLoad(flagged)).toBe(sha1);
        expect(await redis.scriptExists(sha1, "0".repeat(40))).toEqual([1, 0]);
        expect(await redis.evalsha(sha1.toUpperCase(), ["n"], ["5"])).toBe(5);
        expect(await redis.multi().eval(flagged, ["n"], ["1"]).evalsha(sha1, ["n"], ["1"]).exec()).toEqual([6, 7]);
      });

      it.each([
        ["redis.call('GET', 'other')", "other"],
        ["redis.call('MGET', KEYS[1], 'second')", "second"],
        ["redis.call('mset', KEYS[1], 'v', 'third', 'v')", "third"],
        ["redis.call('RENAME', KEYS[1], 'name')", "name"],
      ])("a flagged script may not touch what it did not declare: %s", async (call, key) => {
        const message = `Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: ${key}`;
        const body = `#!lua flags=allow-key-locking\nreturn ${call}`;
        expect(await post("/", ["EVAL", body, 1, "k"])).toEqual({ status: 400, body: { error: `ERR ${message}` } });
        const caught = body.replace("redis.call", "redis.pcall").replace("return ", "return ").concat(".err");
        expect(await redis.eval(caught, ["k"], [])).toBe(`ERR ${message}`);
      });

      it("a flagged script may use keys it declared, values that look like keys, and commands without any", async () => {
        const source = `#!lua flags=allow-key-locking
          redis.call('MSET', KEYS[1], 'other', KEYS[2], 'x')
          redis.call('PUBLISH', 'channel', 'x')
          return {redis.call('TIME')[1] and redis.call('MGET', KEYS[1], KEYS[2]), redis.sha1hex('')}`;
        expect(await redis.eval(source, ["a", "b"], [])).toEqual([
          ["other", "x"],
          "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ]);
      });

      it("a script without the flag may touch any key", async () => {
        expect(await redis.eval("return redis.call('SET', 'any', '1')", [], [])).toBe("OK");
      });

      it("a script error is a 400 with Redis's words and the original line", async () => {
        const source = "#!lua flags=allow-key-locking\n\n  error('boom')";
        const { status, body } = await post("/", ["EVAL", source, 0]);
        expect([status, body]).toEqual([400, { error: expect.stringContaining("user_script:3: boom") }]);
        const replied = await post("/", ["EVAL", "return redis.error_reply('MINE no')", 0]);
        expect(replied).toEqual({ status: 400, body: { error: "MINE no" } });
      });

      it("an unknown SHA fails its own item of a pipeline only", async () => {
        expect(
          await post("/pipeline", [
            ["EVALSHA", "0".repeat(40), 0],
            ["INCR", "n"],
          ]),
        ).toEqual({
          status: 200,
          body: [{ error: "NOSCRIPT No matching script. Please use EVAL." }, { result: 1 }],
        });
      });

      const readOnly = "#!lua flags=no-writes,allow-key-locking\nreturn redis.call('SET', KEYS[1], '1')";
      const thrown = "error({err = 'MINE no'})";

      it.runIf(kind === "server")("other flags are Redis's own", async () => {
        await expect(redis.eval(readOnly, ["k"], [])).rejects.toThrow("Write commands are not allowed");
        await expect(redis.eval(thrown, [], [])).rejects.toThrow("MINE no");
      });

      it.runIf(kind === "embedded")(
        "other flags mean nothing, and an error thrown as a table loses its text",
        async () => {
          expect(await redis.eval(readOnly, ["k"], [])).toBe("OK");
          await expect(redis.eval(thrown, [], [])).rejects.toThrow("ERR script execution failed");
          await expect(upstash.command("ECHO", "x")).rejects.toThrow("ERR unknown command 'ECHO'");
        },
      );
    });

    describe("the protocol", () => {
      it("takes a command as a path, its value as the body, its options as the query", async () => {
        expect(await ask("/set/a%2Fb/c%20d?EX=100&NX")).toEqual({ status: 200, body: { result: "OK" } });
        expect(await ask("/get/a%2Fb")).toEqual({ status: 200, body: { result: "c d" } });
        expect(await ask("/ttl/a%2Fb")).toEqual({ status: 200, body: { result: 100 } });
        expect(await ask("/set/body?EX=50", { method: "PUT", body: "the value" })).toMatchObject({ status: 200 });
        expect(await upstash.command("GET", "body")).toBe("the value");
        expect(await ask("/get/body", { method: "HEAD" })).toEqual({ status: 200, body: null });
      });

      it("is binary safe: base64 keeps bytes that are no UTF-8, plain JSON replaces them", async () => {
        const bytes = new Uint8Array([0, 255, 13, 10, 128]);
        await ask("/set/binary", { method: "POST", body: bytes });
        expect(await ask("/get/binary", { headers: { "upstash-encoding": "base64" } })).toEqual({
          status: 200,
          body: { result: Buffer.from(bytes).toString("base64") },
        });
        expect(await ask("/get/binary")).toEqual({ status: 200, body: { result: "\u0000\ufffd\r\n\ufffd" } });
      });

      it("encodes strings at all depths, numbers and nulls and errors never", async () => {
        const base64 = { "upstash-encoding": "base64" };
        const script = "return {'a', {'b', 1, false}}";
        expect(
          await post("/pipeline", [["EVAL", script, 0], ["SET", "k", "v"], ["NOPE"], ["GET", "k"]], base64),
        ).toEqual({
          status: 200,
          body: [
            { result: ["YQ==", ["Yg==", 1, null]] },
            { result: "OK" },
            { error: expect.stringContaining("ERR unknown command") },
            { result: "dg==" },
          ],
        });
      });

      it("answers a new sync token each time", async () => {
        const tokens = [];
        for (let i = 0; i < 3; i++) tokens.push((await fetch(upstash.url)).headers.get("upstash-sync-token"));
        expect(new Set(tokens).size).toBe(3);
      });

      it("wants a token, as a bearer or in the query", async () => {
        const anonymous = { headers: { authorization: "" } };
        const refused = { status: 401, body: { error: "WRONGPASS invalid or missing auth token" } };
        expect(await ask("/ping", anonymous)).toEqual(refused);
        expect(await ask(`/ping?_token=wrong`, anonymous)).toEqual(refused);
        const response = await fetch(`${upstash.url}/ping?_token=${upstash.token}`);
        expect(await response.json()).toEqual({ result: "PONG" });
      });

      it("refuses other methods with 405 and other formats with 400", async () => {
        expect(await ask("/ping", { method: "DELETE" })).toMatchObject({ status: 405 });
        expect(await ask("/ping", { headers: { "upstash-response-format": "resp2" } })).toMatchObject({ status: 400 });
      });

      it.each([
        ["/", "{"],
        ["/", "{}"],
        ["/", "[]"],
        ["/", '["GET", null]'],
        ["/", '["GET", ["nested"]]'],
        ["/pipeline", '["GET", "a"]'],
        ["/multi-exec", "[]"],
        ["/get/%E0%A4%A", ""],
      ])("answers 400 to nonsense: %s %s", async (path, body) => {
        expect(await ask(path, { method: "POST", body })).toEqual({
          status: 400,
          body: { error: expect.stringMatching(/^ERR failed to parse/) },
        });
      });

      it("answers 400 to a command that fails", async () => {
        expect(await post("/", ["GET"])).toEqual({
          status: 400,
          body: { error: "ERR wrong number of arguments for 'get' command" },
        });
      });

      it("refuses commands that would block or change the shared connection, one by one", async () => {
        expect(await post("/", ["subscribe", "c"])).toEqual({
          status: 400,
          body: { error: "ERR Command is not available: 'subscribe'" },
        });
        expect(
          await post("/pipeline", [
            ["INCR", "n"],
            ["BLPOP", "l", 0],
            ["INCR", "n"],
          ]),
        ).toEqual({
          status: 200,
          body: [{ result: 1 }, { error: "ERR Command is not available: 'BLPOP'" }, { result: 2 }],
        });
        expect(await post("/multi-exec", [["INCR", "n"], ["EXEC"]])).toMatchObject({ status: 400 });
        expect(await upstash.command("GET", "n")).toBe("2");
      });

      it("discards a whole transaction with 400 and the first command's error", async () => {
        expect(await post("/multi-exec", [["SET", "d", "1"], ["GET"], ["NOPE"]])).toEqual({
          status: 400,
          body: { error: "ERR wrong number of arguments for 'get' command" },
        });
        expect(await upstash.command("EXISTS", "d")).toBe(0);
      });

      it("does not stop a transaction for a command that fails while it runs", async () => {
        expect(
          await post("/multi-exec", [
            ["SET", "d", "x"],
            ["INCR", "d"],
            ["GET", "d"],
          ]),
        ).toEqual({
          status: 200,
          body: [{ result: "OK" }, { error: "ERR value is not an integer or out of range" }, { result: "x" }],
        });
      });

      it("takes 10 MB and not a byte more", async () => {
        const value = "x".repeat(10 * 1024 * 1024);
        expect(await ask("/set/huge", { method: "POST", body: value })).toMatchObject({ status: 200 });
        expect(await ask("/set/huge", { method: "POST", body: `${value}x` })).toEqual({
          status: 400,
          body: { error: "ERR max request size exceeded. Limit: 10485760 bytes, Actual: 10485761 bytes" },
        });
      });

      it("answers many at once, each with its own", async () => {
        const asked = Array.from({ length: 100 }, (_, i) => `${i}`);
        const answers = await Promise.all(asked.map((i) => post("/", ["PING", i])));
        expect(answers.map(({ body }) => body)).toEqual(asked.map((result) => ({ result })));
      });
    });

    describe("the meter", () => {
      it("counts requests, and every command except MULTI and EXEC", async () => {
        const measured = await upstash.meter.measure(async () => {
          await redis.multi().set("a", "1").incr("a").exec();
          await redis.eval("redis.call('GET', KEYS[1]) return redis.call('DEL', KEYS[1])", ["a"], []);
          return "done";
        });
        expect(measured).toEqual({
          result: "done",
          http: 2,
          billed: 5,
          commands: ["SET", "INCR", "EVAL", "GET", "DEL"],
        });
      });

      it("counts nothing of what came before or after, however often it is asked", async () => {
        for (let i = 0; i < 20; i++) {
          await redis.incr("before");
          expect(await upstash.meter.measure(() => redis.incr("n"))).toMatchObject({ http: 1, billed: 1 });
        }
        expect(await upstash.meter.measure(async () => {})).toMatchObject({ http: 0, billed: 0 });
      });

      it("reads the most hostile argument as an argument", async () => {
        const nasty = '"\r\n+1.0 [0 lua] "GET" "x" \u0000é';
        expect((await upstash.meter.measure(() => redis.set(nasty, nasty))).commands).toEqual(["SET"]);
      });

      it("lets the work's error through, and measures again", async () => {
        await expect(upstash.meter.measure(() => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
        expect(await upstash.meter.measure(() => redis.ping())).toMatchObject({ commands: ["PING"] });
      });
    });

    describe("@upstash/ratelimit", () => {
      /** Billed commands of a first call, the next one and a refused one, as Upstash's cost page counts them. */
      const costs = {
        fixedWindow: { limiter: Ratelimit.fixedWindow(2, "1 h"), first: 3, next: 2, refused: 2 },
        slidingWindow: { limiter: Ratelimit.slidingWindow(2, "1 h"), first: 5, next: 4, refused: 3 },
        tokenBucket: { limiter: Ratelimit.tokenBucket(2, "1 h", 2), first: 4, next: 4, refused: 2 },
      };

      it.each(Object.entries(costs))("%s limits, for what the cost page says", async (_, cost) => {
        const ratelimit = new Ratelimit({ redis, limiter: cost.limiter, ephemeralCache: false, analytics: false });
        await ratelimit.limit("warms the script");
        const calls = [];
        for (let i = 0; i < 3; i++) calls.push(await upstash.meter.measure(() => ratelimit.limit("id")));
        expect(calls.map(({ result, http, billed }) => [result.success, http, billed])).toEqual([
          [true, 1, cost.first],
          [true, 1, cost.next],
          [false, 1, cost.refused],
        ]);
      });

      it("costs nothing once it knows an identifier is refused", async () => {
        const ratelimit = new Ratelimit({ redis, limiter: costs.fixedWindow.limiter, ephemeralCache: new Map() });
        for (let i = 0; i < 3; i++) await ratelimit.limit("id");
        expect(await upstash.meter.measure(() => ratelimit.limit("id"))).toMatchObject({
          result: { success: false, reason: "cacheBlock" },
          http: 0,
          billed: 0,
        });
      });
    });
  });
});

function clientOf({ url, token }: Upstash, other?: string): Redis {
  return new Redis({ url, token: other ?? token, enableTelemetry: false, retry: { retries: 0 } });
}
