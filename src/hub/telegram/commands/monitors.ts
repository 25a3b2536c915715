/** `/monitors`: what is expected to beat. */
import { SERVICES } from "../../store/store.ts";
import { renderMonitors } from "../render/monitors.ts";
import type { Command } from "./command.ts";
import { notUnderstood, skipIn } from "./rest.ts";

export const monitors: Command = {
  name: "monitors",
  summary: "Show what is expected to beat, what is down first",
  usage: "[service or all]",
  example: "/monitors orders-api",
  async run({ words, service, services, now }, { store }) {
    const { skip, rest } = skipIn(words);
    const stray = rest.find((word) => word.toLowerCase() !== "all");
    if (stray !== undefined) return notUnderstood(stray, '"all"');
    const of = rest.length > 0 ? undefined : service;
    const survey = await store.survey({ services: of === undefined ? services : [of], now, since: now, lately: 0 });
    const all = survey.services.flatMap((it) => it.monitors);
    const unseen = of === undefined ? Math.max(0, services.length - SERVICES) : 0;
    return { kind: "message", message: renderMonitors(all, { service: of, skipped: skip, unseen }, now) };
  },
};
