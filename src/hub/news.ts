/** What the chat hears of monitors, of mutes that have ended, and of our own blindness: in as few messages as that takes. */
import type { Delivery, Result, Spot } from "./delivery.ts";
import type { Notice } from "./monitor.ts";
import { nextSlots, scheduleOf } from "./schedule.ts";
import type { Due, NoticeDue } from "./store/keys.ts";
import type { MonitorId, Store, Watched } from "./store/store.ts";
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
  async function tellOne(it: Watched, now: number): Promise<boolean> {
    const { monitor, notices, recent, topic, alert } = it;
    const isSilent = notices.some(({ kind }) => kind === "silent");
    const lastSaid = isSilent ? await store.lastSaid(monitor.service, recent) : undefined;
    const message = renderMonitor({ ...monitor, ...(lastSaid && { lastSaid }) }, notices, now, missedBy(it));
    const where = { service: monitor.service, topic, repliesTo: alert };
    const place = await delivery.post(dueOf(it), message, severityOf(notices), where);
    if (place) await heard([it], place);
    return place !== undefined;
  }

  /** Many at once: those that are down in one message, those that came back in another. What else there is takes its turn. */
  async function tellMany(all: readonly Watched[], now: number): Promise<boolean> {
    const down = all.filter(({ monitor }) => monitor.status === "down");
    const up = all.filter(({ monitor, notices }) => monitor.status !== "down" && notices.some(isUp));
    const others = all.filter((it) => !down.includes(it) && !up.includes(it));
    const groups = [down, up].filter((group) => group.length > 0);
    let isTold = others.length <= FEW - groups.length;
    for (const group of groups) isTold = (await tellGroup(group === down ? "down" : "up", group, now)) && isTold;
    for (const it of others.slice(0, FEW - groups.length)) isTold = (await tellOne(it, now)) && isTold;
    return isTold;
  }

  async function tellGroup(kind: "down" | "up", of: readonly Watched[], now: number): Promise<boolean> {
    const [only] = of;
    if (only === undefined || of.length === 1) return only === undefined || tellOne(only, now);
    const expected = kind === "down" ? await expectedWith(of, now) : undefined;
    const message = renderFleet(kind, of, now, expected);
    const place = await delivery.post(dueOf(only), message, kind === "down" ? "error" : "info");
    if (place) await heard(of, place);
    return place !== undefined;
  }

  /** How many were to beat, when so many of them are silent at once that it is likelier the way to us that is broken. */
  async function expectedWith(of: readonly Watched[], now: number): Promise<number | undefined> {
    const silent = of.filter(({ notices }) => notices.some(({ kind }) => kind === "silent")).length;
    if (silent < TOGETHER) return undefined;
    const expected = silent + (await store.awaited(now, now + SOON));
    return silent >= SHARE * expected ? expected : undefined;
  }

  async function heard(of: readonly Watched[], place?: Spot): Promise<void> {
    const others = Math.min(1, of.length - 1);
    await store.heard(
      of.map((it) => {
        const isDown = it.monitor.status === "down";
        return { ...idOf(it), seen: it.seen, alert: place && isDown ? { ...place, shown: others } : undefined };
      }),
    );
  }

  /** What is muted is not told: not at all when it is well again, else when the mute ends. */
  async function withoutMuted(all: readonly Watched[], now: number): Promise<readonly Watched[]> {
    const mutes = (await store.mutes()).filter(({ until, fingerprint }) => until > now && fingerprint === undefined);
    if (mutes.length === 0) return all;
    const mutedUntil = ({ monitor: { service } }: Watched): number =>
      Math.max(0, ...mutes.filter((mute) => (mute.service ?? service) === service).map(({ until }) => until));
    const muted = all.filter((it) => mutedUntil(it) > 0);
    const well = muted.filter(({ monitor }) => monitor.status !== "down");
    if (well.length > 0) await heard(well);
    await store.delay(muted.filter((it) => !well.includes(it)).map((it) => ({ ...idOf(it), until: mutedUntil(it) })));
    return all.filter((it) => !muted.includes(it));
  }

  return {
    async monitors(dues, now) {
      const read = await store.readMonitors(dues, delivery.chatId());
      const known = read.flatMap((it) => it ?? []);
      const told = known.filter(({ notices }) => notices.length === 0);
      if (told.length > 0) await heard(told);
      for (const [i, due] of dues.entries()) if (read[i] === undefined) await store.remove(due);
      const waiting = known.filter(({ notices }) => notices.length > 0);
      const all = await withoutMuted(waiting, now);
      if (all.length === 0) return "done";
      if (all.length > FEW) return (await tellMany(all, now)) ? "sent" : "left";
      let isTold = true;
      for (const it of all) isTold = (await tellOne(it, now)) && isTold;
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
      if (blindness !== undefined) {
        const { from, to, deadlines } = blindness;
        if (!(await delivery.post(due, renderBlind(from, to, deadlines, now), "warning"))) return "left";
      }
      await store.confessed();
      return blindness ? "sent" : "done";
    },
  };
}

const idOf = ({ monitor: { service, name } }: Watched): MonitorId => ({ service, name });

const dueOf = (it: Watched): NoticeDue => ({ kind: "notice", ...idOf(it) });
const isUp = ({ kind }: Notice): boolean => kind === "up";

/** How many beats were missed until it came back; `undefined` when it has not. */
function missedBy({ monitor: { expectation }, notices }: Watched): number | undefined {
  const up = notices.findLast(({ kind }) => kind === "up");
  if (up?.kind !== "up") return undefined;
  try {
    const slots = nextSlots(scheduleOf(expectation), up.downSince - expectation.grace - 1, MOST_MISSED);
    return slots.filter((slot) => slot <= up.at).length;
  } catch {
    return undefined; // a runtime without this time zone
  }
}
