/** What tells the hub, time and again, that this process is alive. */
import type { Fetch } from "../client/beacon.ts";
import { TIMEOUT } from "../client/limits.ts";
import { attempt, read } from "../client/plain.ts";
import type { Core } from "../client/resident.ts";
import type { Vitals } from "../event.ts";

/** How often, in milliseconds, unless the hub asks for something else; and what it may ask for. */
const EVERY = 60_000;
const AT_LEAST = 10_000;
const AT_MOST = 3_600_000;

/** How many samples a beat may carry; of more, the oldest are given up. */
const SAMPLES = 120;

/** See {@link startHeartbeat}. */
export interface Heartbeat {
  /** Keeps a sample for the next beat. */
  add(sample: Vitals): void;
  stop(): void;
}

/**
 * Beats at once, then every minute or as often as the hub asks for. A beat that the hub did not take keeps its samples
 * for the next. The process does not stay alive for it, if not for a `fetch` that is under way.
 */
export function startHeartbeat(core: Core, fetch: Fetch): Heartbeat {
  let samples: readonly Vitals[] = [];
  let timer: { unref?(): unknown } | undefined;
  let isStopped = false;

  const beat = async (): Promise<number> => {
    const address = core.address();
    if (!address) return EVERY;
    const sent = samples;
    const { every, isTaken } = await post(fetch, `${address}/beat`, { instance: core.head().instance, vitals: sent });
    if (isTaken) samples = samples.filter((sample) => !sent.includes(sample));
    return every;
  };

  const goOn = async (): Promise<void> => {
    const every = await beat().catch(() => EVERY);
    if (isStopped) return;
    timer = setTimeout(goOn, every);
    timer.unref?.();
  };

  goOn();
  return {
    add(sample) {
      samples = [...samples.slice(1 - SAMPLES), sample];
    },
    stop() {
      isStopped = true;
      clearTimeout(timer as ReturnType<typeof setTimeout> | undefined);
    },
  };
}

/** One beat, and what the hub made of it. Rejects when it cannot be reached. */
async function post(fetch: Fetch, url: string, said: object): Promise<{ every: number; isTaken: boolean }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify(said),
    signal: AbortSignal.timeout(TIMEOUT),
  });
  await response.text(); // an unread body would hold its connection
  return { every: everyOf(response.headers.get("snitchbot-control")), isTaken: response.ok };
}

/** `{"beatMs":60000}`, within bounds. */
function everyOf(control: string | null): number {
  const asked = read(
    attempt(() => JSON.parse(control ?? "")),
    "beatMs",
  );
  return typeof asked === "number" && asked > 0 ? Math.min(AT_MOST, Math.max(AT_LEAST, asked)) : EVERY;
}
