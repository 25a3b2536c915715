import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { notify, openStand, type Stand } from "../stand.ts";

let stand: Stand;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(() => stand.reset());

const MINUTE = 60_000;
let telling: Promise<unknown> = Promise.resolve();
const words = async (answer: Response | Promise<Response>) => {
  const it = await answer;
  return [it.status, await it.text()];
};
const fault = async (answer: Promise<Response>) => {
  const it = await answer;
  return [it.status, (await it.json()).error.message];
};
/** The first line of each message. */
const heads = () => stand.texts().map((text) => text.split("\n")[0]);
/** Minutes pass, each with its tick. */
async function pass(minutes: number, each: () => Promise<unknown> = async () => undefined): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    stand.now += MINUTE;
    await each();
    await stand.tick();
  }
}
const report = (instance = "i-1", vitals: unknown = [{ at: stand.now, rss: 191_889_408, cpu: 12 }]) => ({
  method: "POST",
  body: JSON.stringify({ instance, vitals }),
});

describe("a ping", () => {
  test("is answered Created, then OK, whatever its method", async () => {
    expect(await words(stand.beat("/etl?every=5m"))).toEqual([201, "Created"]);
    for (const method of ["GET", "POST"]) expect(await words(stand.beat("/etl", { method }))).toEqual([200, "OK"]);
    expect(await words(stand.beat("/etl", { method: "HEAD" }))).toEqual([200, ""]);
    const { headers } = await stand.beat("/etl");
    expect(Object.fromEntries(headers)).toMatchObject({
      "ping-body-limit": "10000",
      "cache-control": "no-store",
      "access-control-allow-origin": "*",
    });
  });

  test.each([
    ["/etl?every=9s", /^every: not a time from 10s/],
    ["/etl?every=soon", /^every: /],
    ["/etl?cron=0+0+31+2+*", /^cron: names no day/],
    ["/etl?cron=every+noon", /^cron: not the five fields/],
    ["/etl?cron=0+3+*+*+*&tz=Mars/Base", /^tz: not a time zone/],
    ["/etl?every=5m&cron=0+3+*+*+*", /^every: stands beside cron/],
    ["/etl?failures=2", /^failures: stands without a schedule/],
    ["/etl?every=5m&failures=0", /^failures: /],
    ["/etl?every=5m&remind=5s", /^remind: /],
    ["/etl/256", /^exit status: from 0 to 255/],
    ["/etl/finish", /^path: after the name stands start, fail, log/],
    ["/no%20name", /^name: /],
    ["/etl/start/again", /^path: /],
  ])("that asks for what cannot be is refused by name, and nothing is taken: %s", async (path, message) => {
    expect(await fault(stand.beat(path))).toEqual([400, expect.stringMatching(message)]);
    expect(await stand.upstash.command("KEYS", "sb:s:*")).toEqual([]);
  });

  test.each(["/etl?rid=not%20an%20id", "/etl?rid=", "/etl?utm_source=chat", "/ETL", "/etl/", "/etl/0"])(
    "with something odd in it still counts: %s",
    async (path) => {
      await stand.beat("/etl?every=5m");
      await pass(5);
      expect(await words(stand.beat(path))).toEqual([200, "OK"]);
      await pass(5);
      expect(heads()).toEqual([]);
    },
  );

  test("that nobody meant does not count", async () => {
    await stand.beat("/etl?every=5m");
    for (const headers of [{ "user-agent": "TelegramBot (like TwitterBot)" }, { "sec-purpose": "prefetch;prerender" }])
      await pass(3, async () => expect(await words(stand.beat("/etl", { headers }))).toEqual([200, "OK"]));
    await pass(1);
    expect(heads()).toEqual([expect.stringContaining("orders-api/etl")]);
  });

  test("of a hundred and first monitor is refused, and the others go on", async () => {
    for (let i = 0; i < 100; i++) expect((await stand.beat(`/job-${i}`)).status).toBe(201);
    expect(await fault(stand.beat("/one-too-many"))).toEqual([400, expect.stringMatching(/^name: .*100 monitors/)]);
    expect((await stand.beat("/job-7")).status).toBe(200);
  });

  test("is 401 with a forged key, and with one that was rotated away", async () => {
    expect(
      (
        await stand.open().fetch(new Request("http://hub.test/s/orders-api.AAAAAAAAAAAAAAAAAAAAAA/beat"), {
          waitUntil: () => undefined,
        })
      ).status,
    ).toBe(401);
    await stand.beat("", { generation: 2 });
    expect((await stand.beat("")).status).toBe(401);
  });

  test("is 503 while the store is away, and counts when it comes again", async () => {
    await stand.beat("/etl?every=5m");
    stand.upstash.faults.set({ kind: "outage" });
    const answer = await stand.beat("/etl");
    expect([answer.status, Number(answer.headers.get("retry-after")) > 0]).toEqual([503, true]);
    stand.upstash.faults.clear();
    stand.now += 2_000;
    expect((await stand.beat("/etl")).status).toBe(200);
  });

  test("whose answer from the store was lost counts once", async () => {
    await stand.beat("/etl?every=5m&failures=2");
    stand.upstash.faults.set({ kind: "lost", times: 1 });
    await stand.beat("/etl/fail");
    expect(heads()).toEqual([]);
    await stand.beat("/etl/fail");
    expect(heads()).toHaveLength(1);
  });

  test("keeps the end of what a job printed, and no half of a secret where it is cut", async () => {
    const secret = `postgres://app:S3cretPassw0rd@db/${"x".repeat(9_985)}`;
    await stand.beat("/etl/1?every=1d", {
      method: "POST",
      body: `${"progress\n".repeat(4_000)}${secret}\nFATAL: disk full`,
    });
    expect(stand.texts()[0]).toContain("FATAL: disk full");
    expect(String(await stand.upstash.command("HGET", "sb:s:orders-api", "bo:etl"))).not.toContain("S3cret");
  });

  test("of a service whose name begins with beat counts too", async () => {
    expect(await words(stand.beat("/etl?every=5m", { service: "beats" }))).toEqual([201, "Created"]);
  });

  test("keeps what a job printed: cut at ten thousand bytes where a character ends, without secrets", async () => {
    const body = `${"ä".repeat(20_000)} token=ghp_${"a".repeat(36)}`;
    await stand.beat("/etl/log", { method: "POST", body });
    const kept = String(await stand.upstash.command("HGET", "sb:s:orders-api", "bo:etl"));
    expect(kept).not.toContain("ghp_");
    expect(kept).not.toContain("\ufffd");
    expect(new TextEncoder().encode(kept).length).toBeLessThanOrEqual(10_020);
  });
});

describe("silence", () => {
  test("is told once, with its deadline as its time, and so is the return, in reply", async () => {
    await stand.beat("/etl?every=5m&grace=1m");
    await pass(5);
    expect(heads()).toEqual([]);
    await pass(10);
    expect(heads()).toEqual([expect.stringMatching(/^🔴 silent · orders-api\/etl/)]);
    await stand.beat("/etl");
    const [alert, back] = stand.telegram.messages();
    expect(back?.text).toMatch(/^✅ .*orders-api\/etl/);
    expect(back?.reply_to_message?.message_id).toBe(alert?.message_id);
    await pass(3);
    expect(stand.texts()).toHaveLength(2);
  });

  test("of a job with a cron is told in its time zone's time", async () => {
    stand.now = Date.UTC(2026, 10, 21, 1, 30);
    await stand.beat("/etl?cron=0+3+*+*+*&tz=Europe/Berlin&grace=30m"); // 02:00 UTC
    stand.now = Date.UTC(2026, 10, 21, 2, 0, 30);
    await stand.beat("/etl");
    stand.now = Date.UTC(2026, 10, 22, 2, 29);
    for (let i = 0; i < 32; i++) await stand.open().tick(stand.now - (32 - i) * MINUTE);
    await stand.tick();
    expect(heads()).toEqual([]);
    await pass(2);
    expect(heads()).toEqual([expect.stringMatching(/^🔴 silent/)]);
    expect(stand.texts()[0]).toContain("Europe/Berlin");
  });

  test("says what the service said last", async () => {
    await stand.beat("", report());
    stand.now += 40_000;
    await stand.tell([notify("OutOfMemoryError: heap", { kind: "error", count: 12 })]);
    await pass(5);
    const text = stand.texts().find((it) => it.startsWith("🔴 silent"));
    expect(text).toMatch(/OutOfMemoryError: heap/);
    expect(text).toMatch(/12/);
    expect(text).toMatch(/183 MB/);
  });

  test("that was announced is none", async () => {
    for (const instance of ["i-1", "i-2"]) await stand.beat("", report(instance));
    const stop = {
      kind: "lifecycle",
      severity: "info",
      title: "",
      at: stand.now,
      lifecycle: { phase: "stop", reason: "sigterm" },
    };
    await stand.tell([stop], { instance: "i-1" });
    await pass(1, () => stand.beat("", report("i-2")));
    await stand.tell([stop], { instance: "i-2" });
    await pass(10);
    expect(heads().filter((head) => head?.includes("silent"))).toEqual([]);
    await stand.beat("", report("i-3"));
    await pass(4);
    expect(heads().filter((head) => head?.includes("silent"))).toHaveLength(1);
  });

  test("of one instance of several is told with how many are left", async () => {
    for (const instance of ["i-1", "i-2", "i-3"]) await stand.beat("", report(instance));
    await pass(4, async () => {
      for (const instance of ["i-1", "i-3"]) await stand.beat("", report(instance));
    });
    expect(stand.texts()).toHaveLength(1);
    expect(stand.texts()[0]).toMatch(/2 of 3 instances/);
    expect(stand.texts()[0]).toContain("i-2");
  });

  test("of vitals is told once while beats go on", async () => {
    await stand.beat("", report());
    await pass(8, () => stand.beat("", report("i-1", [])));
    expect(heads()).toEqual([expect.stringMatching(/vitals/)]);
  });

  test("that a late ping ends before any tick is not forgotten", async () => {
    await stand.beat("/etl?every=5m&grace=1m");
    await pass(5);
    stand.now += 100_000;
    await stand.beat("/etl");
    expect(heads()).toHaveLength(1);
    expect(stand.texts()[0]).toMatch(/beats again/);
  });

  test("is told by the hub that began to, though a beat comes meanwhile, and then the return", async () => {
    await stand.beat("/etl?every=60s&grace=60s");
    await pass(1);
    let answer = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      const slow = async (...request: Parameters<typeof fetch>): Promise<Response> => {
        if (String(request[0]).endsWith("/sendMessage")) {
          resolve();
          await new Promise<void>((go) => {
            answer = go;
          });
        }
        return stand.telegram.fetch(...(request as [string, RequestInit]));
      };
      stand.now += MINUTE + 1_000;
      telling = stand.open({}, { fetch: slow }).tick(stand.now);
    });
    await reached;
    stand.now += 1_000;
    await stand.beat("/etl");
    answer();
    await telling;
    await pass(4, () => stand.beat("/etl"));
    expect(heads()).toEqual([expect.stringMatching(/^🔴 silent/), expect.stringMatching(/^✅ up again/)]);
  });

  test("is told once by sixteen ticks at once", async () => {
    await stand.beat("/etl?every=60s&grace=60s");
    stand.now += 2 * MINUTE;
    await Promise.all(Array.from({ length: 16 }, () => stand.open().tick(stand.now)));
    await pass(3);
    expect(heads()).toHaveLength(1);
  });

  test("is told though the hub that claimed it died, and twice only when it died after Telegram had it", async () => {
    await stand.beat("/etl?every=60s&grace=60s");
    const dying = stand.open({}, { fetch: () => Promise.reject(new Error("it is no more")) });
    stand.now += 2 * MINUTE;
    await dying.tick(stand.now);
    expect(heads()).toEqual([]);
    await pass(1);
    expect(heads()).toHaveLength(1);

    const tells = async (...request: Parameters<typeof fetch>): Promise<Response> => {
      const answer = await stand.telegram.fetch(...(request as [string, RequestInit]));
      stand.upstash.faults.set({ kind: "outage" }); // it cannot note any more that it was told
      return answer;
    };
    await stand.beat("/etl", { hub: stand.open({}, { fetch: tells as typeof fetch }) });
    stand.upstash.faults.clear();
    expect(heads()).toHaveLength(2);
    await pass(2, () => stand.beat("/etl"));
    expect(heads().map((head) => head?.slice(0, 1))).toEqual([..."🔴✅✅"].map((icon) => icon.slice(0, 1)));
    await pass(3, () => stand.beat("/etl"));
    expect(heads()).toHaveLength(3);
  });

  test("of six hundred monitors at once is one message", async () => {
    for (let i = 0; i < 6; i++)
      for (let k = 0; k < 100; k++) await stand.beat(`/job-${k}?every=60s&grace=60s`, { service: `shop-${i}` });
    await pass(4);
    expect(heads()).toEqual([
      expect.stringMatching(/^🔴 ingest or network\? 600 of 600 monitors fell silent together/),
    ]);
  }, 60_000);

  test("is not hidden by a thousand other things that are due", async () => {
    await stand.beat("/etl?every=5m&grace=1m");
    const ghosts = Array.from({ length: 1_000 }, (_, i) => [String(stand.now - 1_000), `wghost-${i}\nabcdef01`]).flat();
    await stand.upstash.command("ZADD", "sb:wheel", ...ghosts);
    await stand.upstash.command("HSET", "sb:hub", `blocked:${stand.telegram.alerts}`, String(stand.now + 7_200_000));
    let flips = 0;
    for (let i = 0; i < 8; i++) flips += (await stand.tick(MINUTE)).flips;
    expect(flips).toBe(1);
  });

  test("is not forgotten when a mute ends after it was told; nor does the next alert reply to this one's", async () => {
    await stand.beat("/etl?every=5m&grace=1m");
    await pass(8);
    await stand.mute({ service: "orders-api" }, 10 * MINUTE, "");
    await stand.beat("/etl");
    await pass(1);
    expect(heads()).toHaveLength(1);
    await pass(12, () => stand.beat("/etl"));
    expect(heads()).toEqual([expect.stringMatching(/^🔴/), expect.stringMatching(/^✅/)]);
    await pass(8);
    expect(stand.telegram.messages().at(-1)?.text).toMatch(/^🔴/);
    expect(stand.telegram.messages().at(-1)?.reply_to_message).toBeUndefined();
  });

  test("of several is told one after the other, and after a 429 not before its time", async () => {
    for (const name of ["a", "b", "c"]) await stand.beat(`/${name}?every=60s&grace=60s`);
    stand.telegram.faults.add({ method: "sendMessage", status: 429, retryAfter: 120 });
    await pass(3);
    expect(stand.telegram.calls.filter(({ method }) => method === "sendMessage")).toHaveLength(1);
    await pass(3);
    expect(heads()).toHaveLength(3);
  });

  test("is told though what the service said last cannot be read", async () => {
    await stand.tell([notify("Broken")]);
    await stand.beat("?every=60s&grace=60s");
    const [id] = String(await stand.upstash.command("HGET", "sb:s:orders-api", "ring")).split(" ");
    await stand.upstash.command("HSET", "sb:s:orders-api", `p:${id}`, "{gibberish");
    await pass(3);
    expect(heads()).toContainEqual(expect.stringMatching(/^🔴 silent · orders-api/));
  });

  test("of fifty services at once is one message, and so is their return", async () => {
    const names = Array.from({ length: 50 }, (_, i) => `shop-${i}`);
    for (const service of names) await stand.beat("?every=60s&grace=60s", { service });
    await pass(3);
    expect(stand.texts()).toHaveLength(1);
    expect(stand.texts()[0]).toMatch(/50/);
    expect(stand.texts()[0]).toMatch(/network/);
    await pass(5);
    expect(stand.texts()).toHaveLength(1);
    for (const service of names) await stand.beat("", { service, hub: stand.open() });
    await pass(1);
    expect(heads()).toEqual([expect.anything(), "✅ 50 monitors beat again"]);
  });

  test("of a monitor that cannot be read keeps none of the others", async () => {
    for (const name of ["one", "two", "three"]) await stand.beat(`/${name}?every=60s&grace=60s`);
    await stand.upstash.command("HSET", "sb:s:orders-api", "bc:two", "gibberish");
    await pass(3);
    expect(heads()).toEqual(["one", "three"].map((name) => expect.stringContaining(`orders-api/${name}`)));
  });

  test("of many with other news beside it loses none of them", async () => {
    for (let i = 0; i < 4; i++) await stand.beat(`/job-${i}?every=60s&grace=60s`);
    for (let i = 4; i < 9; i++) await stand.beat(`/job-${i}?every=1d`);
    stand.telegram.faults.add({ status: 429, retryAfter: 170 });
    for (let i = 4; i < 9; i++) await stand.beat(`/job-${i}?every=2d`);
    await pass(9);
    const offers = heads().filter((head) => head?.startsWith("💡"));
    expect([offers.length, heads().filter((head) => head?.startsWith("🔴 ")).length]).toEqual([5, 1]);
  });

  test("of a few while many beat on is not the network", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `shop-${i}`);
    for (const service of names) await stand.beat("?every=60s&grace=60s", { service });
    await pass(3, async () => {
      for (const service of names.slice(5)) await stand.beat("", { service });
    });
    expect(stand.texts()).toHaveLength(1);
    expect(stand.texts()[0]).not.toMatch(/network/);
  });
});

describe("a run", () => {
  test("that fails is told at once, with the end of what it printed", async () => {
    await stand.beat("/etl?every=1d");
    await stand.beat("/etl/3", { method: "POST", body: "step 1 ok\nstep 2: no space left on device" });
    expect(heads()).toEqual([expect.stringMatching(/^🔴 failed · orders-api\/etl/)]);
    expect(stand.texts()[0]).toContain("no space left on device");
    await stand.beat("/etl/3");
    expect(stand.texts()).toHaveLength(1);
  });

  test("that does not end is told though a newer one has ended", async () => {
    await stand.beat("/etl/start?every=1d&max=10m&rid=a");
    stand.now += MINUTE;
    await stand.beat("/etl/start?rid=b");
    await stand.beat("/etl?rid=b");
    await pass(11);
    expect(heads()).toEqual([expect.stringMatching(/^🔴 stuck · orders-api\/etl/)]);
    expect(stand.texts()[0]).toMatch(/\ba\b/);
  });

  test("may be asked for something else, which is told once and taken only when somebody accepts", async () => {
    await stand.beat("/etl?every=5m&grace=1m");
    for (let i = 0; i < 3; i++) await stand.beat("/etl?every=1h");
    expect(heads()).toHaveLength(1);
    const [offer] = stand.telegram.messages();
    const button = offer?.reply_markup?.inline_keyboard.flat()[0];
    expect(button?.text).toMatch(/accept/);
    await stand.press(offer?.message_id ?? 0, button?.text ?? "");
    await pass(30);
    expect(heads()).toHaveLength(1);
  });
});

describe("our own blindness", () => {
  test("is no alarm: what fell into it is put off, and the chat is told so once", async () => {
    const services = Array.from({ length: 30 }, (_, i) => `shop-${i}`);
    for (const service of services) await stand.beat("?every=60s&grace=60s", { service });
    await stand.beat("?every=60s&grace=60s", { service: "dead-before" });
    const others = async () => {
      for (const service of services) await stand.beat("", { service });
    };
    await pass(1, others);
    stand.upstash.faults.set({ kind: "outage" });
    for (let i = 0; i < 10; i++) {
      stand.now += MINUTE;
      await others();
      await stand.tick().catch(() => undefined);
    }
    stand.upstash.faults.clear();
    stand.now += 10_000;
    await stand.tick();
    await others();
    await pass(12, others);
    const told = heads();
    expect(told.filter((head) => head?.startsWith("👁"))).toHaveLength(1);
    expect(told.filter((head) => head?.includes("dead-before"))).toHaveLength(1);
    expect(told).toHaveLength(2);
  });
});

describe("below the alert", () => {
  const alarm = async (query: string) => {
    await stand.beat(`/etl?${query}`);
    await pass(8);
    const [alert] = stand.telegram.messages();
    return alert?.message_id ?? 0;
  };

  test("ack ends the reminders", async () => {
    const id = await alarm("every=5m&grace=1m&remind=10m");
    await pass(11);
    expect(heads()).toHaveLength(2);
    expect(await stand.press(id, "✅ ack")).toMatch(/no more reminders/i);
    await pass(25);
    expect(heads()).toHaveLength(2);
  });

  test("an hour's rest is a reminder in an hour", async () => {
    const id = await alarm("every=5m&grace=1m");
    await stand.press(id, "💤 1h");
    await pass(55);
    expect(heads()).toHaveLength(1);
    await pass(10);
    expect(heads()).toHaveLength(2);
  });

  test("a monitor may rest until its next beat, which is told to nobody", async () => {
    const id = await alarm("every=5m&grace=1m");
    await stand.press(id, "⏸ until next beat");
    await stand.beat("/etl");
    expect(heads()).toHaveLength(1);
    await pass(8);
    expect(heads()).toHaveLength(2);
  });

  test("yesterday's button does not silence what is well again", async () => {
    const id = await alarm("every=5m&grace=1m");
    await stand.beat("/etl");
    expect(await stand.press(id, "⏸ until next beat")).toMatch(/nothing to do/i);
    await pass(8);
    expect(heads().filter((head) => head?.startsWith("🔴"))).toHaveLength(2);
  });

  test("a button that is pressed while the store is away says so", async () => {
    const id = await alarm("every=5m&grace=1m");
    stand.upstash.faults.set({ kind: "outage" });
    expect(await stand.press(id, "✅ ack")).toMatch(/as soon as it does/i);
  });

  test("an offer that was outdone by another is not taken", async () => {
    await stand.beat("/etl?every=5m&grace=1m");
    await stand.beat("/etl?every=1h");
    await stand.beat("/etl?every=30d");
    const [first] = stand.telegram.messages();
    expect(await stand.press(first?.message_id ?? 0, "✔️ accept")).toMatch(/no longer there/);
  });

  test("a button of a monitor that is no more says so", async () => {
    const id = await alarm("every=5m&grace=1m");
    await stand.upstash.command("DEL", "sb:s:orders-api");
    expect(await stand.press(id, "✅ ack")).toMatch(/no longer/i);
  });

  test("only those who may command decide", async () => {
    const id = await alarm("every=5m&grace=1m&remind=10m");
    const hub = stand.open({ TELEGRAM_ALLOWED_USERS: "1" });
    expect(await stand.press(id, "✅ ack", hub)).toMatch(/may not/i);
  });
});

test("what is muted is not told until the mute ends, and then only if it is still so", async () => {
  for (const service of ["shop", "orders-api"]) {
    await stand.mute({ service }, 30 * MINUTE, "");
    await stand.beat("?every=60s&grace=60s", { service });
  }
  await pass(10);
  await stand.beat("", { service: "shop" });
  await pass(19, () => stand.beat("", { service: "shop" }));
  expect(heads()).toEqual([]);
  await pass(2, () => stand.beat("", { service: "shop" }));
  expect(heads()).toEqual([expect.stringMatching(/^🔴 silent · orders-api/)]);
});

test("a beat a minute, with vitals, costs one call and four commands", async () => {
  await stand.beat("", report());
  await stand.beat("", report());
  stand.now += MINUTE / 2;
  const { http, billed } = await stand.upstash.meter.measure(() => stand.beat("", report()));
  expect({ http, billed }).toEqual({ http: 1, billed: 4 });
});

test.each([10, 100_000])("an idle tick costs two commands with %i monitors", async (count) => {
  const deadlines = Array.from({ length: count }, (_, i) => [String(stand.now + 86_400_000), `hshop-${i}\n`]);
  for (let i = 0; i < count; i += 5_000) {
    await stand.upstash.command("ZADD", "sb:wheel", ...deadlines.slice(i, i + 5_000).flat());
  }
  const { http, billed } = await stand.upstash.meter.measure(() => stand.tick(MINUTE));
  expect({ http, billed }).toEqual({ http: 1, billed: 2 });
});
