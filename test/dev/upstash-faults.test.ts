import { Redis } from "@upstash/redis/cloudflare";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startUpstash, type Upstash } from "../../src/dev/upstash/front.ts";

/** Faults live in the front, so one engine is enough. */
let upstash: Upstash;
let redis: Redis;

beforeAll(async () => {
  upstash = await startUpstash({ engine: "embedded" });
  redis = clientOf(upstash, 0);
});
afterEach(async () => {
  upstash.faults.clear();
  await upstash.command("FLUSHALL");
});
afterAll(() => upstash?.stop());

function clientOf({ url, token }: Upstash, retries: number): Redis {
  return new Redis({ url, token, enableTelemetry: false, retry: { retries, backoff: () => 0 } });
}

describe("a fault", () => {
  it("outage resets the connection and applies nothing", async () => {
    upstash.faults.set({ kind: "outage" });
    await expect(redis.incr("n")).rejects.toThrow("fetch failed");
    await expect(redis.incr("n")).rejects.toThrow("fetch failed");
    expect(await upstash.command("GET", "n")).toBeNull();
  });

  it("status answers a JSON error, or the HTML that a proxy would send", async () => {
    upstash.faults.set(
      { kind: "status", status: 503, times: 1 },
      { kind: "status", status: 502, body: "<h1>Bad</h1>" },
    );
    await expect(redis.incr("n")).rejects.toThrow("ERR simulated fault");
    const response = await fetch(upstash.url);
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      502,
      "text/html",
      "<h1>Bad</h1>",
    ]);
    expect(await upstash.command("GET", "n")).toBeNull();
  });

  it("latency answers right, but late", async () => {
    upstash.faults.set({ kind: "latency", ms: 30 });
    const before = performance.now();
    expect(await redis.incr("n")).toBe(1);
    expect(performance.now() - before).toBeGreaterThan(28);
  });

  it("hang never answers", async () => {
    upstash.faults.set({ kind: "hang" });
    const { url, token } = upstash;
    const impatient = new Redis({ url, token, enableTelemetry: false, signal: () => AbortSignal.timeout(30) });
    await expect(impatient.incr("n")).rejects.toThrow("aborted due to timeout");
    expect(await upstash.command("GET", "n")).toBeNull();
  });

  it("lost applies the command and resets the connection, so a client that resends applies it twice", async () => {
    upstash.faults.set({ kind: "lost", times: 1 });
    expect(await clientOf(upstash, 1).incr("n")).toBe(2);
  });

  it("quota refuses as Upstash does when the month is used up", async () => {
    upstash.faults.set({ kind: "quota" });
    await expect(redis.incr("n")).rejects.toThrow("ERR max requests limit exceeded");
    await expect(redis.pipeline().incr("n").incr("n").exec()).rejects.toThrow("ERR max requests limit exceeded");
  });

  it("lasts for its `times`, then the next has its turn, then all is well", async () => {
    upstash.faults.set({ kind: "outage", times: 2 }, { kind: "quota", times: 1 });
    const outcomes = [];
    for (let i = 0; i < 4; i++)
      outcomes.push(await redis.incr("n").catch((error: Error) => error.message.slice(0, 12)));
    expect(outcomes).toEqual(["fetch failed", "fetch failed", "ERR max requ", 1]);
  });

  it("that strikes still counts as a request", async () => {
    upstash.faults.set({ kind: "outage" });
    const measured = await upstash.meter.measure(() =>
      clientOf(upstash, 2)
        .ping()
        .catch(() => "gone"),
    );
    expect(measured).toMatchObject({ result: "gone", http: 3, billed: 0 });
  });
});

describe("/sim/faults", () => {
  const control = (method: string, body?: unknown) =>
    fetch(`${upstash.url}/sim/faults`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

  it("sets one fault or several, and clears them, without a token and without being counted", async () => {
    const { http } = await upstash.meter.measure(async () => {
      expect((await control("POST", { kind: "quota" })).status).toBe(200);
      await expect(redis.ping()).rejects.toThrow("limit exceeded");
      expect(
        (
          await control("POST", [
            { kind: "outage", times: 1 },
            { kind: "status", status: 500 },
          ])
        ).status,
      ).toBe(200);
      await expect(redis.ping()).rejects.toThrow("fetch failed");
      await expect(redis.ping()).rejects.toThrow("simulated");
      expect((await control("DELETE")).status).toBe(200);
      expect(await redis.ping()).toBe("PONG");
    });
    expect(http).toBe(4);
  });

  it.each([
    [{ kind: "flood" }, "kind"],
    [{ kind: "status" }, "status"],
    [[{ kind: "latency", ms: -1 }], "ms"],
    [{ kind: "hang", times: 0 }, "times"],
    ["no object", "expected object"],
  ])("refuses %j and names the field", async (body, field) => {
    const response = await control("POST", body);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(field)]);
    expect(await redis.ping()).toBe("PONG");
  });

  it("takes POST and DELETE only", async () => {
    expect((await control("GET")).status).toBe(405);
  });
});

it("stop ends at once while requests hang or wait, and frees the port", async () => {
  const other = await startUpstash({ engine: "embedded", token: "mine" });
  other.faults.set({ kind: "hang", times: 1 }, { kind: "latency", ms: 60_000 });
  const take = vi.spyOn(other.faults, "take");
  const stuck = [clientOf(other, 0).ping(), clientOf(other, 0).ping()].map((work) => work.catch(() => "cut"));
  await vi.waitFor(() => expect(take).toHaveBeenCalledTimes(2), { interval: 1 });
  await other.stop();
  expect(await Promise.all(stuck)).toEqual(["cut", "cut"]);
  const again = await startUpstash({ engine: "embedded", port: Number(new URL(other.url).port) });
  expect(again.url).toBe(other.url);
  await expect(startUpstash({ engine: "embedded", port: Number(new URL(other.url).port) })).rejects.toThrow(
    "EADDRINUSE",
  );
  await again.stop();
});
