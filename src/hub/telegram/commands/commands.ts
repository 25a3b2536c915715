/** Every command that the bot knows, in the order of Telegram's menu. */
import type { Command } from "./command.ts";

export const COMMANDS: readonly Command[] = [];
