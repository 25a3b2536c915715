/** What was accepted reaches Telegram, and is forgotten only then: whoever dies leaves it on the wheel for the next. */
import type { Delivery, Result } from "./delivery.ts";
import type { Ingested } from "./ingest.ts";
import { RANK } from "./severity.ts";
import type { Due } from "./store/keys.ts";
import { type Entry, type Kept, LEASE, type Store } from "./store/store.ts";

/** What one sweep of the wheel did. */
export interface Swept {
  readonly claimed: number;
  /** New messages in the chat. */
  readonly sent: number;
  /** Due again later. */
  readonly left: number;
}

export interface Outbox {
  /** Tells what this hub has just taken in, and rewrites what was repeated. What is too much for one go waits for a tick. */
  deliver(ingested: readonly Ingested[]): Promise<void>;
  /** Takes what is due at `now`, whoever left it. */
  sweep(now: number): Promise<Swept>;
}

/** Something due, how much it matters and since when, and how it is done. */
interface Job {
  readonly due: Due;
  readonly rank: number;
  readonly at: number;
  run(): Promise<Result>;
}

/**
 * Jobs in one go. Each is a call to Telegram and one to Redis, and a Worker on the free plan may make fifty in all.
 *
 * @see https://developers.cloudflare.com/workers/platform/limits/#subrequests
 */
const AT_ONCE = 20;
/** No job begins later than this: it could not end inside its lease. */
const WORK = LEASE - 15_000;
/** Below every severity: nobody waits for it. */
const COSMETIC = -1;

export function createOutbox(store: Store, delivery: Delivery, clock: () => number): Outbox {
  function jobOf(due: Due, kept: Kept | undefined): Job {
    if (due.kind === "digest") return { due, rank: RANK.warning, at: clock(), run: () => delivery.digest(due) };
    if (kept === undefined) return chore(due);
    if (due.kind === "window")
      return { due, rank: COSMETIC, at: kept.tally.last, run: () => delivery.close(due, kept) };
    // Told by a hub that died before it could take the message off the wheel.
    return kept.message === undefined ? message(due, kept) : chore(due);
  }

  function message(due: Due & { readonly kind: "message" }, entry: Entry): Job {
    return { due, rank: RANK[entry.alert.event.severity], at: entry.tally.first, run: () => delivery.tell(due, entry) };
  }

  function chore(due: Due): Job {
    return { due, rank: COSMETIC, at: 0, run: () => store.remove(due).then(() => "done") };
  }

  /** Most important first, then oldest. What is too much keeps its lease; what a blocked chat cannot take is postponed. */
  async function work(jobs: readonly Job[]): Promise<Record<Result, number>> {
    const until = clock() + WORK;
    const queue = [...jobs].sort((a, b) => b.rank - a.rank || a.at - b.at).slice(0, AT_ONCE);
    const results = { sent: 0, done: 0, left: 0 };
    for (const [i, job] of queue.entries()) {
      const rest = queue.slice(i).map(({ due }) => due);
      const blockedUntil = delivery.blockedUntil();
      if (clock() < blockedUntil) await store.postpone(rest, blockedUntil);
      if (clock() < blockedUntil || clock() > until) return { ...results, left: results.left + rest.length };
      results[await attempt(job)]++;
    }
    return results;
  }

  /** A job that fails stays leased, and does not keep the others. */
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
      const admitted = ingested.filter(({ taken }) => taken.verdict === "admitted");
      const jobs = admitted.map((it) =>
        message({ kind: "message", service: it.alert.service, id: it.id }, entryOf(it)),
      );
      await work(jobs);
      for (const it of repeatsOf(ingested)) await delivery.recount(it.id, entryOf(it));
    },

    async sweep(now) {
      const dues = await store.claim(now, now + LEASE, AT_ONCE);
      const kept = await store.read(dues);
      const { sent, left } = await work(dues.map((due, i) => jobOf(due, kept[i])));
      return { claimed: dues.length, sent, left };
    },
  };
}

function entryOf({ alert, taken: { tally, message } }: Ingested): Entry {
  return { alert, tally, ...(message && { message }) };
}

/** One of each kind: a batch may repeat one thing many times. */
function repeatsOf(ingested: readonly Ingested[]): Ingested[] {
  const repeats = ingested.filter(({ taken }) => taken.verdict === "repeat");
  return [...new Map(repeats.map((it) => [it.id, it])).values()];
}
