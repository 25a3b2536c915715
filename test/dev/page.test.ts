import { existsSync } from "node:fs";
import process from "node:process";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTelegram, type Telegram } from "../../src/dev/telegram/server.ts";
import { until } from "../until.ts";

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
    page = await browser.newPage({ permissions: ["clipboard-read", "clipboard-write"] });
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
  const upload = async (method: "sendPhoto" | "sendDocument", name: string, bytes: BlobPart) => {
    const form = new FormData();
    form.set("chat_id", String(telegram.api.alerts));
    form.set(method === "sendPhoto" ? "photo" : "document", new File([bytes], name));
    const answer = await fetch(`${telegram.url}/bot${telegram.token}/${method}`, { method: "POST", body: form });
    return (await answer.json()).result.message_id as number;
  };
  const keyboard = (...buttons: readonly object[]) => ({ reply_markup: { inline_keyboard: [buttons] } });
  /** The next press that the bot hears of. */
  const pressed = async (): Promise<{ readonly id: string; readonly data: string }> => {
    const updates = `${telegram.url}/bot${telegram.token}/getUpdates?timeout=5&offset=-1&allowed_updates=["callback_query"]`;
    return (await (await fetch(updates)).json()).result.at(-1).callback_query;
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

  test("a time is told in the reader's words, and counted from now", async () => {
    const unix_time = Math.floor(Date.now() / 1000) - 150;
    const { message_id } = await call("sendMessage", {
      text: "seen 12:00 UTC",
      entities: [{ type: "date_time", offset: 5, length: 9, unix_time, date_time_format: "r" }],
    });
    await message(message_id).getByText("seen 2 minutes ago").waitFor();
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
      ...keyboard(button),
    });
    await message(message_id).getByRole("button", { name: "🔕 1h" }).click();
    const { id, data } = await pressed();
    expect(data).toBe(button.callback_data);
    await call("answerCallbackQuery", { callback_query_id: id, text: "Muted for an hour" });
    await page.getByTestId("toast").getByText("Muted for an hour").waitFor();
  });

  test("what is typed is said in the chat", async () => {
    await page.getByTestId("composer").fill("/status");
    await page.getByTestId("composer").press("Enter");
    await page.getByTestId("message").getByText("/status").waitFor();
    expect(telegram.api.messages().at(-1)).toMatchObject({ text: "/status", from: { is_bot: false } });
  });

  test("a slash offers the bot's commands, and the chosen one is sent", async () => {
    await call("setMyCommands", {
      commands: [
        { command: "last", description: "The last errors" },
        { command: "chart", description: "CPU and memory over time" },
      ],
    });
    await page.getByTestId("composer").fill("/");
    await page.getByRole("option", { name: "/chart CPU and memory over time" }).waitFor();
    await page.getByTestId("composer").press("ArrowDown");
    await page.getByTestId("composer").press("Enter");
    await page.getByTestId("message").getByText("/chart").waitFor();
    expect(telegram.api.messages().at(-1)).toMatchObject({ text: "/chart", from: { is_bot: false } });
  });

  test("an alert waits to be acknowledged", async () => {
    const { message_id } = await call("sendMessage", { text: "Alert me", ...keyboard(button) });
    await message(message_id).getByRole("button", { name: "🔕 1h" }).click();
    const { id } = await pressed();
    await call("answerCallbackQuery", { callback_query_id: id, text: "This button is too old", show_alert: true });
    await page.getByRole("dialog").getByText("This button is too old").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "OK" }).click();
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  // A toast is there for four seconds, which a very busy machine may sleep through.
  const FLEETING = { retry: 2, timeout: 8_000 };

  test("a button that is not answered says so, and so does an answer that is late", FLEETING, async () => {
    const other = await browser.newPage();
    await other.clock.install();
    await other.goto(telegram.url);
    const { message_id } = await call("sendMessage", { text: "Ignore me", ...keyboard(button) });
    const key = other.locator(`[data-message-id="${message_id}"]`).getByRole("button", { name: "🔕 1h" });
    await key.click();
    const { id } = await pressed();
    expect(await key.getAttribute("aria-busy")).toBe("true");
    await other.clock.fastForward(15_000);
    await other.getByTestId("toast").getByText("did not answer in time").waitFor();
    expect(await key.getAttribute("title")).toBe("The bot did not answer");
    await call("answerCallbackQuery", { callback_query_id: id, text: "Sorry" });
    await other
      .getByTestId("toast")
      .getByText(/Sorry\s+Answered after [1-9]\d\.\d s/)
      .waitFor();
    expect(await key.getAttribute("title")).toBeNull();
    await other.close();
  });

  test("a button copies, another one is dead", async () => {
    const { message_id } = await call("sendMessage", {
      text: "Copy me",
      ...keyboard({ text: "trace id", copy_text: { text: "req-1" } }, { text: "🔕 until 14:00", disabled: {} }),
    });
    await message(message_id).getByRole("button", { name: "trace id" }).click();
    await page.getByTestId("toast").getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe("req-1");
    expect(await message(message_id).getByRole("button", { name: "🔕 until 14:00" }).isDisabled()).toBe(true);
  });

  test("a photo shows, and grows at a click", async () => {
    const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const image = message(await upload("sendPhoto", "chart.png", Buffer.from(png, "base64")))
      .locator("img")
      .last();
    await until(() => image.evaluate((image) => (image as HTMLImageElement).naturalWidth > 0), "the photo");
    await image.click();
    await page.getByTestId("viewer").locator("img").waitFor();
    await page.keyboard.press("Escape");
  });

  test.each([
    ["vitals.csv", 'at,note\n1,"a, ""b"""\n', "td", ["1", 'a, "b"']],
    ["events.jsonl", '{"a":1}\n{"a":2}\n', "pre", ['{"a":1}\n{"a":2}']],
  ])("a document opens: %s", async (name, text, cells, contents) => {
    await message(await upload("sendDocument", name, text))
      .getByText(name)
      .click();
    const viewer = page.getByTestId("viewer");
    await viewer.getByRole("heading", { name }).waitFor();
    expect(await viewer.locator(cells).allTextContents()).toEqual(contents);
    await viewer.getByRole("button", { name: "Close" }).click();
  });

  test("a long quote is folded until it is asked for", async () => {
    const text = Array.from({ length: 9 }, (_, line) => `at frame${line} (app.ts:${line})`).join("\n");
    const entities = [{ type: "expandable_blockquote", offset: 0, length: text.length }];
    const { message_id } = await call("sendMessage", { text, entities });
    const more = message(message_id).getByRole("button", { name: "Show more" });
    const height = async () => (await message(message_id).boundingBox())?.height ?? 0;
    await more.waitFor();
    const folded = await height();
    await more.click();
    expect(await height()).toBeGreaterThan(folded * 1.5);
  });

  test("a pinned message stands above the chat until it is unpinned", async () => {
    const { message_id } = await call("sendMessage", { text: "🟢 All is well" });
    await call("pinChatMessage", { message_id, disable_notification: true });
    await page.locator("#pinned").getByText("🟢 All is well").waitFor();
    await message(message_id).getByText("All is well").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Unpin" }).click();
    await page.locator("#pinned").waitFor({ state: "hidden" });
    expect(telegram.api.chats.get(telegram.api.alerts).pinned).toEqual([]);
  });

  test("a person reacts, replies and deletes", async () => {
    const { message_id } = await call("sendMessage", { text: "What do you think?" });
    const menu = () => message(message_id).getByText("What do you think?").click({ button: "right" });
    await menu();
    await page.getByRole("menuitem", { name: "👍" }).click();
    await message(message_id).getByTestId("reactions").getByText("👍").waitFor();
    await menu();
    await page.getByRole("menuitem", { name: "Reply" }).click();
    await page.getByTestId("composer").fill("A lot");
    await page.getByTestId("composer").press("Enter");
    await page.getByTestId("message").getByText("A lot").waitFor();
    expect(telegram.api.messages().at(-1)).toMatchObject({ text: "A lot", reply_to_message: { message_id } });
    await menu();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await message(message_id).waitFor({ state: "detached" });
  });

  test("what is for one person's eyes is hidden from another's", async () => {
    const { human } = telegram.api;
    await call("sendMessage", {
      text: "Your trace",
      ephemeral_message_parameters: { receiver_user_id: human.id },
    });
    const whisper = page.getByTestId("message").filter({ hasText: "Your trace" });
    await whisper.getByText("Only you see this").waitFor();
    await page.getByRole("button", { name: "Eve" }).click();
    await whisper.waitFor({ state: "detached" });
    await page.getByTestId("composer").fill("It is me");
    await page.getByTestId("composer").press("Enter");
    await page.getByTestId("message").getByText("It is me").waitFor();
    expect(telegram.api.messages().at(-1)).toMatchObject({ from: { first_name: "Eve" } });
    await page.getByRole("button", { name: "Ada" }).click();
    await whisper.waitFor();
  });

  test("what stands in the place of a message hides it from its one reader", async () => {
    const { message_id } = await call("sendMessage", { text: "Who wants it?", ...keyboard(button) });
    await message(message_id).getByRole("button", { name: "🔕 1h" }).click();
    const { id: callback_query_id } = await pressed();
    await call("answerCallbackQuery", { callback_query_id });
    const parameters = { receiver_user_id: telegram.api.human.id, callback_query_id };
    await call("sendMessage", {
      text: "You do",
      ephemeral_message_parameters: { ...parameters, replace_callback_query_message: true },
    });
    await page.getByTestId("message").getByText("You do").waitFor();
    await message(message_id).waitFor({ state: "detached" });
  });

  test("a start link opens the bot's own chat", async () => {
    const url = "https://t.me/snitch_dev_bot?start=c0de";
    const { message_id } = await call("sendMessage", { text: "Begin", ...keyboard({ text: "Open the bot", url }) });
    await message(message_id).getByRole("button", { name: "Open the bot" }).click();
    await page.getByTestId("message").getByText("/start c0de").waitFor();
    expect(telegram.api.messages(telegram.api.human.id)).toMatchObject([{ text: "/start c0de" }]);
  });

  test("a startgroup link adds the bot to a group of one's choice", async () => {
    await page.getByRole("button", { name: "New group, or a link to open" }).click();
    await page.getByRole("menuitem", { name: "Open a t.me link…" }).click();
    await page.getByRole("textbox", { name: "A link to the bot" }).fill("t.me/snitch_dev_bot?startgroup=c0de");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "New group with topics…" }).click();
    await page.getByRole("textbox", { name: "Name of the group with topics" }).fill("Ops");
    await page.keyboard.press("Enter");
    await page.getByTestId("message").getByText("/start@snitch_dev_bot c0de").waitFor();
    await page.getByRole("heading", { name: "Ops" }).waitFor();
    await page.getByRole("tab", { name: "General" }).waitFor();
  });

  test("the bot is promoted, thrown out and let in again", async () => {
    const room = telegram.api.chats.all().find(({ chat }) => chat.title === "Ops");
    const choose = async (name: string) => {
      await page.getByRole("button", { name: "This chat and the bot in it" }).click();
      await page.getByRole("menuitem", { name }).click();
    };
    await choose("Make Snitch an administrator");
    await until(() => room?.isAdmin, "the promotion");
    await choose("Remove Snitch from the group");
    await page.locator("#compose").getByRole("button", { name: "Add the bot" }).click();
    await page.getByTestId("composer").waitFor();
    expect(room?.trouble).toBeUndefined();
    await page.goto(`${telegram.url}/#${telegram.api.alerts}`);
  });

  test("a chart of 35 columns fits a phone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const text = Array.from({ length: 4 }, () => `100.20 ┼${"─╮".repeat(13)}─`).join("\n");
    const { message_id } = await call("sendMessage", {
      text,
      entities: [{ type: "pre", offset: 0, length: text.length }],
    });
    const [needed, given] = await message(message_id)
      .locator("pre")
      .evaluate((pre) => [pre.scrollWidth, pre.clientWidth] as const);
    expect(text.indexOf("\n")).toBe(35);
    expect(needed).toBeLessThanOrEqual(given);
  });

  test("a long stack does not widen a phone", async () => {
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
