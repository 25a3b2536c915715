/** Looks at the main thread all the time, and tells when it is blocked. */
import type { Event } from "../event.ts";
import type { Eye, Sight } from "./blocked.ts";
import type { Birth } from "./lookout.ts";
import type { createJudge, Judge, Sighting, Tiers } from "./stalls.ts";

/** See {@link createWatchman}. */
export interface Watchman {
  /** Begins to watch, or ends it; nothing changes where the tiers are what they were. */
  watch(tiers: Tiers | false): void;
  /** Takes the name of the next label; their numbers begin at 1. */
  name(label: string): void;
}

/** What a watchman needs. */
export interface Equipment {
  readonly eye: Eye;
  readonly createJudge: typeof createJudge;
  tell(event: Event): Promise<void>;
}

/** Shipped as its own source: it knows nothing but its parameters. */
export function createWatchman({ shared, places, mayLook }: Birth, { eye, createJudge, tell }: Equipment): Watchman {
  /** How often it looks at the main thread, ms; and how often when that has not turned. */
  const EVERY = 100;
  const EVERY_BLOCKED = 25;

  /** A stall, from the first that is told of it. */
  interface Stall {
    readonly label: string;
    readonly sight: Promise<Sight>;
    isOver: boolean;
    isTold: boolean;
  }

  const labels = [""];
  let watched: Tiers | false = false;
  let judge: Judge | undefined;
  let stall: Stall | undefined;
  let seen = 0; // turns, at the last look
  let excuses = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const turns = (): number => Atomics.load(shared, places.turns);
  const isExcused = (): boolean => Atomics.load(shared, places.excused) !== 0;

  /** Both threads say what they do before they ask what the other does, so one of them gives way. */
  const lookCloser = async (): Promise<Sight> => {
    const then = turns();
    Atomics.store(shared, places.watched, 1);
    const sight = isExcused() ? undefined : await eye.look(() => turns() === then);
    Atomics.store(shared, places.watched, 0);
    Atomics.notify(shared, places.watched);
    return sight ?? { kind: "nothing" };
  };

  const beginStall = (): Stall => ({
    label: labels[Atomics.load(shared, places.label)] ?? "",
    sight: mayLook ? lookCloser() : Promise.resolve({ kind: "nothing" }),
    isOver: false,
    isTold: false,
  });

  /** All of a stall say the same of where it was, so that they are one to the hub. */
  const tellStall = async (it: Stall, { kind, severity, ms, thresholdMs }: Sighting): Promise<void> => {
    const sight = await it.sight;
    if (kind === "blocked" && it.isOver) return; // meanwhile; its end says all
    const label = it.label || (sight.kind === "native" ? "native call" : "");
    const count = it.isTold ? 1 : (judge?.takeCount() ?? 1);
    it.isTold = true;
    await tell({
      kind: "watchdog",
      severity,
      at: Date.now(),
      title: `Event loop blocked for ${ms} ms (threshold ${thresholdMs} ms)`,
      ...(count > 1 && { count }),
      watchdog: { ms, thresholdMs, ...(sight.kind === "stack" && { stack: sight.stack }), ...(label && { label }) },
    });
  };

  const report = (sighting: Sighting): void => {
    stall ??= beginStall();
    stall.isOver = sighting.kind === "over";
    void tellStall(stall, sighting);
    if (stall.isOver) stall = undefined;
  };

  const look = (): void => {
    if (isExcused()) excuses++; // as if it had turned
    const now = turns() + excuses;
    timer = setTimeout(look, now === seen ? EVERY_BLOCKED : EVERY);
    seen = now;
    const sighting = judge?.look(now, performance.now());
    if (sighting) report(sighting);
  };

  return {
    watch(tiers) {
      if (String(tiers) === String(watched)) return;
      watched = tiers;
      stall = undefined;
      clearTimeout(timer);
      judge = tiers ? createJudge(tiers) : undefined;
      if (judge) look();
    },
    name: (label) => void labels.push(label),
  };
}
