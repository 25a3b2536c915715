import { existsSync } from "node:fs";
import process from "node:process";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTelegram, type Telegram } from "../../src/dev/telegram/server.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!executablePath) {
  if (process.env.CI) throw new Error("no Chromium; install the package chromium");
  console.log("The chat page is not tested: no Chromium on this machine.");
}

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

describe.skipIf(!executablePath)("the chat page in Chromium", () => {
  let telegram: Telegram;
  let browser: Browser;
  let page: Page;
  const troubles: string[] = [];

  beforeAll(async () => {
    telegram = await startTelegram();
    const path = executablePath ?? "";
    browser = await chromium.launch({
      executablePath: path,
      args: [...QUIET, "--disable-component-update", "--disable-sync"],
    });
    page = await browser.newPage();
    page.on("pageerror", (error) => troubles.push(String(error)));
    page.on("console", (line) => line.type() === "error" && troubles.push(line.text()));
    await page.goto(telegram.url);
  });
  afterAll(async () => {
    await browser?.close();
    await telegram?.stop();
  });

  const call = async (method: string, body: object): Promise<{ readonly message_id: number }> => {
    const headers = { "content-type": "application/json" };
    const url = `${telegram.url}/bot${telegram.token}/${method}`;
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: JSON.stringify({ chat_id: telegram.api.alerts, ...body }),
    });
    return (await answer.json()).result;
  };
  const button = { text: "🔕 1h", callback_data: "v1:m1h:00000000:00000000" };
  const message = (id: number) => page.locator(`[data-testid="message"][data-message-id="${id}"]`);

  test("a message appears as it is sent, with its formatting and its buttons", async () => {
    const { message_id } = await call("sendMessage", {
      text: "crash · orders-api at 12:00 UTC <script>",
      entities: [
        { type: "bold", offset: 0, length: 5 },
        { type: "code", offset: 8, length: 10 },
        { type: "date_time", offset: 22, length: 9, unix_time: 1_795_000_000, date_time_format: "T" },
      ],
      reply_markup: { inline_keyboard: [[button]] },
    });
    await message(message_id).waitFor();
    expect(await message(message_id).locator("b, strong").textContent()).toBe("crash");
    expect(await message(message_id).locator("code").textContent()).toBe("orders-api");
    expect(await message(message_id).textContent()).toContain("<script>");
    expect(await message(message_id).getByRole("button", { name: "🔕 1h" }).count()).toBe(1);
  });

  test("an edit shows in place", async () => {
    const { message_id } = await call("sendMessage", { text: "Cache is cold" });
    await message(message_id).waitFor();
    await call("editMessageText", { message_id, text: "Cache is cold × 2" });
    await message(message_id).getByText("× 2").waitFor();
    expect(await message(message_id).textContent()).toContain("edited");
  });

  test("a pressed button reaches the bot, and its answer is shown", async () => {
    const { message_id } = await call("sendMessage", {
      text: "Press me",
      reply_markup: { inline_keyboard: [[button]] },
    });
    await message(message_id).getByRole("button", { name: "🔕 1h" }).click();
    const headers = { "content-type": "application/json" };
    const updates = `${telegram.url}/bot${telegram.token}/getUpdates?timeout=5&allowed_updates=["callback_query"]`;
    const { result } = await (await fetch(updates)).json();
    const query = result.find((update: object) => "callback_query" in update).callback_query;
    expect(query.data).toBe(button.callback_data);
    const answer = { callback_query_id: query.id, text: "Muted for an hour" };
    await fetch(`${telegram.url}/bot${telegram.token}/answerCallbackQuery`, {
      method: "POST",
      headers,
      body: JSON.stringify(answer),
    });
    await page.getByTestId("toast").getByText("Muted for an hour").waitFor();
  });

  test("what is typed is said in the chat", async () => {
    await page.getByTestId("composer").fill("/status");
    await page.getByTestId("composer").press("Enter");
    await page.getByTestId("message").getByText("/status").waitFor();
    expect(telegram.api.messages().at(-1)).toMatchObject({ text: "/status", from: { is_bot: false } });
  });

  test("a long stack does not widen a phone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const { message_id } = await call("sendMessage", {
      text: `at ${"x".repeat(900)} ${"y ".repeat(400)}`,
      entities: [{ type: "code", offset: 0, length: 903 }],
    });
    await message(message_id).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  });

  test("the page complains of nothing", () => {
    expect(troubles).toEqual([]);
  });
});
