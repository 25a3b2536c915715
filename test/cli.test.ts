/** What a person does at a terminal to run a hub. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startTelegram } from "../src/dev/telegram/server.ts";
import { createKeyring } from "../src/hub/keys.ts";
import { COMMANDS } from "../src/hub/telegram/commands/commands.ts";

const SECRET = "a-secret-for-the-terminal-0123456789";

test("setup points the webhook at a hub, fills the menu, and prints the links that bind a chat", async () => {
  const telegram = await startTelegram();
  try {
    const { stdout } = await promisify(execFile)("node", ["dist/src/cli.js", "setup", "https://hub.example.dev"], {
      env: {
        ...process.env,
        SNITCHBOT_SECRET: SECRET,
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_API_ROOT: telegram.url,
      },
      timeout: 15_000,
    });
    const code = (await createKeyring(SECRET).derive("claim")).slice(0, 32);
    expect(stdout).toContain(`https://t.me/${telegram.api.bot.username}?start=${code}`);
    expect(stdout).toContain(`https://t.me/${telegram.api.bot.username}?startgroup=${code}`);

    const calls = telegram.api.calls.map(({ method, params }) => ({ method, params }));
    expect(calls[0]).toMatchObject({
      method: "setWebhook",
      params: {
        url: "https://hub.example.dev/telegram",
        allowed_updates: ["message", "callback_query", "my_chat_member"],
      },
    });
    const menus = calls.filter(({ method }) => method === "setMyCommands");
    expect(menus.map(({ params }) => params.scope)).toEqual([
      { type: "all_private_chats" },
      { type: "all_group_chats" },
    ]);
    expect(menus[0]?.params.commands).toHaveLength(COMMANDS.length - 1);
    expect(telegram.api.violations).toEqual([]);
  } finally {
    await telegram.stop();
  }
});
