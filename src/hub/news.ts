/** What the chat hears of monitors, of mutes that have ended, and of our own blindness: in as few messages as that takes. */
import type { Delivery, Result, Spot } from "./delivery.ts";
import type { Monitor } from "./monitor.ts";
import { nextSlots, scheduleOf } from "./schedule.ts";
import type { Due, NoticeDue } from "./store/keys.ts";
import type { MonitorId, Mute, Store, Watched } from "./store/store.ts";
import { renderBlind, renderFleet, renderMonitor, renderUnmuted, severityOf } from "./telegram/render/message.ts";

export interface News {
  /** Tells what waits of these monitors. */
  monitors(dues: readonly NoticeDue[], now: number): Promise<Result>;
  /** Says what the mutes that have ended by `now` swallowed. */
  mutes(due: Due & { readonly kind: "mutes" }, now: number): Promise<Result>;
  /** Says that we were blind, and whom it concerned. */
  blindness(due: Due & { readonly kind: "blind" }, now: number): Promise<Result>;
}

/** More monitors than this at once share messages; as many calls the store grants for any number of them. */
const FEW = 3;
/** So many that fall silent together, and such a share of those that were to beat, make one ask whether it is us. */
const TOGETHER = 3;
const SHARE = 0.8;
/** Monitors that are to beat within this time are those that could have been silent too. */
const SOON = 10 * 60_000;
/** Slots that a recovery counts. */
const MOST_MISSED = 100;

export function createNews(store: Store, delivery: Delivery): News {
  /** One monitor, one message. Answers whether it was told. */
  async function tellOne(it: Watched, due: Due, now: number): Promise<boolean> {
    const { monitor, notices, recent, topic, alert } = it;
    const isSilent = notices.some(({ kind }) => kind === "silent");
    const lastSaid = isSilent ? await store.lastSaid(monitor.service, recent) : undefined;
    const message = renderMonitor({ ...monitor, ...(lastSaid && { lastSaid }) }, notices, now, missedBy(it));
    const where = { service: monitor.service, topic, repliesTo: alert };
    const place = await delivery.post(due, message, severityOf(notices), where);
    if (place) await heard([it], place);
    return place !== undefined;
  }

  /** Many at once, by whether they are down or up now. */
  async function tellMany(all: readonly Watched[], due: Due, now: number): Promise<boolean> {
    const down = all.filter(({ monitor }) => monitor.status === "down");
    const up = all.filter(({ monitor }) => monitor.status !== "down");
    return (await tellGroup("down", down, due, now)) && (await tellGroup("up", up, due, now));
  }

  async function tellGroup(kind: "down" | "up", of: readonly Watched[], due: Due, now: number): Promise<boolean> {
    const [only] = of;
    if (only === undefined) return true;
    if (of.length === 1) return tellOne(only, due, now);
    const isOurs = kind === "down" && (await isOurFault(of, now));
    const place = await delivery.post(due, renderFleet(kind, of, now, isOurs), kind === "down" ? "error" : "info");
    if (place) await heard(of, place);
    return place !== undefined;
  }

  /** Whether so many are silent at once that it is likelier the way to us that is broken. */
  async function isOurFault(of: readonly Watched[], now: number): Promise<boolean> {
    const silent = of.filter(({ notices }) => notices.some(({ kind }) => kind === "silent")).length;
    if (silent < TOGETHER) return false;
    return silent >= SHARE * (silent + (await store.awaited(now, now + SOON)));
  }

  async function heard(of: readonly Watched[], place?: Spot): Promise<void> {
    await store.heard(
      of.map(({ monitor: { service, name, status }, seen }) => {
        return { service, name, seen, alert: place && status === "down" ? { ...place, shown: 0 } : undefined };
      }),
    );
  }

  /** What is muted is not told: not at all when it is well again, else when the mute ends. */
  async function withoutMuted(all: readonly Watched[], now: number): Promise<readonly Watched[]> {
    const mutes = (await store.mutes()).filter(({ until, fingerprint }) => until > now && fingerprint === undefined);
    if (mutes.length === 0) return all;
    const loud: Watched[] = [];
    for (const it of all) {
      const until = Math.max(0, ...mutes.filter((mute) => isOf(mute, it.monitor)).map((mute) => mute.until));
      if (until === 0) loud.push(it);
      else if (it.monitor.status !== "down") await heard([it]);
      else await store.postpone({ kind: "notice", ...idOf(it) }, until);
    }
    return loud;
  }

  return {
    async monitors(dues, now) {
      const [due] = dues;
      const read = await store.readMonitors(dues, delivery.chatId());
      const known = read.flatMap((it) => it ?? []);
      const told = known.filter(({ notices }) => notices.length === 0);
      if (told.length > 0) await heard(told);
      for (const [i, it] of read.entries()) if (it === undefined && dues[i]) await store.remove(dues[i]);
      const all = await withoutMuted(
        known.filter(({ notices }) => notices.length > 0),
        now,
      );
      if (due === undefined || all.length === 0) return "done";
      if (all.length > FEW) return (await tellMany(all, due, now)) ? "sent" : "left";
      let isTold = true;
      for (const it of all) isTold = (await tellOne(it, { kind: "notice", ...idOf(it) }, now)) && isTold;
      return isTold ? "sent" : "left";
    },

    async mutes(due, now) {
      const ended = (await store.mutes()).filter(({ until }) => until <= now);
      const silenced = ended.filter(({ swallowed }) => swallowed > 0);
      if (silenced.length > 0 && !(await delivery.post(due, renderUnmuted(silenced), "info"))) return "left";
      await store.endMutes(ended);
      return silenced.length > 0 ? "sent" : "done";
    },

    async blindness(due, now) {
      const blindness = await store.blindness();
      if (
        blindness &&
        !(await delivery.post(due, renderBlind(blindness.from, blindness.to, blindness.deadlines, now), "warning"))
      )
        return "left";
      await store.confessed();
      return blindness ? "sent" : "done";
    },
  };
}

const idOf = ({ monitor: { service, name } }: Watched): MonitorId => ({ service, name });

const isOf = ({ service }: Mute, monitor: Monitor): boolean => service === undefined || service === monitor.service;

/** How many beats were missed until it came back; `undefined` when it has not. */
function missedBy({ monitor: { expectation }, notices }: Watched): number | undefined {
  const up = notices.findLast(({ kind }) => kind === "up");
  if (up?.kind !== "up") return undefined;
  const slots = nextSlots(scheduleOf(expectation), up.downSince - expectation.grace - 1, MOST_MISSED);
  return slots.filter((slot) => slot <= up.at).length;
}
