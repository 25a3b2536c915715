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
  /** Ends it. A beat under way is called back: it should not come after the news that the process stops. */
  stop(): void;
}

/**
 * Beats at once, then every minute or as often as the hub asks for. A beat that the hub did not take keeps its samples
 * for the next. No timer here keeps the process alive.
 */
export function startHeartbeat(core: Core, fetch: Fetch): Heartbeat {
  let samples: readonly Vitals[] = [];
  let isStopped = false;
  let stop = (): void => {}; // what is under way, or the wait for it

  const beat = async (address: string): Promise<number> => {
    const sent = samples;
    const flight = new AbortController();
    stop = () => flight.abort();
    const body = JSON.stringify({ instance: core.head().instance, vitals: sent });
    const answer = await post(fetch, `${address}/beat`, body, flight);
    if (answer.ok) samples = samples.filter((sample) => !sent.includes(sample));
    return everyOf(answer.headers.get("snitchbot-control"));
  };

  const goOn = async (): Promise<void> => {
    const address = core.address();
    const every = address ? await beat(address).catch(() => EVERY) : EVERY;
    if (!isStopped) stop = later(goOn, every);
  };

  goOn();
  return {
    add(sample) {
      samples = [...samples.slice(1 - SAMPLES), sample];
    },
    stop() {
      isStopped = true;
      stop();
    },
  };
}

/** One beat. Rejects when the hub cannot be reached, or does not answer in time. */
async function post(fetch: Fetch, url: string, body: string, flight: AbortController): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const relax = later(() => flight.abort(), TIMEOUT);
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: flight.signal });
    await response.text(); // an unread body would hold its connection
    return response;
  } finally {
    relax();
  }
}

/** Calls `work` in `ms`; answers with what prevents it. */
function later(work: () => void, ms: number): () => void {
  const timer: { unref?(): unknown } = setTimeout(work, ms);
  timer.unref?.();
  return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
}

/** `{"beatMs":60000}`, within bounds. */
function everyOf(control: string | null): number {
  const asked = read(
    attempt(() => JSON.parse(control ?? "")),
    "beatMs",
  );
  return typeof asked === "number" && asked > 0 ? Math.min(AT_MOST, Math.max(AT_LEAST, asked)) : EVERY;
}
