/** What has to be done each minute, whoever calls for it. */
import type { Parts } from "./parts.ts";
import { report } from "./report.ts";
import type { Ticked } from "./seam.ts";

export interface Cron {
  /** One run; may be called late, twice or in parallel. Rejects when the store does not answer. */
  tick(now: number): Promise<Ticked>;
  /** Where the cron does not come, whoever has traffic does its work. Looks once a minute at most; `undefined` in between. */
  tickIfLate(): Promise<void> | undefined;
}

/** How often the cron should come, milliseconds. */
const EVERY = 60_000;

export function createCron({ store, outbox, clock, config, fetch }: Parts): Cron {
  let looked = 0; // a new hub looks at once: where isolates live short, all are new

  async function tick(now: number): Promise<Ticked> {
    const began = clock();
    looked = began;
    const { due } = await store.tick(now);
    const swept = due > 0 ? await outbox.sweep(now) : { flips: 0, claimed: 0, sent: 0, left: 0 };
    if (config.watcherUrl) await ping(config.watcherUrl, fetch);
    return { ...swept, took: clock() - began };
  }

  return {
    tick,
    tickIfLate() {
      if (clock() - looked < EVERY) return undefined;
      looked = clock();
      return look();
    },
  };

  async function look(): Promise<void> {
    if (clock() - ((await store.lastTick()) ?? 0) > EVERY) await tick(clock());
  }
}

/** The dead-man address hears of every good tick; that it does not answer is its own business. */
async function ping(url: string, fetch: Parts["fetch"]): Promise<void> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
  } catch (error) {
    report(error);
  }
}
