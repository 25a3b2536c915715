/** `/dashboard`: one pinned message that keeps itself up to date. */
import { renderDashboardState, renderDashboardSwitched } from "../render/dashboard.ts";
import type { Command } from "./command.ts";

export const dashboard: Command = {
  name: "dashboard",
  summary: "Pin a message that shows how everything is, and keeps itself up to date",
  usage: "[on | off]",
  hasOwnWords: true,
  example: "/dashboard on",
  async run({ words: [word = ""], now }, { store }) {
    const to = switchIn(word);
    if (to !== undefined) {
      const before = await store.switchDashboard(to, now);
      return { kind: "message", message: renderDashboardSwitched(to, (before === "on") !== (to === "on")) };
    }
    if (word !== "") return { kind: "usage", why: `"${word.slice(0, 20)}" is neither on nor off` };
    const { state, board } = await store.dashboard();
    const at = board?.messageId === undefined ? undefined : board.at;
    return { kind: "message", message: renderDashboardState(state === "on" ? "on" : "off", at, now) };
  },
};

function switchIn(word: string): "on" | "off" | undefined {
  if (/^(?:on|start|yes|1)$/i.test(word)) return "on";
  return /^(?:off|stop|no|0|none)$/i.test(word) ? "off" : undefined;
}
