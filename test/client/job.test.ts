import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createScrub, createSnitch } from "../../src/mod.ts";
import { ADDRESS } from "./hub.ts";

const status = (code: number, headers: HeadersInit = {}) => new Response("OK", { status: code, headers });

/** A client whose hub answers with these statuses, the last one for ever. */
function beating(...answers: (() => Response | Promise<Response>)[]) {
  const pings: string[] = [];
  const bodies: string[] = [];
  const snitch = createSnitch({
    url: ADDRESS,
    async fetch(url, { body }) {
      if (!url.startsWith(`${ADDRESS}/beat`)) return Response.json({ accepted: 1 }, { status: 202 });
      pings.push(url.slice(ADDRESS.length));
      bodies.push(String(body));
      return (answers.length > 1 ? answers.shift() : answers[0])?.() ?? status(200);
    },
  });
  return { snitch, pings, bodies };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function passing<T>(work: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(120_000);
  return work;
}

describe("beat", () => {
  it("says that the service, or one of its jobs, is alive", async () => {
    const { snitch, pings } = beating(
      () => status(201),
      () => status(200),
    );
    expect([await snitch.beat(), await snitch.beat("nightly-etl", { every: "1h", grace: "5m" })]).toEqual([true, true]);
    expect(pings).toEqual(["/beat?", "/beat/nightly-etl?every=1h&grace=5m"]);
  });

  it("is tried three times while the hub is away, and then says no", async () => {
    const { snitch, pings } = beating(() => status(503));
    expect(await passing(snitch.beat("etl"))).toBe(false);
    expect(pings).toHaveLength(3);
  });

  it("that nobody answers is sent again", async () => {
    const { snitch, pings } = beating(
      () => Promise.reject(new TypeError("fetch failed")),
      () => status(200),
    );
    expect(await passing(snitch.beat())).toBe(true);
    expect(pings).toHaveLength(2);
  });

  it("waits for Retry-After", async () => {
    const { snitch, pings } = beating(
      () => status(429, { "retry-after": "30" }),
      () => status(200),
    );
    const done = snitch.beat();
    await vi.advanceTimersByTimeAsync(29_000);
    expect(pings).toHaveLength(1);
    expect(await passing(done)).toBe(true);
  });

  it("is given up when the hub wants to be left alone for longer than anybody should wait", async () => {
    const { snitch, pings } = beating(() => status(429, { "retry-after": "3600" }));
    const ended = vi.fn();
    void snitch.job("etl", () => 42).then(ended);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toHaveBeenCalledWith(42);
    expect(pings).toHaveLength(2);
  });

  it("that is refused is tried once more, no further, and the reason is said", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { snitch, pings } = beating(() => Response.json({ error: { message: "every: too often" } }, { status: 400 }));
    expect(await passing(snitch.beat("etl", { every: "1s" }))).toBe(false);
    expect(pings).toHaveLength(2);
    expect(warn).toHaveBeenLastCalledWith("snitchbot: the hub says", 400, "every: too often");
    warn.mockRestore();
  });

  it("without an address says no", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    expect(await createSnitch().beat()).toBe(false);
    vi.restoreAllMocks();
  });

  it("is kept alive by the call it is sent in", async () => {
    const { snitch } = beating();
    const works: Promise<unknown>[] = [];
    const ctx = { waitUntil: (work: Promise<unknown>) => works.push(work) };
    const worker = snitch.wrap({
      scheduled: (_event: object, _env: object, _ctx: typeof ctx) => void snitch.beat("etl"),
    });
    worker.scheduled({ cron: "0 3 * * *" }, {}, ctx);
    expect(await Promise.all(works)).toEqual([true]);
  });
});

describe("job", () => {
  const runs = (pings: readonly string[]) => pings.map((ping) => ping.replace(/rid=[\da-f-]{36}$/, "rid=1"));

  it("says that a run begins and that it ends, as one run, and returns what it made", async () => {
    const { snitch, pings } = beating();
    expect(await snitch.job("etl", { cron: "0 3 * * *", grace: "30m" }, async () => 42)).toBe(42);
    expect(runs(pings)).toEqual([
      "/beat/etl/start?cron=0+3+*+*+*&grace=30m&rid=1",
      "/beat/etl?cron=0+3+*+*+*&grace=30m&rid=1",
    ]);
    expect(new Set(pings.map((ping) => ping.slice(-36))).size).toBe(1);
  });

  it("says how a run failed, without its secrets, and throws the same", async () => {
    const { snitch, pings, bodies } = beating();
    const error = new Error("no route to postgres://etl:hunter2@db/orders");
    await expect(snitch.job("etl", () => Promise.reject(error))).rejects.toBe(error);
    expect(runs(pings)).toEqual(["/beat/etl/start?rid=1", "/beat/etl/fail?rid=1"]);
    expect(bodies[1]).toMatch(/^Error: no route to postgres:\/\/etl:\[REDACTED\]@db\/orders\n\s+at /);
  });

  it("says it without what is secret here only, and throws the same where those rules throw", async () => {
    const { snitch, bodies } = beating();
    const error = new Error("no transfer to DE89370400440532013000");
    const fail = () => Promise.reject(error);
    snitch.init({ scrub: createScrub({ redact: [/\bDE\d{20}\b/] }) });
    await expect(snitch.job("etl", fail)).rejects.toBe(error);
    const scrub = (): never => {
      throw new Error("no rules");
    };
    snitch.init({ scrub });
    await expect(snitch.job("etl", fail)).rejects.toBe(error);
    expect([bodies[1]?.split("\n")[0], bodies[3]]).toEqual(["Error: no transfer to [REDACTED]", ""]);
  });

  it("does its work although the hub is away, and gives names to what is told inside", async () => {
    const { snitch, pings } = beating(() => status(503));
    const work = vi.fn(() => snitch.notify("half done"));
    const sent = vi.fn();
    await passing(snitch.job("etl", work).then(sent));
    expect(work).toHaveBeenCalledOnce();
    expect(sent).toHaveBeenCalledOnce();
    expect(pings).toHaveLength(6);
  });

  it("that throws before its first await fails, too", async () => {
    const { snitch, pings } = beating();
    const work = (): never => {
      throw new RangeError("early");
    };
    await expect(snitch.job("etl", work)).rejects.toThrow("early");
    expect(runs(pings)).toEqual(["/beat/etl/start?rid=1", "/beat/etl/fail?rid=1"]);
  });
});
