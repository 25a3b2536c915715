/** Every command that the bot knows, in the order of Telegram's menu. */
import type { Command } from "./command.ts";
import { dashboard } from "./dashboard.ts";
import { quiet } from "./quiet.ts";

export const COMMANDS: readonly Command[] = [dashboard, quiet];
