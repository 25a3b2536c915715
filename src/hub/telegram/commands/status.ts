/** `/status` and `/services`: how they are. */
import { LATELY } from "../../health.ts";
import { SERVICES, type Store } from "../../store/store.ts";
import type { Message } from "../render/message.ts";
import type { ServicePart } from "../render/paging.ts";
import { renderServices } from "../render/services.ts";
import { renderStatus, renderStatuses } from "../render/status.ts";
import type { Ask, Command } from "./command.ts";
import { notUnderstood, skipIn } from "./rest.ts";
import { type Window, windowIn, windowOf } from "./window.ts";

const HOUR = windowOf(3_600_000);

export const status: Command = {
  name: "status",
  summary: "Show how services are, and what happened",
  usage: "[service or all] [window]",
  example: "/status orders-api 1h",
  async run(ask, { store }) {
    const { window = HOUR, rest } = windowIn(ask.words);
    const { skip, rest: others } = skipIn(rest);
    const stray = others.find((word) => !isAll(word));
    if (stray !== undefined) return notUnderstood(stray, "a window such as 15m, 1h or 7d");
    const service = others.some(isAll) ? undefined : ask.service;
    const message =
      service === undefined ? await statuses(ask, window, skip, store) : await statusOf(service, ask, window, store);
    return { kind: "message", message };
  },
};

export const services: Command = {
  name: "services",
  summary: "List the services, the most urgent first",
  usage: "",
  example: "/services",
  async run(ask, { store }) {
    const { names, part } = partOf(ask, skipIn(ask.words).skip);
    const survey = await store.survey({ services: names, now: ask.now, since: ask.now, lately: LATELY });
    return { kind: "message", message: renderServices(survey, part, ask.now) };
  },
};

const isAll = (word: string): boolean => word.toLowerCase() === "all";

async function statuses(ask: Ask, window: Window, skip: number, store: Store): Promise<Message> {
  const { names, part } = partOf(ask, skip);
  const survey = await store.survey({ services: names, ...sightOf(ask, window) });
  return renderStatuses(survey, part, window.text, ask.now);
}

async function statusOf(service: string, ask: Ask, window: Window, store: Store): Promise<Message> {
  const { services, mutes } = await store.survey({ services: [service], ...sightOf(ask, window) });
  const [found] = services;
  if (found === undefined) throw new Error(`a survey of ${service} tells nothing of it`);
  return renderStatus(found, mutes, window.text, ask.now);
}

function sightOf({ now }: Ask, { ms }: Window) {
  return { now, since: now - ms, lately: LATELY };
}

/** The services that one look takes in so that the one after `skip` others is among them. */
function partOf(
  { services: all }: Ask,
  skip: number,
): { readonly names: readonly string[]; readonly part: ServicePart } {
  const first = skip < all.length ? skip : 0;
  const from = first - (first % SERVICES);
  return { names: all.slice(from, from + SERVICES), part: { first, from, total: all.length } };
}
