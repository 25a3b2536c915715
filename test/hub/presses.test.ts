/** The buttons below alerts: the full trace, and silence. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ErrorDetail } from "../../src/event.ts";
import { notify, openStand, readable, type Stand } from "../stand.ts";

let stand: Stand;
const MINUTE = 60_000;

beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.stop());
beforeEach(async () => {
  await stand.reset();
  stand.now = Date.UTC(2026, 10, 21, 13, 0, 0);
});

const stackOf = (frames: number): string =>
  [
    "TypeError: no order",
    ...Array.from({ length: frames }, (_, i) => `    at step${i} (src/orders.ts:${i + 1}:7)`),
  ].join("\n");
const crash = (given: Partial<ErrorDetail> = {}, more = {}) =>
  notify("no order", {
    kind: "crash",
    error: { type: "TypeError", message: "no order", stack: stackOf(5), ...given },
    ...more,
  });
const alerts = () => stand.telegram.messages().filter(({ text }) => text?.startsWith("🔴 crash"));
const first = () => alerts()[0]?.message_id ?? 0;
const buttons = () =>
  readable(alerts()[0] as never)
    .split("\n")
    .filter((line) => line.startsWith("["));
const called = (method: string) => stand.telegram.calls.filter((call) => call.method === method);

describe("the full trace", () => {
  test("comes in a quote that opens, to the presser alone, as a reply", async () => {
    await stand.tell([crash()]);
    expect(await stand.press(first(), "📋 full trace")).toBe("");
    const { params, answer } = called("sendMessage").at(-1) ?? {};
    expect(params?.text).toMatch(
      /^📋 Full trace · orders-api · [\da-f]{8}\nTypeError: no order\n +at step0 \(src\/orders.ts:1:7\)/,
    );
    expect(params?.text).toContain("at step4");
    expect(params?.entities).toContainEqual(expect.objectContaining({ type: "expandable_blockquote" }));
    expect(params).toMatchObject({
      ephemeral_message_parameters: { receiver_user_id: stand.telegram.human.id },
      reply_parameters: { message_id: first() },
    });
    expect(answer).toMatchObject({ ok: true });
    expect(stand.telegram.violations).toEqual([]);
  });

  test("that is longer than a message comes as a file", async () => {
    await stand.tell([crash({ stack: stackOf(300) })]);
    await stand.press(first(), "📋 full trace");
    const { params, answer } = called("sendDocument").at(-1) ?? {};
    expect(params).toMatchObject({ caption: expect.stringMatching(/^📋 Full trace/), document: expect.anything() });
    expect(JSON.stringify(params?.document)).toMatch(/orders-api_[\da-f]{8}\.txt/);
    expect(answer).toMatchObject({ ok: true });
  });

  test("goes to all where Telegram's server knows no messages for one", async () => {
    stand.telegram.faults.add({
      method: "sendMessage",
      match: "ephemeral",
      status: 400,
      description: "Bad Request: EPHEMERAL_NOT_SUPPORTED",
      times: 9,
    });
    await stand.tell([crash()]);
    await stand.press(first(), "📋 full trace");
    expect(stand.texts().at(-1)).toMatch(/^📋 Full trace/);
    await stand.press(first(), "📋 full trace");
    expect(called("sendMessage")).toHaveLength(4);
  });

  test("that is no longer kept is said to be so", async () => {
    await stand.tell([crash()]);
    await stand.upstash.command("DEL", "sb:s:orders-api");
    expect(await stand.press(first(), "📋 full trace")).toBe("This is no longer there.");
  });

  test("has to wait when the chat has no call to spare", async () => {
    await stand.tell([crash()]);
    await stand.upstash.command("HSET", "sb:hub", `calls:${stand.telegram.alerts}`, `${stand.now} `.repeat(20));
    expect(await stand.press(first(), "📋 full trace")).toBe(
      "Telegram lets me say no more right now. Press again in a moment.",
    );
  });
});

describe("a mute", () => {
  test.each([
    ["🔕 5m", "13:05"],
    ["🔕 1h", "14:00"],
    ["🔕 24h", "13:00"],
  ])("%s says until when, there and below the message", async (button, until) => {
    await stand.tell([crash()]);
    expect(await stand.press(first(), button)).toBe(`Muted until ${until} UTC. What is critical still comes.`);
    expect(buttons()).toEqual([`[📋 full trace] [🔕 until ${until} UTC] [🔔 unmute]`]);
  });

  test("keeps the same crash silent and counts it, but none that is critical; its end tells how many", async () => {
    await stand.tell([crash()]);
    await stand.press(first(), "🔕 1h");
    const messages = stand.texts().length;
    for (let i = 0; i < 27; i++) await stand.tell([crash()]);
    expect(stand.texts()).toHaveLength(messages);
    await stand.tell([crash({}, { severity: "critical" })]);
    expect(stand.texts()).toHaveLength(messages + 1);
    expect(await stand.press(first(), "🔕 until 14:00 UTC")).toBe(
      "Muted until 14:00 UTC; 27 events were swallowed so far.",
    );
    await stand.tick(61 * MINUTE);
    expect(stand.texts().at(-1)).toMatch(
      /^🔔 No longer muted; 27 events were swallowed\norders-api · [\da-f]{8} × 27 {2}TypeError: no order$/,
    );
    expect(stand.shown()).toBe(29);
  });

  test("is still said when the message is rewritten with its exact number", async () => {
    await stand.tell([crash()]);
    await stand.tell([crash()]);
    await stand.tell([crash()]);
    await stand.press(first(), "🔕 1h");
    await stand.tick(6 * MINUTE);
    expect(alerts()[0]?.text).toContain("× 3");
    expect(buttons()).toEqual(["[📋 full trace] [🔕 until 14:00 UTC] [🔔 unmute]"]);
  });

  test("ends at a button, which puts the others back; the next tick tells what it swallowed", async () => {
    await stand.tell([crash()]);
    await stand.press(first(), "🔕 24h");
    await stand.tell([crash(), crash()]);
    expect(await stand.press(first(), "🔔 unmute")).toBe("No longer muted; 2 events were swallowed.");
    expect(buttons()).toEqual(["[📋 full trace] [🔕 5m] [🔕 1h] [🔕 24h]"]);
    await stand.tell([crash()]);
    expect(alerts()[0]?.text).toContain("× 2");
    await stand.tick(MINUTE);
    expect(stand.texts().at(-1)).toContain("🔔 No longer muted; 2 events were swallowed");
    expect(stand.shown()).toBe(4);
  });

  test("that is over says so when it is asked", async () => {
    await stand.tell([crash()]);
    await stand.press(first(), "🔕 5m");
    await stand.tick(6 * MINUTE);
    expect(await stand.press(first(), "🔔 unmute")).toBe("It is no longer muted.");
    expect(buttons()).toEqual(["[📋 full trace] [🔕 5m] [🔕 1h] [🔕 24h]"]);
  });

  test("holds without a call to spare, though its message cannot show it", async () => {
    await stand.tell([crash()]);
    await stand.upstash.command("HSET", "sb:hub", `calls:${stand.telegram.alerts}`, `${stand.now} `.repeat(20));
    expect(await stand.press(first(), "🔕 1h")).toMatch(/^Muted until 14:00/);
    expect(called("editMessageReplyMarkup")).toEqual([]);
    await stand.tell([crash()]);
    expect(await stand.press(first(), "🔕 1h")).toMatch(/^Muted until 14:00/);
  });

  test("costs two requests to Redis", async () => {
    await stand.tell([crash()]);
    await stand.tick();
    await stand.press(first(), "🔕 5m"); // from now on Redis knows the scripts
    const { http } = await stand.upstash.meter.measure(() => stand.press(first(), "🔔 unmute"));
    expect(http).toBe(2);
  });

  test.each([
    ["takes it in", [1_700]],
    ["does it", [0, 1_700]],
  ])("is answered before it is done when the store takes its time until it %s", async (_, delays) => {
    await stand.tell([crash()]);
    await stand.press(first(), "🔕 5m");
    stand.upstash.faults.set(...delays.map((ms) => ({ kind: "latency", ms, times: 1 }) as const));
    expect(await stand.press(first(), "🔔 unmute")).toBe("I am at it…");
    expect(buttons()).toEqual(["[📋 full trace] [🔕 5m] [🔕 1h] [🔕 24h]"]);
    expect(called("answerCallbackQuery").every(({ answer }) => answer?.ok)).toBe(true);
  });
});

test("a trace id is there to be copied", async () => {
  await stand.tell([crash({}, { context: { traceId: "4bf92f3577b34da6a3ce929d0e0e4736" } })]);
  expect(buttons()).toEqual(["[📋 full trace] [🔕 5m] [🔕 1h] [🔕 24h]", "[🔗 copy trace id]"]);
  expect(alerts()[0]?.reply_markup?.inline_keyboard[1]?.[0]).toMatchObject({
    copy_text: { text: "4bf92f3577b34da6a3ce929d0e0e4736" },
  });
  await stand.press(first(), "🔕 1h");
  expect(buttons()).toEqual(["[📋 full trace] [🔕 until 14:00 UTC] [🔔 unmute]", "[🔗 copy trace id]"]);
});

test.each(["v0:mute:1", "v1:explode:a1b2c3d4:a1b2c3d4", "v1:m1h:a1b2c3d4:00000000", "v1:ask:explode::"])(
  "a button that carries %s says that it is of no use",
  async (data) => {
    await stand.tell([crash()]);
    const { alerts: id, human } = stand.telegram;
    const message = { message_id: first(), date: 0, chat: { id, type: "supergroup" }, text: "" };
    await stand.update({ update_id: 99, callback_query: { id: "1", from: human, data, message } });
    expect(called("answerCallbackQuery").at(-1)?.params.text).toMatch(
      /^This (button is of another version|is no longer there)\.$/,
    );
  },
);
