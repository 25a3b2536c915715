/** What a person writes to the bot, and what is read then. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { COMMANDS, MENU } from "../../src/hub/telegram/commands/commands.ts";
import { notify, openStand, type Stand } from "../stand.ts";

let stand: Stand;
const ada = { id: 5_000_000_001, is_bot: false, first_name: "Ada" };
const eve = { id: 666, is_bot: false, first_name: "Eve" };
const MINUTE = 60_000;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(async () => {
  await stand.reset();
  stand.now = Date.UTC(2026, 10, 21, 14, 18, 42);
});

const crash = (title = "Disk is full") => notify(title, { fingerprint: title });
const called = (method: RegExp) => stand.telegram.calls.filter((call) => method.test(call.method));
const fingerprintOf = (text = "") => /[\da-f]{8}/.exec(text)?.[0] ?? "";
async function tellAll(...services: string[]): Promise<void> {
  for (const service of services) await stand.tell([crash()], { service });
  stand.now += 2 * MINUTE;
}

describe("a command", () => {
  test.each(COMMANDS.map(({ name, example }) => [name, example]))(
    "/%s answers its own example",
    async (name, example) => {
      await tellAll("orders-api");
      expect(example).toMatch(new RegExp(`^/${name}( |$)`));
      expect(await stand.ask(example)).toMatch(/^\S/);
      expect(stand.telegram.violations).toEqual([]);
    },
  );

  test("is answered where it stands: as a reply, in its topic, without a sound", async () => {
    stand.telegram.chats.set(stand.telegram.alerts, { isForum: true });
    await tellAll("orders-api");
    const [{ message_thread_id: threadId } = {}] = stand.telegram.messages().slice(-1);
    await stand.ask("/test", { threadId: threadId as number });
    expect(called(/^sendMessage/).at(-1)?.params).toMatchObject({
      message_thread_id: threadId,
      disable_notification: true,
    });
    expect(stand.telegram.messages().at(-1)?.reply_to_message).toMatchObject({ text: "/test" });
  });

  test("may be addressed to the bot by name, but to no other", async () => {
    expect(await stand.ask(`/where@${stand.telegram.bot.username}`)).toMatch(/^📍/);
    expect(await stand.ask("/where@some_other_bot")).toBe("");
    expect(await stand.ask("/WHERE")).toMatch(/^📍/);
  });

  test("with words of its own keeps them, whatever services are called", async () => {
    await tellAll("berlin", "off", "mute", "on");
    expect(await stand.ask("/quiet 23-7 berlin")).toContain("🌙 Quiet hours: 23:00-07:00 Europe/Berlin");
    expect(await stand.ask("/quiet off")).toContain("🔔 No more quiet hours");
    expect(await stand.ask("/dashboard on")).toContain("📌 The dashboard is on");
    expect(await stand.ask("/help mute")).toContain("Usage: /mute [service or fingerprint] <how long>");
  });

  test("that is none is another bot's in a group; named or in private the nearest are offered", async () => {
    expect(await stand.ask("/hlep")).toBe("");
    expect(await stand.ask(`/hlep@${stand.telegram.bot.username}`)).toBe(
      "🤔 There is no command /hlep; /help lists what there is.\n[/help]",
    );
    await stand.press(stand.telegram.messages().at(-1)?.message_id ?? 0, "/help");
    expect(stand.texts().at(-1)).toContain("/mute [service or fingerprint] <how long>  Keep quiet for a while");
  });

  test("costs two requests to Redis at most, the one that takes it in included", async () => {
    await tellAll("orders-api");
    await stand.tick();
    for (const words of [
      "/mute 1h",
      "/mutes",
      "/unmute",
      "/where",
      "/test",
      "/help",
      "/pause orders-api",
      "/mute x 1h",
    ]) {
      await stand.ask(words); // a script that Redis does not know yet costs one more
      const { http } = await stand.upstash.meter.measure(() => stand.ask(words));
      expect({ words, http }).toEqual({ words, http: expect.toSatisfy((it) => it <= 2) });
      stand.now += 10_000;
    }
  });

  test("while the store is away is not taken: Telegram brings it again", async () => {
    stand.upstash.faults.set({ kind: "outage" });
    stand.telegram.say(stand.telegram.alerts, "/where");
    expect(await stand.hear()).toEqual([503]);
    expect(called(/^send/)).toEqual([]);
  });

  test("that meets the store's end half-way is told so", async () => {
    await stand.ask("/mutes");
    stand.upstash.faults.set({ kind: "latency", ms: 0, times: 1 }, { kind: "outage" });
    expect(await stand.ask("/mutes")).toBe("⚠️ The store does not answer. Ask again in a moment.");
  });

  test("is not lost with the store's answer: the same call asks again", async () => {
    await stand.ask("/mutes");
    stand.upstash.faults.set({ kind: "lost", times: 1 });
    expect(await stand.ask("/where")).toMatch(/^📍/);
  });
});

describe("the help", () => {
  test("lists every command with its usage, as Telegram's menu does", async () => {
    const help = await stand.ask("/help");
    for (const { name, summary } of COMMANDS) expect(help).toMatch(new RegExp(`^/${name}\\b.*  ${summary}$`, "m"));
    expect(MENU.map(({ command }) => command)).toEqual(expect.arrayContaining(["mute", "help", "unbind"]));
    for (const { command, description } of MENU) {
      expect(command).toMatch(/^[a-z0-9_]{1,32}$/);
      expect(description.length).toBeLessThanOrEqual(256);
    }
  });

  test("on one command shows how it is written", async () => {
    expect(await stand.ask("/help mute")).toBe(
      [
        "🤔 Keep quiet for a while; what is critical still comes.",
        "Usage: /mute [service or fingerprint] <how long>",
        "Such as: /mute orders-api 1h",
      ].join("\n"),
    );
  });
});

describe("who may", () => {
  test("nobody in another chat, who cannot even see that there is a bot", async () => {
    const other = stand.telegram.chats.create({ type: "private" });
    expect(await stand.ask("/where", { chatId: other.chat.id })).toBe("");
    expect(called(/^(?!getUpdates)/)).toEqual([]);
  });

  test("the group still when it became a supergroup, before anything was told there", async () => {
    const { chat } = stand.telegram.migrate(stand.telegram.alerts);
    expect(await stand.ask("/where", { chatId: chat.id })).toContain(`📍 Alerts go to chat ${chat.id}`);
    expect(await stand.ask("/where", { chatId: chat.id, hub: stand.open() })).toContain(`${chat.id}`);
  });

  test("no chat that another group became", async () => {
    const message = { ...messageOf("", -42), text: undefined, migrate_to_chat_id: -43 };
    expect(await post({ update_id: 12, message })).toBe(200);
    expect(await stand.ask("/where")).toContain(`📍 Alerts go to chat ${stand.telegram.alerts}`);
  });

  test("of several only those who are allowed; a button tells the others so", async () => {
    const hub = stand.open({ TELEGRAM_ALLOWED_USERS: String(ada.id) });
    expect(await stand.ask("/where", { hub, user: eve })).toBe("");
    expect(await stand.ask("/where", { hub, user: ada })).toMatch(/^📍/);
  });

  test("nobody who asks without end: after thirty in a minute one word, then silence", async () => {
    const answers: string[] = [];
    for (let i = 0; i < 35; i++) {
      stand.now += MINUTE;
      answers.push(await stand.ask("/start", { user: eve }));
    }
    const hasty = answers.filter((text) => text.startsWith("⏳ That was a lot at once. Ask again in "));
    expect(hasty.length).toBeLessThanOrEqual(2); // the minute may have turned
    expect(answers.filter((text) => text === "").length + hasty.length).toBeGreaterThan(0);
    expect(await stand.ask("/start", { user: ada })).toMatch(/^👋/);
  });

  test("nobody elsewhere, however much they ask: alerts stay where they are told", async () => {
    const other = stand.telegram.chats.create({ type: "private" });
    const hub = stand.open();
    const from = { ...ada, id: 77 };
    const asking = { ...messageOf("/start"), from };
    for (let i = 0; i < 70; i++) {
      stand.now += MINUTE;
      await post({ update_id: 100 + i, message: asking }, hub);
    }
    const before = called(/./).length;
    const message = { ...messageOf("/start", other.chat.id), from };
    await post({ update_id: 200, message }, hub);
    await post({ update_id: 201, callback_query: { id: "1", from, data: "v1:ask:start::", message } }, hub);
    expect(called(/./).length).toBe(before);
    stand.now += 2 * MINUTE;
    await stand.tell([crash()], { hub });
    expect(stand.texts().at(-1)).toContain("Disk is full");
    expect(stand.telegram.messages(other.chat.id)).toEqual([]);
  });

  test("an update that comes again, to whichever hub, changes nothing", async () => {
    const update = { update_id: 7, message: messageOf("/mute 1h") };
    expect(await post(update)).toBe(200);
    await stand.ask("/unmute");
    const before = called(/./).length;
    expect([await post(update), await post(update, stand.open())]).toEqual([200, 200]);
    expect(called(/./).length).toBe(before);
    expect(await stand.ask("/mutes")).toBe("🔔 Nothing is muted.");
  });

  test("nobody without the webhook's secret", async () => {
    expect(await post({ update_id: 8, message: messageOf("/mute 1h") }, stand.open(), "wrong")).toBe(401);
    expect(stand.telegram.calls).toEqual([]);
  });
});

describe("the chat's budget", () => {
  test("has no call to spare: the command comes again, and waits no longer than its asker does", async () => {
    const times = Array.from({ length: 20 }, () => stand.now).join(" ");
    await stand.upstash.command("HSET", "sb:hub", `calls:${stand.telegram.alerts}`, times);
    const message = messageOf("/mute 1h");
    expect(await post({ update_id: 9, message })).toBe(429);
    expect(stand.telegram.calls).toEqual([]);
    stand.now += 76_000;
    expect(await post({ update_id: 9, message })).toBe(200);
    expect(stand.texts().at(-1)).toMatch(/^🔕 Muted/);
    await stand.upstash.command("HSET", "sb:hub", `calls:${stand.telegram.alerts}`, `${stand.now} `.repeat(20));
    stand.now += MINUTE;
    expect(await post({ update_id: 10, message })).toBe(200); // dropped: two minutes old
    expect(called(/^sendMessage/)).toHaveLength(1);
  });

  test("has no call to spare: however often the command comes again, its asker has asked once", async () => {
    const times = Array.from({ length: 20 }, () => stand.now).join(" ");
    await stand.upstash.command("HSET", "sb:hub", `calls:${stand.telegram.alerts}`, times);
    const update = { update_id: 11, message: messageOf("/mute 1h") };
    for (let i = 0; i < 40; i++) expect(await post(update)).toBe(429);
    stand.now += 76_000;
    expect(await post(update)).toBe(200);
    expect(stand.texts().at(-1)).toMatch(/^🔕 Muted/);
  });

  test("leaves a person two calls in a storm, to end it", async () => {
    for (let i = 0; i < 3; i++)
      await stand.tell(Array.from({ length: 9 }, (_, j) => crash(`Fault ${"abcdefghi"[j]}${i}`)));
    const told = called(/^sendMessage/).length;
    expect(await stand.ask("/mute 1h")).toMatch(/^🔕 Muted until 15:18:42 UTC, for 1h: everything/);
    expect(called(/^sendMessage/).length).toBe(told + 1);
  });
});

describe("a mute", () => {
  test("by a word for everything, swallows, counts, and tells at its end", async () => {
    await stand.ask("/mute 10m");
    for (let i = 0; i < 3; i++) await stand.tell([{ ...crash(), count: 9 }]);
    await stand.tell([crash("Really"), notify("Now", { severity: "critical", fingerprint: "now" })]);
    expect(stand.texts().filter((text) => text.includes("Disk is full"))).toEqual([]);
    expect(stand.texts().filter((text) => text.includes("Now"))).toHaveLength(1);
    expect(await stand.ask("/mutes")).toBe("🔕 Muted:\neverything until 14:28:42 UTC × 28\n[🔔 everything]");
    await stand.tick(11 * MINUTE);
    expect(stand.texts().at(-1)).toContain("🔔 No longer muted; 28 events were swallowed");
  });

  test.each([
    ["/mute orders-api 1h", "🔕 Muted until 15:20:42 UTC, for 1h: orders-api"],
    ["/mute 1h orders-api", "🔕 Muted until 15:20:42 UTC, for 1h: orders-api"],
    ["/mute ORDERS-API for an hour", "🔕 Muted until 15:20:42 UTC, for 1h: orders-api"],
    ["/mute orders-api 90 min", "🔕 Muted until 15:50:42 UTC, for 1h 30m: orders-api"],
    ["/mute all 2 days", "🔕 Muted until 2026-11-23 14:20:42 UTC, for 2d: everything"],
    ["/mute a1b2c3d4 5m", "🔕 Muted until 14:25:42 UTC, for 5m: a1b2c3d4"],
  ])("%s is understood", async (words, answer) => {
    await tellAll("orders-api");
    expect(await stand.ask(words)).toBe(`${answer}\nWhat is critical, and starts and stops, still come.\n[🔔 unmute]`);
  });

  test.each([
    ["/mute", "For how long? 5m, 1h or 2 days, say"],
    ["/mute 5s", "A mute lasts from a minute to 30 days"],
    ["/mute 400d", "A mute lasts from a minute to 30 days"],
    ["/mute 12", '"12" is no time'],
  ])("%s shows how it is written", async (words, why) => {
    expect(await stand.ask(words)).toBe(
      `🤔 ${why}.\nUsage: /mute [service or fingerprint] <how long>\nSuch as: /mute orders-api 1h`,
    );
  });

  test("of a service that is known, until a time that is none, says so of the time", async () => {
    await tellAll("orders-api");
    expect(await stand.ask("/mute orders-api forever")).toMatch(/^🤔 "forever" is no time\.\nUsage: \/mute/);
  });

  test("of a service that is not known offers the nearest, which mutes that", async () => {
    await tellAll("orders-api", "orders-web", "shop");
    expect(await stand.ask("/mute ordres-api 1h")).toBe(
      "🤔 There is no service ordres-api.\nDid you mean:\n[orders-api]\n[orders-web]",
    );
    await stand.press(stand.telegram.messages().at(-1)?.message_id ?? 0, "orders-api");
    expect(stand.texts().at(-1)).toMatch(/^🔕 Muted until 15:\d\d:42 UTC, for 1h: orders-api/);
  });

  test("in a topic is about its service, unless another is named, or all", async () => {
    stand.telegram.chats.set(stand.telegram.alerts, { isForum: true });
    await tellAll("orders-api", "shop");
    const [topic] = [...stand.telegram.chats.get(stand.telegram.alerts).topics.values()];
    const threadId = topic?.message_thread_id as number;
    expect(await stand.ask("/mute 1h", { threadId })).toContain("for 1h: orders-api");
    expect(await stand.ask("/mute shop 1h", { threadId })).toContain("for 1h: shop");
    for (const all of ["*", "all"])
      expect(await stand.ask(`/mute ${all} 1h`, { threadId })).toContain("for 1h: everything");
  });

  test("ends at a word, and says what it swallowed; by any name of its kind", async () => {
    await stand.tell([crash()]);
    const [alert] = stand.telegram.messages();
    await stand.press(alert?.message_id ?? 0, "🔕 1h");
    for (let i = 0; i < 27; i++) await stand.tell([crash()]);
    expect(await stand.ask(`/unmute ${fingerprintOf(alert?.text)}`)).toContain(
      "🔔 No longer muted; 27 events were swallowed",
    );
    expect(await stand.ask("/unmute shop")).toContain("There is no service shop");
    expect(await stand.ask("/unmute")).toBe("everything is not muted; /mutes lists what is.");
  });

  test("ends at the button below it, which takes the answer's place", async () => {
    await stand.ask("/mute 1h");
    await stand.press(stand.telegram.messages().at(-1)?.message_id ?? 0, "🔔 unmute");
    expect(stand.texts().at(-1)).toBe("🔔 No longer muted; 0 events were swallowed\nall services × 0");
    expect(await stand.ask("/mutes")).toBe("🔔 Nothing is muted.");
  });
});

describe("a monitor", () => {
  test("is paused, and resumed by the button below", async () => {
    await stand.beat("/etl?every=5m&grace=1m");
    expect(await stand.ask("/pause orders-api etl")).toBe(
      "orders-api/etl  ⏸ Paused: nobody hears of it until /resume.\n[/resume]",
    );
    await stand.tick(60 * MINUTE);
    expect(stand.texts().join("\n")).not.toContain("silent");
    await stand.press(stand.telegram.messages().at(-1)?.message_id ?? 0, "/resume");
    expect(stand.texts().at(-1)).toBe("orders-api/etl  ▶️ Resumed: it is expected from its next beat on.");
  });

  test("that is called as another service is stays the one that its button means", async () => {
    await stand.beat("/billing?every=5m&grace=1m", { service: "shop" });
    await stand.beat("?every=5m&grace=1m", { service: "billing" });
    await stand.ask("/pause shop billing");
    await stand.press(stand.telegram.messages().at(-1)?.message_id ?? 0, "/resume");
    expect(stand.texts().at(-1)).toBe("shop/billing  ▶️ Resumed: it is expected from its next beat on.");
  });

  test("that is not there is said to be so", async () => {
    await stand.beat("/etl?every=5m&grace=1m");
    expect(await stand.ask("/pause orders-api elt")).toBe(
      "🤔 There is no monitor orders-api/elt; /monitors lists them.",
    );
  });
});

test("ten thousand updates of any shape: each is taken, none breaks anything, Telegram refuses nothing", async () => {
  const random = seeded(42);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const words = [
    "",
    "1h",
    "orders-api",
    "*",
    "a1b2c3d4",
    "🙈",
    "yes",
    "-1",
    "9".repeat(300),
    "\u202e\u0000",
    "🔕 until",
  ];
  const odd = [undefined, null, 0, -1, 1e300, "", "x".repeat(5_000), [], {}, true];
  const chats = [stand.telegram.alerts, 42, -42];
  const hub = stand.open();
  const underWay: Promise<number>[] = [];
  const statuses = new Set<number>();
  await tellAll("orders-api");
  for (let i = 0; i < 10_000; i++) {
    stand.now += 1_000;
    const name = pick([...COMMANDS.map((it) => it.name), "nothing", "a".repeat(40)]);
    const message: Record<string, unknown> = {
      ...messageOf(`/${name} ${pick(words)} ${pick(words)}`, pick(chats)),
      from: { id: 1 + Math.floor(random() * 2_000), is_bot: false, first_name: "?" },
    };
    const data = pick([`v1:ask:${name}::${pick(words)}`, "v1:m1h:a1b2c3d4:a1b2c3d4", "v1:trace:zz", pick(words)]);
    const update: Record<string, unknown> = pick([
      { message },
      { callback_query: { id: "1", from: message.from, data, message: { ...message, text: "x" } } },
      { my_chat_member: { chat: message.chat, from: message.from, new_chat_member: { status: "member" } } },
      { edited_message: message },
      { message: { ...message, text: pick(words) } },
      { channel_post: message },
      {},
    ]);
    if (random() < 0.3) message[pick(Object.keys(message))] = pick(odd);
    if (random() < 0.1) update[pick(["message", "callback_query", "my_chat_member", "update_id"])] = pick(odd);
    underWay.push(post({ update_id: 1_000 + i, ...update }, hub));
    if (underWay.length === 25) for (const status of await Promise.all(underWay.splice(0))) statuses.add(status);
  }
  expect([...statuses].filter((it) => it !== 200 && it !== 429)).toEqual([]); // 429 asks Telegram for patience
  const refused = stand.telegram.calls.filter(
    ({ answer, method }) =>
      method !== "answerCallbackQuery" && answer?.ok === false && !/not modified|not a forum/.test(answer.description),
  );
  expect(refused).toEqual([]);
  expect(stand.telegram.violations).toEqual([]);
}, 60_000);

function messageOf(text: string, chatId = stand.telegram.alerts): Record<string, unknown> {
  return {
    message_id: 1,
    date: Math.floor(stand.now / 1_000),
    chat: { id: chatId, type: chatId < 0 ? "supergroup" : "private", title: "Alerts" },
    from: ada,
    text,
  };
}

async function post(update: unknown, hub = stand.open(), secret?: string): Promise<number> {
  return (await stand.update(update, hub, secret)).status;
}

/** The same numbers each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
