/** Brings what is untold to the hub: packs it into parcels, sends these, and keeps what the hub could not take yet. */
import { nextTurn, protect, sleep } from "./ambient.ts";
import { type Fetch, post } from "./beacon.ts";
import type { Fold, Folds, Written } from "./folds.ts";
import { BACKOFF, BACKOFF_LIMIT, CUT_OFF, DAY, EVENTS, FULL, LATE, NEVER, PATIENCE, TRIES, WAITING } from "./limits.ts";

/** A batch on its way. Its id is in the body and stays however often it is sent, so it counts once. */
interface Parcel {
  readonly body: string;
  /** What each event tells, and how many occurrences of it. */
  readonly told: readonly (readonly [fold: Fold, count: number])[];
  /** How many lost ones it tells beside them. */
  readonly lost: number;
  tries: number;
}

/** What the sender has to know. */
export interface Route {
  /** The hub's address; without one, what waits is given up. */
  url(): string | undefined;
  readonly fetch: Fetch;
  /** What brings to its end whatever is under way, though nobody waits for it; nothing on the edge. */
  keeper(): unknown;
  /** What a batch says of its sender. */
  head(): object;
  /** An event's JSON; `undefined` when it is not to be told. */
  tell(fold: Written): string | undefined;
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
  /** Packs what is untold; the bodies of all that the hub may not have. They stay, should there be time after all. */
  remains(): readonly string[];
}

/** Sends what `folds` hold untold, along `route`. What waits has a time when it is due, and a worker who wakes for it. */
export function createSender(folds: Folds, route: Route, counts: Counts): Sender {
  const waiting: Parcel[] = []; // for another try
  const flying = new Map<Parcel, number>(); // and since when
  let lost = 0; // given up, and not yet told
  let untoldDue = NEVER;
  let quietUntil = 0; // the hub needs it
  let failures = 0; // since the hub took something
  let starting: Promise<void> | undefined; // the worker that everything of this turn goes with
  let watch = NEVER; // when a worker will wake
  let leave = NEVER; // when the worker that is starting has to be gone

  const lose = (count: number): void => {
    counts.dropped += count;
    lost += count;
  };

  /** Keeps what was not taken for another of its `tries`, or gives it up. */
  const keep = (parcel: Parcel, tries: number): void => {
    if (++parcel.tries < tries && waiting.length < WAITING) waiting.push(parcel);
    else {
      lost += parcel.lost;
      for (const [, count] of parcel.told) lose(count);
    }
  };

  const pack = (): Parcel | undefined => {
    const id = crypto.randomUUID(); // throws at a Worker's module scope, where nothing can be sent either
    const head = JSON.stringify({ v: 1, id, ...route.head(), dropped: lost || undefined });
    const events: string[] = [];
    const told: [Fold, number][] = [];
    const loudest = untoldDue ? Date.now() : NEVER; // a flush tells what is muted, too
    let size = 0;
    untoldDue = NEVER; // what is lost from now on waits for company
    for (const fold of folds.untold()) {
      if (fold.quiet > loudest) {
        untoldDue = Math.min(untoldDue, fold.quiet);
        continue;
      }
      if (told.length === EVENTS || size > FULL) {
        untoldDue = 0;
        break;
      }
      const event = route.tell(fold);
      if (event) {
        size += event.length;
        events.push(event);
        told.push([fold, fold.untold]);
      } else counts.dropped += fold.untold;
      fold.untold = 0;
    }
    if (!told.length && !lost) return undefined;
    const parcel = { body: `${head.slice(0, -1)},"events":[${events}]}`, told, lost, tries: 0 };
    lost = 0;
    return parcel;
  };

  const nextDue = (): number => {
    const now = Date.now();
    for (const [parcel, since] of flying) if (now - since > CUT_OFF && flying.delete(parcel)) keep(parcel, TRIES);
    return Math.max(quietUntil, waiting.length ? 0 : untoldDue);
  };

  /** What may be sent now, first what was tried before. */
  const nextParcel = (): Parcel | undefined => {
    return Date.now() < nextDue() ? undefined : (waiting.shift() ?? pack());
  };

  const deliver = async (parcel: Parcel, url: string): Promise<void> => {
    flying.set(parcel, Date.now());
    const answer = await post(url, parcel.body, route.fetch);
    if (!flying.delete(parcel)) return; // so late that it is on its way again
    if (answer.kind === "taken") {
      failures = 0;
      let taken = 0;
      parcel.told.forEach(([fold, count], index) => {
        if (answer.refused.includes(index)) lose(count);
        else {
          counts.sent += count;
          if (answer.muted.includes(taken++)) fold.quiet = Date.now() + answer.mutedMs;
        }
      });
      return;
    }
    counts.failed++;
    const now = Date.now();
    if (now >= quietUntil) failures++; // what was under way together fails as one
    const backoff = Math.min(BACKOFF_LIMIT, BACKOFF * 2 ** failures);
    quietUntil = Math.max(quietUntil, now + Math.max(answer.after, backoff) * (1 + Math.random() / 4));
    keep(parcel, answer.tries);
  };

  const sendDue = async (): Promise<void> => {
    const url = route.url();
    folds.untold(); // writes down what is not due yet, too
    for (let parcel = nextParcel(); parcel; parcel = nextParcel()) {
      if (url) await deliver(parcel, url);
      else keep(parcel, 0);
    }
  };

  const isWatched = (due: number): boolean => watch <= due && watch > Date.now() - LATE;

  /** Sends, and stays for what comes due later, unless another stays already or it would take too long. */
  const work = async (): Promise<void> => {
    await nextTurn();
    starting = undefined;
    const end = leave;
    for (;;) {
      await sendDue();
      const due = nextDue();
      if (isWatched(due) || !(due < end)) return;
      watch = due;
      await sleep(Math.min(due - Date.now(), DAY)); // a longer timer would fire at once
      watch = NEVER;
    }
  };

  const start = (owners: readonly unknown[]): void => {
    if (!starting) {
      leave = NEVER;
      starting = work().catch(() => {}); // where nothing can be sent yet, it stays for the next worker
    }
    if (protect(starting, owners)) leave = Date.now() + PATIENCE;
    else if (!route.keeper()) counts.unprotected++;
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
      while ((flying.size || nextDue() < until) && Date.now() < until) {
        sendDue().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 10)); // unlike `sleep`, this keeps a process alive
      }
    },
    remains() {
      const pour = (): Parcel | undefined => {
        untoldDue = 0;
        return pack();
      };
      for (let parcel = pour(); parcel; parcel = pour()) waiting.push(parcel);
      return [...flying.keys(), ...waiting].map(({ body }) => body);
    },
  };
}
