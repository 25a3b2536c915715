import { HttpError } from "grammy/web";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/dev/telegram/clock.ts";
import { refused, stand } from "./telegram-stand.ts";

const times = async (count: number, work: () => Promise<unknown>) => {
  for (let done = 0; done < count; done++) await work();
};

describe("the limiter", () => {
  const limited = () => {
    const clock = virtualClock();
    const given = stand({ clock });
    given.api.limiter.enable();
    return { ...given, clock, send: () => given.bot.sendMessage(given.api.alerts, "x") };
  };

  test("is off until it is asked for", async () => {
    const { api, bot } = stand();
    await times(100, () => bot.sendMessage(api.alerts, "x"));
  });

  test("lets twenty calls a minute into a group, and says so in body and header", async () => {
    const { api, clock, send } = limited();
    await times(20, send);
    await clock.advance(30_000);
    const response = await api.fetch(
      `https://telegram.example/bot${api.token}/sendMessage?chat_id=${api.alerts}&text=x`,
    );
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("30");
    expect(await response.json()).toEqual({
      ok: false,
      error_code: 429,
      description: "Too Many Requests: retry after 30",
      parameters: { retry_after: 30 },
    });
    await clock.advance(30_000);
    await send();
  });

  test("punishes who does not wait", async () => {
    const { clock, send } = limited();
    await times(20, send);
    expect(await refused(send())).toBe("429 Too Many Requests: retry after 60");
    expect(await refused(send())).toBe("429 Too Many Requests: retry after 120");
    await clock.advance(60_000);
    expect(await refused(send())).toBe("429 Too Many Requests: retry after 240");
    await clock.advance(240_000);
    await send();
  });

  test("counts edits, deletions, typing and new topics like messages, and answers to buttons not at all", async () => {
    const { api, bot, send } = limited();
    api.chats.set(api.alerts, { isForum: true });
    const { message_id } = await send();
    await bot.editMessageText(api.alerts, message_id, "y");
    await bot.deleteMessage(api.alerts, message_id);
    await bot.sendChatAction(api.alerts, "typing");
    await bot.createForumTopic(api.alerts, "x");
    await times(15, send);
    await refused(bot.answerCallbackQuery("1"));
    expect(await refused(bot.sendChatAction(api.alerts, "typing"))).toMatch(/^429/);
  });

  test("lets five at once into a private chat, then one a second", async () => {
    const { api, bot, clock } = limited();
    const { chat } = api.chats.create({ type: "private" });
    const send = () => bot.sendMessage(chat.id, "x");
    await times(5, send);
    await clock.advance(1000);
    await send();
    expect(await refused(send())).toBe("429 Too Many Requests: retry after 1");
  });

  test("lets thirty a second out of the bot", async () => {
    const { api, bot } = limited();
    const ids = Array.from({ length: 31 }, () => api.chats.create().chat.id);
    const last = ids.pop() ?? 0;
    for (const id of ids) await bot.sendMessage(id, "x");
    expect(await refused(bot.sendMessage(last, "x"))).toBe("429 Too Many Requests: retry after 1");
  });
});

describe("a fault", () => {
  test("meets the calls it is meant for, as often as it says", async () => {
    const { api, bot } = stand();
    api.faults.add({ method: "sendMessage", match: "orders", status: 429, retryAfter: 7, times: 2 });
    const send = (text: string) => refused(bot.sendMessage(api.alerts, text));
    expect(await send("payments")).toMatch(/^not refused/);
    expect(await send("orders")).toBe("429 Too Many Requests: retry after 7");
    expect(await send("orders")).toBe("429 Too Many Requests: retry after 7");
    expect(await send("orders")).toMatch(/^not refused/);
    expect(api.calls.map(({ answer }) => answer?.ok)).toEqual([true, undefined, undefined, true]);
    expect(api.messages()).toHaveLength(2);
    expect(api.faults.left).toBe(0);
  });

  test("may say anything", async () => {
    const { api, bot } = stand();
    api.faults.add({ status: 400, description: "Bad Request: not enough rights to send photos to the chat" });
    expect(await refused(bot.sendMessage(api.alerts, "x"))).toBe(
      "400 Bad Request: not enough rights to send photos to the chat",
    );
    api.faults.add({ status: 500 });
    expect(await refused(bot.sendMessage(api.alerts, "x"))).toBe("500 Internal Server Error");
  });

  test("loses the answer of a call that was carried out", async () => {
    const { api, bot } = stand();
    api.faults.add({ lost: true });
    await expect(bot.sendMessage(api.alerts, "there after all")).rejects.toThrow(HttpError);
    expect(api.messages()).toMatchObject([{ text: "there after all" }]);
    api.faults.add({ lost: true, status: 502 });
    expect(await refused(bot.sendMessage(api.alerts, "again"))).toBe("502 Bad Gateway");
    expect(api.messages()).toHaveLength(2);
  });

  test("answers with a page instead of JSON", async () => {
    const { api, bot } = stand();
    api.faults.add({ html: true });
    await expect(bot.sendMessage(api.alerts, "x")).rejects.toThrow(HttpError);
    expect(api.messages()).toEqual([]);
  });

  test("hangs until the caller gives up", async () => {
    const { api } = stand();
    api.faults.add({ hang: true });
    const patience = new AbortController();
    const call = api.fetch(`https://telegram.example/bot${api.token}/getMe`, { signal: patience.signal });
    await new Promise(setImmediate);
    patience.abort();
    await expect(call).rejects.toThrow("aborted");
  });

  test.each([
    ["hangs", { hang: true }],
    ["is slow", { delay: 9000 }],
  ])("that %s does so no longer than the stand-in runs", async (_, fault) => {
    const { api } = stand({ clock: virtualClock() });
    api.faults.add(fault);
    const call = api.fetch(`https://telegram.example/bot${api.token}/getMe`);
    await new Promise(setImmediate);
    api.stop();
    await expect(call).rejects.toThrow("fetch failed");
  });

  test("takes its time", async () => {
    const clock = virtualClock();
    const { api, bot } = stand({ clock });
    api.faults.add({ delay: 9000 });
    const sent = bot.sendMessage(api.alerts, "x");
    await clock.advance(8999);
    expect(api.messages()).toEqual([]);
    await clock.advance(1);
    expect(await sent).toMatchObject({ text: "x" });
  });
});
