/** What tells the time and wakes: the only way the stand-in waits for anything. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `work` after `ms` milliseconds; the function it returns calls that off. */
  after(ms: number, work: () => void): () => void;
}

/** The time of this machine. Its alarms keep no process alive: that is for the server that listens. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** Moves on by `ms`, running what falls due in its order and letting promises settle in between. */
  advance(ms: number): Promise<void>;
}

/**
 * A clock for tests: starts at `start` (default 2026-01-01T00:00:00Z) and moves only by
 * {@link VirtualClock.advance}.
 */
export function virtualClock(start: number = Date.UTC(2026, 0, 1)): VirtualClock {
  const alarms = new Set<{ readonly due: number; readonly work: () => void }>();
  let now = start;

  const next = (until: number) => [...alarms].filter((alarm) => alarm.due <= until).sort((a, b) => a.due - b.due)[0];

  return {
    now: () => now,
    after(ms, work) {
      const alarm = { due: now + ms, work };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    async advance(ms) {
      const until = now + ms;
      await settled();
      for (let alarm = next(until); alarm; alarm = next(until)) {
        alarms.delete(alarm);
        now = Math.max(now, alarm.due);
        alarm.work();
        await settled();
      }
      now = until;
    },
  };
}

/** A clock whose alarms can all be called off at once, so that nothing is left running after a stop. */
export interface Alarms extends Clock {
  stop(): void;
}

/** Watches over the alarms set on `clock`. */
export function alarmsOn(clock: Clock): Alarms {
  const pending = new Set<() => void>();
  return {
    now: () => clock.now(),
    after(ms, work) {
      const cancel = clock.after(ms, () => {
        pending.delete(cancel);
        work();
      });
      pending.add(cancel);
      return () => {
        pending.delete(cancel);
        cancel();
      };
    },
    stop() {
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}

/** One turn of the event loop: whatever was about to happen has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
