/** `/last`: what was told last. */
import { RANK } from "../../severity.ts";
import { renderLast } from "../render/last.ts";
import type { Command } from "./command.ts";
import { notUnderstood } from "./rest.ts";
import { windowIn } from "./window.ts";

const USUAL = 5;
const MOST = 20;
/** A kind may be kept as several windows, of which one is shown. */
const WINDOWS = 2;

export const last: Command = {
  name: "last",
  summary: 'Show the last errors; with "all", warnings and notes too',
  usage: "[how many] [service] [window] [all]",
  example: "/last 10 orders-api 24h",
  async run({ words, service, services, now }, { store }) {
    const { window, rest } = windowIn(words);
    const stray = rest.find((word) => !isCount(word) && !isAll(word));
    if (stray !== undefined) return notUnderstood(stray, 'a number, a window or "all"');
    const most = Math.min(MOST, Number(rest.find(isCount) ?? USUAL));
    const what = rest.some(isAll) ? "all" : "errors";
    const { said, mutes } = await store.lastTold({
      ...{ services: service === undefined ? services : [service], now, most: most * WINDOWS },
      since: window === undefined ? 0 : now - window.ms,
      rank: what === "all" ? RANK.info : RANK.error,
    });
    return { kind: "message", message: renderLast(said, mutes, { service, window: window?.text, most, what }, now) };
  },
};

const isCount = (word: string): boolean => /^[1-9]\d{0,2}$/.test(word);
const isAll = (word: string): boolean => word.toLowerCase() === "all";
