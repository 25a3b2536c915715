/** What watches a long-running process on Node, Deno and Bun, without changing what it does. */
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { attempt } from "../client/plain.ts";
import type { Core, ProcessOptions, Resident, Tale } from "../client/resident.ts";
import { createLastWords } from "./breath.ts";
import { createCheckup } from "./checkup.ts";
import { type Crash, onCrash } from "./crash.ts";
import { onExit } from "./exit.ts";
import { createLifecycle } from "./lifecycle.ts";
import { type Observer, type ObserverOptions, startObserver } from "./observer.ts";
import { hostOf, roleOf } from "./role.ts";
import { onSignal } from "./signals.ts";
import { isWatched } from "./thread.ts";

/** From how long a blocked event loop is told as a warning, an error and as critical, in milliseconds. */
const TIERS = [500, 2_000, 5_000] as const;

/** What is left of the vitals at the end. */
const REST: ProcessOptions = { heartbeat: false, anomalies: false };

/** Whatever is still there so long after its end was kept alive by something, in milliseconds. */
const AFTERLIFE = 1_000;

/**
 * Makes what watches the process for one client. Nothing happens before the first `begin()`, or without a hub to tell.
 *
 * In a thread that is not the main one only crashes are watched, unless the options ask for more: the rest is the
 * process's business, and threads are there to be blocked.
 */
export function createResident(): Resident {
  let options: ProcessOptions = {};
  let watching: Watching | undefined;
  return {
    head() {
      const [host, role] = [hostOf(), options.role ?? roleOf()];
      return { pid: process.pid, ...(host && { host }), ...(role && { role }) };
    },
    get fetch() {
      return watching?.observer?.fetch;
    },
    begin(core, wanted) {
      options = wanted;
      attempt(() => {
        if (!watching && core.address()) watching = watch(core, () => options);
        watching?.refresh();
      });
    },
    // There are as many paths with numbers in them as orders, and only so many labels.
    enter: (label) => watching?.observer?.enter(label.replace(/\/[^/]*\d[^/]*/g, "/*")) ?? "",
  };
}

/** A process that is watched. */
interface Watching {
  readonly observer: Observer | undefined;
  /** Looks at the options again. */
  refresh(): void;
}

function watch(core: Core, options: () => ProcessOptions): Watching {
  const observing = (): ObserverOptions => {
    const watchdog = isMainThread && (options().watchdog ?? TIERS);
    return { address: core.address(), head: core.head(), watchdog };
  };
  const observe = (): Observer | undefined => attempt(() => startObserver(observing()));
  let observer = isMainThread ? observe() : undefined;
  const checkup = isMainThread ? createCheckup(core, observer && core.fetch) : undefined;
  const speak = createLastWords(core, () => {
    observer ??= observe(); // a thread starts one for its last words only
    return observer;
  });

  tellItsEnd(core, options, {
    last() {
      checkup?.set(REST);
      speak();
    },
    again: () => checkup?.set(options()),
  });
  return {
    get observer() {
      return observer;
    },
    refresh() {
      observer?.set(observing());
      checkup?.set(options());
    },
  };
}

/** The last breath of a process. */
interface Breath {
  /** No heartbeat any more; what is untold is sent now. */
  last(): void;
  /** It breathes again. */
  again(): void;
}

/** Tells that the process began; and when, how and why it ends, before it does. */
function tellItsEnd(core: Core, options: () => ProcessOptions, breath: Breath): void {
  const lifecycle = createLifecycle(() => process.uptime() * 1_000);

  const tell = (tales: readonly Tale[]): void => {
    if (options().lifecycle ?? isMainThread) for (const tale of tales) core.tell(tale);
  };

  const end = (): void => {
    breath.last();
    setTimeout(liveOn, AFTERLIFE).unref();
  };

  const liveOn = (): void => {
    lifecycle.live();
    breath.again();
  };

  onCrash((crash) => {
    if (options().crashes !== false && !isWatched()) core.tell(taleOf(crash));
    tell(lifecycle.crash(crash));
    if (crash.fate === "dies") end();
  });
  onSignal((notice) => {
    tell(lifecycle.signal(notice));
    if (notice.isEnd) end();
  });
  onExit((code) => {
    tell(lifecycle.exit(code));
    breath.last();
  });
  tell(lifecycle.start());
}

/** The end of a process, or of a thread, is a crash; what they survive is an error. */
function taleOf({ error, origin, thread, fate }: Crash): Tale {
  const context = { origin, ...(thread !== undefined && { thread }) };
  const isEnd = fate === "dies" || thread !== undefined;
  const severity = fate === "dies" ? "critical" : "error";
  return { kind: isEnd ? "crash" : "error", severity, thrown: [error], context };
}
