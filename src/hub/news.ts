/** What the chat hears of monitors, of mutes that have ended, and of our own blindness: in as few messages as that takes. */
import type { Delivery, Result, Spot } from "./delivery.ts";
import type { Notice } from "./monitor.ts";
import { report } from "./report.ts";
import { nextSlots, scheduleOf } from "./schedule.ts";
import type { Due, NoticeDue } from "./store/keys.ts";
import { type Heard, type MonitorId, NEWS_CALLS, type Store, type Watched } from "./store/store.ts";
import { renderBlind, renderFleet, renderMonitor, renderUnmuted, severityOf } from "./telegram/render/message.ts";

export interface News {
  /** Tells what waits of these monitors. */
  monitors(dues: readonly NoticeDue[], now: number): Promise<Result>;
  /** Says what the mutes that have ended by `now` swallowed. */
  mutes(due: Due & { readonly kind: "mutes" }, now: number): Promise<Result>;
  /** Says that we were blind, and whom it concerned. */
  blindness(due: Due & { readonly kind: "blind" }, now: number): Promise<Result>;
}

const HOUR = 3_600_000;
/** What is muted is looked at again after this: it may be well by then. */
const LOOK = 5 * 60_000;
/** So many that fall silent together, and such a share of those that were to beat, make one ask whether it is us. */
const SUSPICIOUS = 3;
const SHARE = 0.8;
/** Monitors that are to beat within this time are those that could have been silent too. */
const SOON = 10 * 60_000;
/** Slots of a cron expression that a recovery counts. */
const MOST_MISSED = 100;

/** What a message about many tells of each; the rest waits for one of its own. */
const TOLD_TOGETHER: readonly Notice["kind"][] = ["silent", "stuck", "failed", "up", "reminder"];
const TOLD_ALONE: readonly Notice["kind"][] = ["lost", "blind", "offer"];

export function createNews(store: Store, delivery: Delivery): News {
  /** One monitor, one message. Answers whether it was told. */
  async function tellOne(it: Watched, now: number): Promise<boolean> {
    const { monitor, notices, recent, topic, alert } = it;
    const isSilent = notices.some(({ kind }) => kind === "silent");
    const lastSaid = isSilent ? await store.lastSaid(monitor.service, recent) : undefined;
    const message = renderMonitor({ ...monitor, ...(lastSaid && { lastSaid }) }, notices, now, missedBy(it));
    const where = { service: monitor.service, topic, repliesTo: alert };
    const place = await delivery.post(dueOf(it), message, severityOf(notices), where);
    if (place) await heard([it], now, place);
    return place !== undefined;
  }

  /** Many at once: those that are down in one message, those that came back in another. What else there is takes its turn. */
  async function tellMany(all: readonly Watched[], now: number): Promise<boolean> {
    const together = all.filter(({ notices }) => notices.some(isTogether));
    const down = together.filter(({ monitor }) => monitor.status === "down");
    const up = together.filter(({ monitor }) => monitor.status !== "down");
    const others = all.filter((it) => !together.includes(it));
    const turns = NEWS_CALLS - [down, up].filter((group) => group.length > 0).length;
    let isTold = others.length <= turns;
    for (const work of [
      () => tellGroup("down", down, now),
      () => tellGroup("up", up, now),
      ...others.slice(0, turns).map((it) => () => tellOne(it, now)),
    ]) {
      isTold = (await isDone(work)) && isTold;
    }
    return isTold;
  }

  async function tellGroup(kind: "down" | "up", of: readonly Watched[], now: number): Promise<boolean> {
    const [only] = of;
    if (only === undefined || of.length === 1) return only === undefined || tellOne(only, now);
    const expected = kind === "down" ? await expectedWith(of, now) : undefined;
    const message = renderFleet(kind, of, now, expected);
    const place = await delivery.post(dueOf(only), message, kind === "down" ? "error" : "info");
    if (place) await heard(of, now, place, TOLD_ALONE);
    return place !== undefined;
  }

  /** How many were to beat, when so many of them are silent at once that it is likelier the way to us that is broken. */
  async function expectedWith(of: readonly Watched[], now: number): Promise<number | undefined> {
    const silent = of.filter(({ notices }) => notices.some(({ kind }) => kind === "silent")).length;
    if (silent < SUSPICIOUS) return undefined;
    const expected = silent + (await store.awaited(now, now + SOON));
    return silent >= SHARE * expected ? expected : undefined;
  }

  async function heard(
    of: readonly Watched[],
    now: number,
    place?: Spot | "refused",
    without: readonly Notice["kind"][] = [],
  ): Promise<void> {
    const isShared = of.length > 1;
    const told = of.map((it): Heard => {
      const isAlert = place !== undefined && place !== "refused" && it.notices.some(isTogether);
      const alert = isAlert ? { ...place, isShared } : it.alert;
      return { ...idOf(it), seen: it.seen, without, alert: it.monitor.status === "down" ? alert : undefined };
    });
    await store.heard(told, now);
  }

  /** What is muted is not told: not at all when it went down and up in silence, else when the mute ends. */
  async function withoutMuted(all: readonly Watched[], now: number): Promise<readonly Watched[]> {
    const mutes = (await store.mutes()).filter(({ until, fingerprint }) => until > now && fingerprint === undefined);
    if (mutes.length === 0) return all;
    const mutedUntil = ({ monitor: { service } }: Watched): number =>
      Math.max(0, ...mutes.filter((mute) => (mute.service ?? service) === service).map(({ until }) => until));
    const muted = all.filter((it) => mutedUntil(it) > 0);
    const unnoticed = muted.filter(({ monitor, alert }) => monitor.status !== "down" && alert === undefined);
    if (unnoticed.length > 0) await heard(unnoticed, now);
    const waiting = muted.filter((it) => !unnoticed.includes(it));
    await store.delay(waiting.map((it) => ({ ...idOf(it), until: Math.min(mutedUntil(it), now + LOOK) })));
    return all.filter((it) => !muted.includes(it));
  }

  return {
    async monitors(dues, now) {
      const read = await store.readMonitors(dues, delivery.chatId());
      for (const [i, due] of dues.entries()) if (read[i] === undefined) await store.postpone(due, now + HOUR);
      const known = read.flatMap((it) => it ?? []);
      const empty = known.filter(({ notices }) => notices.length === 0);
      if (empty.length > 0) await heard(empty, now);
      const waiting = known.filter(({ notices }) => notices.length > 0);
      const all = waiting.length > 0 ? await withoutMuted(waiting, now) : [];
      if (all.length === 0) return "done";
      if (all.length > NEWS_CALLS) return (await tellMany(all, now)) ? "sent" : "left";
      let isTold = true;
      for (const it of all) isTold = (await isDone(() => tellOne(it, now))) && isTold;
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

const isTogether = ({ kind }: Notice): boolean => TOLD_TOGETHER.includes(kind);
const dueOf = (it: Watched): NoticeDue => ({ kind: "notice", ...idOf(it) });

/** What cannot be told does not keep the others. */
async function isDone(work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    report(error);
    return false;
  }
}

/** How many beats were missed until it came back; `undefined` when it has not, or when that says nothing. */
function missedBy({ monitor: { expectation }, notices }: Watched): number | undefined {
  const up = notices.findLast(({ kind }) => kind === "up");
  if (up?.kind !== "up" || up.after !== "silent") return undefined;
  const { every, grace } = expectation;
  const [first, last] = [up.downSince - grace, up.at - grace];
  if (every !== undefined) return Math.floor((last - first) / every) + 1;
  try {
    const slots = nextSlots(scheduleOf(expectation), first - 1, MOST_MISSED);
    const missed = slots.filter((slot) => slot <= last).length;
    return missed < MOST_MISSED ? missed : undefined;
  } catch {
    return undefined; // a runtime without this time zone
  }
}
