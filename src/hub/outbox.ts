/** What was accepted reaches Telegram, and is forgotten only then: whoever dies leaves it on the wheel for the next. */
import type { LookAt } from "./dashboard.ts";
import type { Delivery, Result } from "./delivery.ts";
import type { TellDigest } from "./digest.ts";
import { serviceId } from "./fingerprint.ts";
import type { Ingested } from "./ingest.ts";
import type { News } from "./news.ts";
import type { Swept } from "./seam.ts";
import { RANK } from "./severity.ts";
import type { Due, MonitorDue, NoticeDue } from "./store/keys.ts";
import { type Entry, type Kept, LEASE, type MessageDue, NEWS_CALLS, type Store, type Told } from "./store/store.ts";
import type { SumUp } from "./summary.ts";

export interface Outbox {
  /** Tells what this hub has just taken in, and rewrites what was repeated. What is too much for one go waits for a tick. */
  deliver(ingested: readonly Ingested[]): Promise<void>;
  /** Takes what is due at `now`, whoever left it. */
  sweep(now: number): Promise<Swept>;
}

export interface OutboxParts {
  readonly store: Store;
  readonly delivery: Delivery;
  readonly news: News;
  readonly tellDigest: TellDigest;
  readonly sumUp: SumUp;
  readonly lookAt: LookAt;
  readonly clock: () => number;
}

/** Something due, how much it matters and since when, and how it is done. */
interface Job {
  readonly due: Due;
  readonly rank: number;
  readonly at: number;
  run(): Promise<Result>;
}

/**
 * Jobs in one go. Each is a call to Telegram and one to Redis, in a forum perhaps two of each, and a Worker on the free plan
 * may make fifty in all.
 *
 * @see https://developers.cloudflare.com/workers/platform/limits/#subrequests
 */
const AT_ONCE = 12;
/** No job begins later than this: it could not end inside its lease. */
const WORK = LEASE - 15_000;
/** Claims in one go, of up to five hundred members each. */
const ROUNDS = 30;
/** Below every severity: nobody waits for it. */
const COSMETIC = -1;
/** Below all others. */
const LEAST = -2;

export function createOutbox({ store, delivery, news, tellDigest, sumUp, lookAt, clock }: OutboxParts): Outbox {
  function jobOf(due: Exclude<Due, MonitorDue | NoticeDue>, kept: Kept | undefined, now: number): Job {
    const chore = (work: Promise<void>) => work.then(() => "done" as const);
    switch (due.kind) {
      case "digest":
        return { due, rank: RANK.warning, at: now, run: () => tellDigest(due) };
      case "mutes":
        return { due, rank: RANK.info, at: now, run: () => news.mutes(due, now) };
      case "blind":
        return { due, rank: RANK.warning, at: now, run: () => news.blindness(due, now) };
      case "quiet":
        return { due, rank: RANK.warning, at: now, run: () => sumUp(due, now) };
      case "dashboard":
        return { due, rank: LEAST, at: now, run: () => lookAt(due, now) };
      case "prune":
        return { due, rank: COSMETIC, at: now, run: () => chore(store.prune(due, now)) };
      case "forget":
        return { due, rank: COSMETIC, at: now, run: () => chore(store.forget(due, now, serviceId(due.service))) };
      case "window":
        if (kept) return { due, rank: COSMETIC, at: kept.tally.last, run: () => delivery.close(due, kept) };
        break;
      case "message":
        // One that has a place was told by a hub that died before it could take it off the wheel.
        if (kept && kept.message === undefined) return messageJob(due, kept);
    }
    return { due, rank: COSMETIC, at: now, run: () => chore(store.remove(due)) };
  }

  function messageJob(due: MessageDue, entry: Entry, repliesTo?: Told): Job {
    const { kind, severity } = entry.alert.event;
    // Starts and stops are told in the order in which they happened, whatever their severity.
    const rank = kind === "lifecycle" ? RANK.error : RANK[severity];
    return { due, rank, at: entry.tally.first, run: () => delivery.tell(due, entry, repliesTo) };
  }

  /** Most important first, then oldest. What a penalty or the time leaves undone keeps its lease, and is due after it. */
  async function work(jobs: readonly Job[]): Promise<Record<Result, number>> {
    const until = clock() + WORK;
    const results = { sent: 0, done: 0, left: jobs.length };
    for (const job of [...jobs].sort((a, b) => b.rank - a.rank || a.at - b.at)) {
      if (clock() < delivery.blockedUntil() || clock() > until) break;
      const result = await attempt(job);
      if (result === "left") continue;
      results[result]++;
      results.left--;
    }
    return results;
  }

  /** A job that fails does not keep the others. */
  async function attempt(job: Job): Promise<Result> {
    try {
      return await job.run();
    } catch (error) {
      console.error(`snitchbot: a ${job.due.kind} failed: ${error instanceof Error ? error.message : "unknown fault"}`);
      return "left";
    }
  }

  return {
    async deliver(ingested) {
      const messages = ingested.filter(({ taken }) => taken.verdict === "admitted" && !taken.waits);
      const edits = ingested.filter(({ taken }) => taken.edit);
      await work([
        ...messages.map((it) => messageJob(dueOf(it), entryOf(it), it.taken.message)),
        ...edits.map((it) => ({ due: dueOf(it), rank: COSMETIC, at: it.taken.tally.last, run: () => recount(it) })),
      ]);
    },

    async sweep(now) {
      const { dues, flips } = await claim(now);
      const kept = await store.read(dues, delivery.chatId());
      const notices = dues.filter(isNotice);
      const jobs = dues.flatMap((due, i) => (isNotice(due) ? [] : jobOf(due, kept[i], now)));
      const [first] = notices;
      if (first) jobs.push({ due: first, rank: RANK.error, at: 0, run: () => news.monitors(notices, now) });
      const { sent, left } = await work(jobs);
      return { claimed: dues.length, sent, left, flips };
    },
  };

  /** Where a message goes on to show an event of before, that is read first. */
  async function recount(it: Ingested): Promise<Result> {
    const [kept] = it.shown ? [] : await store.read([dueOf(it)], delivery.chatId());
    await delivery.recount(it.id, { ...entryOf(it), ...(kept && { alert: kept.alert }) });
    return "done";
  }

  /** Takes what is due. Deadlines of monitors are settled first, since what comes of them is due then too. */
  async function claim(
    now: number,
  ): Promise<{ readonly dues: readonly Exclude<Due, MonitorDue>[]; readonly flips: number }> {
    const dues: Exclude<Due, MonitorDue>[] = [];
    let flips = 0;
    const until = clock() + WORK;
    for (let round = 0; round < ROUNDS && clock() < until; round++) {
      const room = AT_ONCE - dues.filter((due) => !isNotice(due)).length;
      const newsCalls = dues.some(isNotice) ? 0 : NEWS_CALLS;
      const { channel, dues: some, more } = await store.claim(now, now + LEASE, room, delivery.chatId(), newsCalls);
      await delivery.adopt(channel);
      const monitors = some.filter(isMonitor);
      for (const due of some) if (!isMonitor(due)) dues.push(due);
      if (monitors.length > 0) flips += await store.lapse(now, monitors);
      else if (!more) break;
    }
    return { dues, flips };
  }
}

const isMonitor = (due: Due): due is MonitorDue => due.kind === "monitor";
const isNotice = (due: Due): due is NoticeDue => due.kind === "notice";

function dueOf({ alert: { service, event }, id }: Ingested): MessageDue {
  return { kind: "message", service, id, urgent: event.severity === "critical" };
}

function entryOf({ alert, shown = alert, topic, taken: { tally, message } }: Ingested): Entry {
  return { alert: shown, tally, attempts: 0, ...(topic && { topic }), ...(message && { message }) };
}
