/** What a person reads who asks how things are: through the webhook, against the strict Telegram. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { notify, openStand, readable, type Stand } from "../stand.ts";

let stand: Stand;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(async () => {
  stand.now = Date.UTC(2026, 10, 21, 14, 18, 42);
  await stand.reset();
});

/** An error with a trace, of a kind of its own. */
const crash = (title: string, given: object = {}) => {
  const error = { type: "Error", message: title, stack: `Error: ${title}\n    at ${title} (src/${title}.ts:1:2)` };
  return notify(title, { kind: "error", at: stand.now, error, ...given });
};
const vitals = (instance: string, rss: number) => ({
  method: "POST",
  body: JSON.stringify({ instance, vitals: [{ at: stand.now - 5_000, rss: rss * 2 ** 20, cpu: 42.2, threads: 12 }] }),
});
/** The newest message. */
const newest = (): number => stand.telegram.messages().at(-1)?.message_id ?? 0;
/** Presses a button of a message, the newest if none is given. Answers what that message says then. */
async function pressed(button: string, id = newest()): Promise<string> {
  await stand.press(id, button);
  const message = stand.telegram.messages().find(({ message_id: it }) => it === id);
  return message ? readable(message) : "";
}

/** A day in the life of three services. */
async function live(): Promise<void> {
  await stand.tell(
    [
      {
        kind: "lifecycle",
        severity: "info",
        at: stand.now,
        title: "started",
        lifecycle: { phase: "start", reason: "start" },
      },
    ],
    {
      ...{ instance: "i-1", role: "web" },
    },
  );
  stand.now += HOUR;
  await stand.beat("?every=60s", vitals("i-1", 183));
  await stand.beat("/nightly-etl?every=5m");
  await stand.beat("?every=10m", { service: "shop" });
  await stand.beat("/cleanup/7?every=1h", { service: "billing" });
  await stand.tick();
  stand.now += 10_000;
  const slow = { name: "fetchUser", ms: 250, thresholdMs: 100 };
  await stand.tell(
    [
      crash("refused", { count: 27 }),
      notify("Cache <b>cold</b>", { severity: "warning", at: stand.now }),
      { kind: "slow", severity: "warning", title: "slow", at: stand.now, slow },
    ],
    { release: "2.3.1", env: "production", runtime: "node 22.11" },
  );
  await stand.beat("", vitals("i-2", 96));
  stand.now += 2 * MINUTE;
  await stand.beat("?every=60s", vitals("i-1", 184));
}

describe("whoever asks", () => {
  test("/status hears how all services are, the most urgent first", async () => {
    await live();
    expect(await stand.ask("/status")).toBe(`\
🔴 2 of 3 services need help · 1h
━━━━━━━━━━━━━━━━━━
🔴 billing
    cleanup down
🔴 orders-api
    errors in the last 15 min
    27 errors, 1 warning, 1 slow call
🟢 shop  seen 2m ago`);
  });

  test("/status of a service hears everything of it", async () => {
    await live();
    await stand.mute({ service: "orders-api" }, HOUR, "");
    await stand.tell([crash("refused", { count: 3 })]);
    expect(await stand.ask("/status orders-api 2h")).toBe(`\
🟡 orders-api
━━━━━━━━━━━━━━━━━━
muted events
started 1h 2m ago  seen just now
Last 2h
errors         30
warnings        1
slow calls      1
watchdog hits   0
Heartbeats
  🟢 next in 1m
  🟢 nightly-etl · next in 2m 50s
2 instances
  i-1 · web · 184 MB · 42% · just now
  i-2 · 96 MB · 42% · 2m ago
Muted
  🔕 orders-api until 16:20:52 UTC × 3
[🔄] [📜 last] [💓 monitors]`);
  });

  test("/services, /monitors and /last hear which there are, what beats, and what broke", async () => {
    await live();
    expect(await stand.ask("/services")).toBe(`\
🔴 2 of 3 services need help
━━━━━━━━━━━━━━━━━━
🔴 billing · 1 monitor · 2m ago
🔴 orders-api · 2.3.1 · 2 monitors · just now
🟢 shop · 1 monitor · 2m ago
[🔴 billing] [🔴 orders-api]
[🟢 shop]`);
    expect(await stand.ask("/monitors")).toBe(`\
🔴 1 of 4 monitors is down
━━━━━━━━━━━━━━━━━━
🔴 billing/cleanup · failed since 15:18:42 UTC
    last beat 2m ago · every 60 min, 12 min grace
🟢 orders-api · next in 1m
    last beat just now · every 60 s, 60 s grace
🟢 orders-api/nightly-etl · next in 2m 50s
    last beat 2m ago · every 5 min, 60 s grace
🟢 shop · next in 7m 50s
    last beat 2m ago · every 10 min, 2 min grace
[✅ ack] [💤 1h] [⏸ until next beat]`);
    expect(await stand.ask("/last 3 all")).toMatch(
      /^📜 Last 3 events\n━+\n(?:[123]\. \S+ .* · orders-api · [\da-f]{8}.* · 2m ago\n {4}.+\n){3}\[1\. /,
    );
    expect(await stand.ask("/last")).toMatch(
      /^📜 Last error\n━+\n1\. 🔴 error · orders-api · [\da-f]{8} × 27 · 2m ago\n {4}Error: refused\n\[1\. 📋 full trace\] \[1\. 🔕 1h\]$/,
    );
  });

  test("says windows, numbers and services as it comes", async () => {
    await live();
    for (const words of ["orders-api 15m", "15 min orders-api", "orders-api last 15 minutes", "ORDERS-API 900s"]) {
      expect(await stand.ask(`/status ${words}`)).toContain("\nLast 15m\nerrors         27\n");
      stand.now += 10_000;
    }
    for (const words of ["orders-api 2", "2 errors", "1 hour shop 9", "the last 7 days all"]) {
      expect(await stand.ask(`/last ${words}`)).toMatch(
        words.includes("errors") ? /^🤔 There is no service errors/ : /^(📜|🟢)/u,
      );
      stand.now += 10_000;
    }
  });

  test("what is not known is offered what is like it, or shown how it is written", async () => {
    await live();
    expect(await stand.ask("/status ordrs-api 2h")).toBe(
      "🤔 There is no service ordrs-api.\nDid you mean:\n[orders-api]",
    );
    expect(await pressed("orders-api")).toContain("Last 2h\nerrors         27");
    expect(await stand.ask("/last 500x!")).toMatch(
      /^🤔 "500x!" is neither a service nor a number.*\nUsage: .*\nSuch as: /,
    );
  });

  test("before anything was told, hears how to begin", async () => {
    for (const command of ["/status", "/services"]) {
      expect(await stand.ask(command)).toMatch(
        /^⚪ No service has told anything yet\. .* npx snitchbot key my-service /,
      );
    }
    expect(await stand.ask("/monitors")).toMatch(/^⚪ No service has a monitor yet\./);
    expect(await stand.ask("/last")).toBe("🟢 No errors yet. /last all shows warnings and notes too.");
  });

  test("in a topic hears of its service, with a star or all of all", async () => {
    stand.telegram.chats.set(stand.telegram.alerts, { isForum: true });
    await live();
    const threads = stand.telegram.messages().map(({ message_thread_id: id, text }) => ({ id, text }));
    const threadId = threads.find(({ text }) => text?.includes("refused"))?.id as number;
    const ask = (words: string) => stand.ask(words, { threadId });
    expect(await ask("/status")).toMatch(/^🔴 orders-api\n/);
    expect(await ask("/monitors")).toMatch(/^🟢 2 monitors, none down\n/);
    stand.now += 2 * MINUTE;
    expect(await ask("/last")).toMatch(/^📜 Last error · orders-api\n/);
    for (const all of ["/status all", "/status *"]) expect(await ask(all)).toMatch(/ of 3 services? /);
  });
});

describe("the buttons below", () => {
  test("a service's status look again, at its last errors, and at its monitors", async () => {
    await live();
    await stand.ask("/services");
    const id = newest();
    expect(await pressed("🔴 orders-api")).toMatch(/^🔴 orders-api\n/);
    stand.now += HOUR;
    expect(await pressed("🔄", id)).toMatch(
      /^🟡 orders-api\n━+\nitself, nightly-etl late\n(?:.*\n)*Last 1h\nerrors {9}0\n/u,
    );
    expect(await pressed("📜 last", id)).toMatch(/^📜 Last error · orders-api\n/);
  });

  test("a long list lead on, and back", async () => {
    for (let i = 0; i < 25; i++) await stand.beat("?every=60s", { service: `s-${10 + i}` });
    expect(await stand.ask("/status 2h")).toMatch(/^🟢 25 services, all well · 2h\n(?:.*\n)*\[5 more ▶️\]$/u);
    const second = await pressed("5 more ▶️");
    expect([second.match(/s-\d+/g), second.split("\n").at(-1)]).toEqual([
      ["s-30", "s-31", "s-32", "s-33", "s-34"],
      "[◀️ back]",
    ]);
    expect(await pressed("◀️ back")).toMatch(/s-10.*\n(?:.*\n)*\[5 more ▶️\]$/u);
  });

  test("the last errors mute theirs and no other, and tell its trace", async () => {
    await stand.tell([crash("first")]);
    stand.now += MINUTE;
    await stand.tell([crash("second")]);
    stand.now += MINUTE;
    await stand.ask("/last");
    const last = (await pressed("2. 🔕 1h")).split("\n").slice(-2);
    expect(last).toEqual([
      "[1. 📋 full trace] [1. 🔕 1h]",
      expect.stringMatching(/^\[2\. 📋 full trace\] \[2\. 🔕 until .*\] \[2\. 🔔 unmute\]$/u),
    ]);
    expect(await stand.ask("/mutes")).toContain("Error: first");
    stand.now += MINUTE;
    await stand.ask("/last");
    await pressed("1. 📋 full trace");
    expect(stand.texts().at(-1)).toContain("src/second.ts:1");
  });

  test("the one monitor that is down ack it", async () => {
    await stand.beat("/cleanup/7?every=1h&remind=2h");
    stand.now += MINUTE;
    expect(await stand.ask("/monitors")).toContain("\n    reminder in 1h 59m\n");
    await pressed("✅ ack");
    expect(await stand.ask("/monitors")).toContain("\n    acked: no more reminders\n");
  });
});

test.each(["/status", "/status orders-api", "/services", "/monitors", "/last 20 all"])(
  "%s costs two requests to Redis, the one that takes it in included, and nothing that Telegram refuses",
  async (command) => {
    await live();
    await stand.ask(command); // a script that Redis does not know yet costs one more
    stand.now += 1_000;
    const { http } = await stand.upstash.meter.measure(() => stand.ask(command));
    expect(http).toBeLessThanOrEqual(2);
    expect(stand.telegram.violations).toEqual([]);
  },
);
