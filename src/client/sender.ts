/** Brings what is untold to the hub: packs it into parcels, sends these, and keeps what the hub could not take yet. */
import { nextTurn, protect, sleep } from "./ambient.ts";
import { type Fetch, post } from "./beacon.ts";
import type { Fold, Folds } from "./folds.ts";

const NEVER = Infinity;
const EVENTS = 50;
/** Characters after which a parcel is full; with one more event, at three bytes each, it is within 256 KiB. */
const FULL = 40_000;
const WAITING = 8;
const BACKOFF = 1_000;
const BACKOFF_LIMIT = 60_000;
/** How late a worker may wake before another is started: its invocation was cut off. */
const LATE = 1_000;
/** Longest wait inside an invocation that `waitUntil` keeps alive, and that somebody pays for. */
const PATIENCE = 10_000;

/** A batch on its way. Its id is in the body and stays however often it is sent, so it counts once. */
interface Parcel {
  readonly body: string;
  /** How many occurrences each event tells. */
  readonly told: readonly number[];
  /** How many lost ones it tells beside them. */
  readonly lost: number;
  tries: number;
}

/** What the sender has to know. */
export interface Route {
  /** The hub's address; without one, what waits is given up. */
  url(): string | undefined;
  fetch(): Fetch;
  /** What a batch says of its sender. */
  head(): object;
  /** An event's JSON; `undefined` when it is not to be told. */
  tell(fold: Fold): string | undefined;
}

/** What became of what was captured. */
export interface Counts {
  captured: number;
  repeats: number;
  sent: number;
  dropped: number;
  failed: number;
  unprotected: number;
}

/** See {@link createSender}. */
export interface Sender {
  /** Gives up events; the next batch says how many. */
  lose(count: number): void;
  /** Has what is untold sent in `wait` milliseconds, kept alive by the first of `owners` that can. */
  send(wait: number, owners: readonly unknown[]): void;
  /** Sends what is due and was left behind by an invocation that ended. */
  resume(owners: readonly unknown[]): void;
  /** Sends everything that may be sent within `ms`. */
  flush(ms: number): Promise<void>;
}

/** Sends what `folds` hold untold, along `route`. What waits has a time when it is due, and a worker who wakes for it. */
export function createSender(folds: Folds, route: Route, counts: Counts): Sender {
  const waiting: Parcel[] = []; // for another try
  let flying = 0;
  let lost = 0; // given up, and not yet told
  let untoldDue = NEVER;
  let quietUntil = 0; // the hub needs it
  let starting: Promise<void> | undefined; // the worker that everything of this turn goes with
  let watch = NEVER; // when a worker will wake
  let patience = NEVER;

  const lose = (count: number): void => {
    counts.dropped += count;
    lost += count;
  };

  const pack = (): Parcel | undefined => {
    const id = crypto.randomUUID(); // throws at a Worker's module scope, where nothing can be sent either
    const events: string[] = [];
    const told: number[] = [];
    let size = 0;
    for (const fold of folds.untold()) {
      if (told.length === EVENTS || size > FULL) break;
      const event = route.tell(fold);
      if (event) {
        size += event.length;
        events.push(event);
        told.push(fold.untold);
      } else counts.dropped += fold.untold;
      fold.untold = 0;
    }
    if (!told.length && !lost) return undefined;
    const head = JSON.stringify({ v: 1, id, ...route.head(), dropped: lost || undefined });
    const parcel = { body: `${head.slice(0, -1)},"events":[${events}]}`, told, lost, tries: 0 };
    lost = 0;
    return parcel;
  };

  const nextDue = (): number => Math.max(quietUntil, waiting.length ? 0 : untoldDue);

  /** What may be sent now, first what was tried before. */
  const nextParcel = (): Parcel | undefined => {
    if (Date.now() < nextDue()) return undefined;
    const parcel = waiting.shift() ?? pack();
    if (!folds.untold().length) untoldDue = NEVER; // what is lost from now on waits for company
    return parcel;
  };

  const deliver = async (parcel: Parcel, url: string): Promise<void> => {
    flying++;
    const answer = await post(url, parcel.body, route.fetch());
    flying--;
    if (answer.kind !== "taken") {
      counts.failed++;
      const backoff = Math.min(BACKOFF_LIMIT, BACKOFF * 2 ** parcel.tries++);
      quietUntil = Date.now() + Math.max(answer.after, backoff) * (1 + Math.random() / 4);
      if (parcel.tries < answer.tries && waiting.length < WAITING) {
        waiting.push(parcel);
        return;
      }
      lost += parcel.lost;
    }
    parcel.told.forEach((count, index) => {
      if (answer.kind !== "taken" || answer.refused.includes(index)) lose(count);
      else counts.sent += count;
    });
  };

  const sendDue = async (): Promise<void> => {
    const url = route.url();
    for (let parcel = nextParcel(); parcel; parcel = nextParcel()) {
      if (url) await deliver(parcel, url);
    }
  };

  const isWatched = (due: number): boolean => watch <= due && watch > Date.now() - LATE;

  /** Sends, and stays for what comes due later, unless another stays already or it would take too long. */
  const work = async (): Promise<void> => {
    await nextTurn();
    starting = undefined;
    for (;;) {
      await sendDue();
      const due = nextDue();
      const wait = due - Date.now();
      if (isWatched(due) || !(wait < patience)) return;
      watch = due;
      await sleep(wait);
      watch = NEVER;
    }
  };

  const start = (owners: readonly unknown[]): void => {
    starting ??= work().catch(() => {}); // where nothing can be sent yet, it stays for the next worker
    const isProtected = protect(starting, owners);
    patience = isProtected ? PATIENCE : NEVER;
    if (!isProtected) counts.unprotected++;
  };

  return {
    lose,
    send(wait, owners) {
      untoldDue = Math.min(untoldDue, Date.now() + wait);
      if (!wait || !(starting || isWatched(untoldDue))) start(owners);
    },
    resume(owners) {
      if (nextDue() <= Date.now()) start(owners);
    },
    async flush(ms) {
      const until = Date.now() + ms;
      untoldDue = 0;
      while ((flying || nextDue() < NEVER) && Date.now() < until) {
        sendDue().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 10)); // unlike `sleep`, this keeps a process alive
      }
    },
  };
}
