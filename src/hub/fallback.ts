/**
 * When Redis does not answer: what cannot wait goes to Telegram directly, marked as such. This hub's memory then stands
 * in for the store's: repeats are not told again, and only so many messages are sent in a minute.
 */
import type { Delivery } from "./delivery.ts";
import { RANK } from "./severity.ts";
import { type IntakeAlert, StoreError, WINDOW } from "./store/store.ts";

export interface Fallback {
  /** Does what needs the store; `undefined` when it is away, and for a moment after that without even trying. */
  guard<T>(work: () => Promise<T>): Promise<T | undefined>;
  /** Tells what is an error or worse. Answers which alerts Telegram has now; `undefined` unless it has all of those. */
  tell(alerts: readonly IntakeAlert[]): Promise<ReadonlySet<IntakeAlert> | undefined>;
  /** Once the store is back: counts what was sent without it, and says in the chat for how long it was away. `undefined` when there is nothing to say. */
  report(): Promise<void> | undefined;
}

/** How long a store that failed is left alone, milliseconds. */
const REST = 1_000;
/** Then one request tries it; how long the others do not wait for what it finds. */
const PROBE = 10_000;
/** Messages in a minute that nobody counts in Redis: a quarter of what a group may have, since there may be other hubs. */
const MOST = 5;
const MINUTE = 60_000;
/** What a private chat takes at once. */
const BURST = 4;
const BURST_SPAN = 6_000;

export function createFallback(delivery: Delivery, clock: () => number): Fallback {
  /** When each thing was last told, by service and id. */
  const told = new Map<string, number>();
  let awaySince: number | undefined;
  let restUntil = 0;
  let back: { readonly ms: number; readonly messages: number } | undefined;
  let sent: number[] = [];
  let messages = 0;

  async function guard<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (clock() < restUntil) return undefined;
    if (awaySince !== undefined) restUntil = clock() + PROBE;
    try {
      const result = await work();
      if (awaySince !== undefined && messages > 0) back = { ms: clock() - awaySince, messages };
      told.clear();
      messages = 0;
      awaySince = undefined;
      restUntil = 0;
      return result;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      console.error(`snitchbot: ${error.name}: ${error.message}`);
      awaySince ??= clock();
      restUntil = clock() + REST;
      return undefined;
    }
  }

  const keyOf = ({ alert, id }: IntakeAlert): string => `${alert.service} ${id}`;
  const isTold = (key: string): boolean => clock() - (told.get(key) ?? Number.NEGATIVE_INFINITY) < WINDOW;

  /** How many messages may be sent now. */
  function room(): number {
    sent = sent.filter((at) => at > clock() - MINUTE);
    const isPrivate = (delivery.chatId() ?? 0) > 0;
    const burst = sent.filter((at) => at > clock() - BURST_SPAN).length;
    return Math.min(MOST - sent.length, isPrivate ? BURST - burst : MOST);
  }

  /** Whether Telegram has this alert, now or since shortly. */
  async function tellOne(intake: IntakeAlert): Promise<boolean> {
    const key = keyOf(intake);
    if (isTold(key)) return true;
    if (room() <= 0) return false;
    sent.push(clock());
    const { alert, count, at } = intake;
    const isTaken = await delivery.tellDirectly(alert, { count, first: at, last: at });
    if (isTaken) {
      told.set(key, clock());
      messages++;
    }
    return isTaken;
  }

  return {
    guard,

    async tell(alerts) {
      const severe = alerts.filter(({ rank }) => rank >= RANK.error).sort((a, b) => b.rank - a.rank);
      const fresh = new Set(severe.map(keyOf).filter((key) => !isTold(key))).size;
      // What comes again as a whole should not have been told in part; unless no minute has room for all of it.
      if (fresh > room() && fresh <= MOST) return undefined;
      for (const intake of severe) if (!(await tellOne(intake))) return undefined;
      return severe.length > 0 ? new Set(severe) : undefined;
    },

    report() {
      if (awaySince !== undefined || (sent.length === 0 && back === undefined)) return undefined;
      const [times, said] = [sent, back];
      [sent, back] = [[], undefined];
      return tell(times, said);
    },
  };

  async function tell(times: readonly number[], said: typeof back): Promise<void> {
    await delivery.own(times);
    if (said && !(await delivery.sayBack(said.ms, said.messages))) back ??= said;
  }
}
