/** Every command that the bot knows, what is asked most first: the order of Telegram's menu and of `/help`. */
import { chart } from "./chart.ts";
import type { Command } from "./command.ts";
import { dashboard } from "./dashboard.ts";
import { exportCommand } from "./export.ts";
import { helpOn } from "./help.ts";
import { last } from "./last.ts";
import { monitors } from "./monitors.ts";
import { mute, mutes, unmute } from "./mute.ts";
import { pause, resume } from "./pause.ts";
import { quiet } from "./quiet.ts";
import { start } from "./start.ts";
import { services, status } from "./status.ts";
import { test } from "./test.ts";
import { unbind } from "./unbind.ts";
import { where } from "./where.ts";

const commands: readonly Command[] = [
  status,
  last,
  mute,
  unmute,
  mutes,
  chart,
  monitors,
  services,
  dashboard,
  quiet,
  exportCommand,
  pause,
  resume,
  test,
  where,
  unbind,
  start,
];

export const COMMANDS: readonly Command[] = [...commands, helpOn(commands)];

/** What Telegram's menu lists; `/start` has a button of its own there. */
export const MENU: readonly { readonly command: string; readonly description: string }[] = COMMANDS.filter(
  ({ name }) => name !== "start",
).map(({ name, summary }) => ({ command: name, description: summary }));
