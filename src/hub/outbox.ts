/** What was accepted reaches Telegram, and is forgotten only then: whoever dies leaves it on the wheel for the next. */
import type { Delivery } from "./delivery.ts";
import type { Ingested } from "./ingest.ts";
import { RANK } from "./severity.ts";
import type { Due } from "./store/keys.ts";
import { type Entry, LEASE, type Store } from "./store/store.ts";

/** What one sweep of the wheel did. */
export interface Swept {
  readonly claimed: number;
  readonly sent: number;
  /** Claimed and not done: due again later. */
  readonly left: number;
}

export interface Outbox {
  /** Tells what this hub has just taken in, and rewrites what was repeated. */
  deliver(ingested: readonly Ingested[]): Promise<void>;
  /** Takes what is due at `now`, whoever left it, until nothing is or time is up. */
  sweep(now: number): Promise<Swept>;
}

/** Something due, how much it matters and since when, and how it is done. */
interface Job {
  readonly due: Due;
  readonly rank: number;
  readonly at: number;
  run(): Promise<boolean>;
}

/** No job begins later than this after its lease began: it could not end inside it. */
const WORK = LEASE - 10_000;
const CLAIM = 50;
/** Below every severity: nobody waits for it. */
const COSMETIC = -1;

export function createOutbox(store: Store, delivery: Delivery, clock: () => number): Outbox {
  function jobOf(due: Due, entry: Entry | undefined): Job {
    if (due.kind === "digest") return { due, rank: RANK.warning, at: clock(), run: () => delivery.digest(due) };
    if (entry === undefined) return chore(due);
    if (due.kind === "window")
      return { due, rank: COSMETIC, at: entry.tally.last, run: () => delivery.close(due, entry) };
    // Told by a hub that died before it could take the message off the wheel.
    if (entry.message !== undefined) return chore(due);
    const rank = RANK[entry.alert.event.severity];
    return { due, rank, at: entry.tally.first, run: () => delivery.tell(due, entry) };
  }

  const chore = (due: Due): Job => ({ due, rank: COSMETIC, at: 0, run: () => store.remove(due).then(() => true) });

  /** Most important first, then oldest. What a blocked chat cannot take is postponed in one go; answers how many were done. */
  async function work(jobs: readonly Job[], until: number): Promise<number> {
    const queue = [...jobs].sort((a, b) => b.rank - a.rank || a.at - b.at);
    let done = 0;
    for (const [i, job] of queue.entries()) {
      if (clock() > until) break;
      if (clock() < delivery.blockedUntil()) {
        await store.postpone(
          queue.slice(i).map(({ due }) => due),
          delivery.blockedUntil(),
        );
        break;
      }
      if (await job.run()) done++;
    }
    return done;
  }

  return {
    async deliver(ingested) {
      const admitted = ingested.filter(({ taken }) => taken.verdict === "admitted");
      const jobs = admitted.map((it) => jobOf({ kind: "message", service: it.alert.service, id: it.id }, entryOf(it)));
      await work(jobs, clock() + WORK);
      for (const it of newestRepeats(ingested)) await delivery.recount(it.id, entryOf(it));
    },

    async sweep(now) {
      const until = clock() + WORK;
      const swept = { claimed: 0, sent: 0, left: 0 };
      for (let full = true; full && clock() < until; ) {
        const dues = await store.claim(now, now + LEASE, CLAIM);
        const entries = await store.read(dues);
        const done = await work(
          dues.map((due, i) => jobOf(due, entries[i])),
          until,
        );
        swept.claimed += dues.length;
        swept.sent += done;
        swept.left += dues.length - done;
        full = dues.length === CLAIM && done === CLAIM;
      }
      return swept;
    },
  };
}

function entryOf({ alert, taken: { tally, message } }: Ingested): Entry {
  return { alert, tally, seen: "", ...(message && { message }) };
}

/** A batch may repeat one thing many times; its last event has the highest count. */
function newestRepeats(ingested: readonly Ingested[]): Ingested[] {
  const repeats = ingested.filter(({ taken }) => taken.verdict === "repeat");
  return [...new Map(repeats.map((it) => [it.id, it])).values()];
}
