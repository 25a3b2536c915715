/** What Telegram has to be told once about a bot. */
import { MENU } from "./commands/commands.ts";

/** What Telegram should tell us of. */
const UPDATES = ["message", "callback_query", "my_chat_member"];
/** Where Telegram shows the bot's menu; whoever is in another chat gets silence anyway. */
const SCOPES = ["all_private_chats", "all_group_chats"];

/** The calls, in their order, that point a bot's webhook at `hub` and fill its menu of commands. */
export function setupCalls(hub: string, secretToken: string): readonly (readonly [method: string, body: object])[] {
  const webhook = { url: `${hub}/telegram`, secret_token: secretToken, allowed_updates: UPDATES };
  return [
    ["setWebhook", webhook],
    ...SCOPES.map((type) => ["setMyCommands", { commands: MENU, scope: { type } }] as const),
  ];
}
