/** The client's core: what is told becomes folds, and a sender brings them to the hub. */
import { VERSION } from "../version.ts";
import { builtin, nextTurn, runtime, variable } from "./ambient.ts";
import type { Fetch } from "./beacon.ts";
import { eventJson, lastLook } from "./draft.ts";
import { sameness } from "./error.ts";
import { createFolds } from "./folds.ts";
import type { CaptureOptions, SnitchOptions } from "./options.ts";
import { attempt, read, record } from "./plain.ts";
import type { Core as Lent, Resident, Tale } from "./resident.ts";
import { type Counts, createSender } from "./sender.ts";
import { createStorage } from "./storage.ts";
import type { Call } from "./wrap.ts";

const NO_URL = "snitchbot: set SNITCHBOT_URL; `snitchbot key` prints it";

/** What the code that runs now is part of. */
interface Scope {
  readonly values: unknown;
  readonly outer: Scope | undefined;
  readonly call: Call | undefined;
}

/** What the methods of a client share. */
export interface Core extends Lent {
  readonly counts: Counts;
  /** Whether a process is watched; on the edge there is none. */
  readonly isResident: boolean;
  /** Sets options; those that are not given stay. */
  set(more: SnitchOptions): void;
  options(): SnitchOptions;
  /**
   * See {@link Lent.tell}; what has the same `key`, by default the same error or title, is counted as one. `how` is what
   * a user has to add, in whatever state it may be.
   */
  tell(tale: Tale, key?: string, how?: CaptureOptions | null): void;
  capture(error: unknown, how?: CaptureOptions): void;
  /** Calls `work` with more context, and as a part of `call`. */
  within<T>(values: unknown, call: Call | undefined, work: () => T): T;
  /** Calls `work`; whoever sees it block knows it by this name. */
  named<T>(name: string, work: () => T): T;
  /** The call that the code that runs now is part of. */
  call(): Call | undefined;
  /** The hub's address, as soon as the environment is there; `bindings` are a Worker's. */
  address(bindings?: unknown): string | undefined;
  /** Those whose `waitUntil` keeps what is under way alive, the nearest first. */
  owners(nearest?: unknown): readonly unknown[];
  /** Sends what is due and was left behind by an invocation that ended. */
  resume(nearest: unknown): void;
  /** Sends everything that may be sent within `ms`. */
  flush(ms: number): Promise<void>;
}

/**
 * Makes the core of a client. `workers` is Cloudflare's module: its `waitUntil` is that of the request that runs, its
 * `env` holds the bindings. Without `nodejs_compat` it has to be imported.
 */
export function createCore(
  given: SnitchOptions = {},
  workers: unknown = builtin("cloudflare:workers"),
  resident?: Resident,
): Core {
  let options = { ...given };
  const setting = (name: string, bindings?: unknown): unknown =>
    read(bindings, name) ?? read(read(workers, "env"), name) ?? variable(name);
  const isUnwanted = (bindings?: unknown): boolean => setting("SNITCHBOT_DISABLED", bindings) === "1";

  let url: string | undefined;
  let isDisabled = isUnwanted();
  let isOff = isDisabled;
  let instance: string | undefined;
  const counts: Counts = { captured: 0, repeats: 0, sent: 0, dropped: 0, failed: 0, unprotected: 0 };
  const scopes = createStorage<Scope>();
  const folds = createFolds();

  /** Says once how to mend it when there is no address. */
  const address = (bindings?: unknown): string | undefined => {
    if (!(url && bindings)) {
      isDisabled ||= isUnwanted(bindings); // for good: without a request there are no bindings to ask
      url ||= options.url || (setting("SNITCHBOT_URL", bindings) as string | undefined);
      if (!url && !isDisabled && !isOff) console.warn(NO_URL);
      isOff = !url || isDisabled;
    }
    return isOff ? undefined : url;
  };

  const head = (): Record<string, unknown> => {
    instance ??= crypto.randomUUID();
    const { release, env, scrub } = options;
    return { instance, runtime, release, env, sdk: `snitchbot/${VERSION}`, allow: scrub?.allow, ...resident?.head() };
  };

  const send: Fetch = (url, init) => (options.fetch ?? resident?.fetch ?? fetch)(url, init);

  const sender = createSender(
    folds,
    {
      url: address,
      fetch: send,
      keeper: () => resident?.fetch,
      head,
      tell(fold) {
        if (isOff || !fold.event) return undefined;
        const count = fold.untold > 1 ? `"count":${fold.untold},` : "";
        const at = fold.at || Date.now(); // at a Worker's module scope there is no time
        return lastLook(`{"at":${at},${count}${fold.event.slice(1)}`, options.beforeSend);
      },
    },
    counts,
  );

  const owners = (nearest?: unknown): readonly unknown[] => [nearest, scopes.getStore()?.call?.owner, options, workers];

  /** What is the first of its kind is taken down; the rest is only counted. */
  const tell: Core["tell"] = (tale, key, how) => {
    if (isOff) return;
    counts.captured++;
    try {
      const { kind, title, slow, thrown = [] } = tale;
      const { severity = tale.severity, fingerprint: own, extras, context } = how ?? tale;
      if (Math.random() >= (options.sample?.[kind] ?? 1)) return sender.lose(1);
      const fingerprint = own && String(own).slice(0, 200);
      const same = `${kind} ${severity} ${key ?? (fingerprint || title || sameness(thrown[0]))}`;
      const fold = folds.add(same, slow?.ms ?? 0, options.maxKinds ?? 100, () => {
        const inherited = contextOf(context, scopes.getStore());
        const draft = { ...tale, severity, thrown, fingerprint, extras: record(extras), context: inherited };
        return () => eventJson(draft, options);
      });
      if (!fold) return sender.lose(1);
      if (fold.times > 1) counts.repeats++;
      const wait = fold.times > 1 ? Math.max(options.flushAfter ?? 1000, fold.quiet - fold.at) : 0;
      sender.send(wait, owners(how ?? tale));
    } catch {
      sender.lose(1);
    }
  };

  const core: Core = {
    counts,
    isResident: !!resident,
    set(more) {
      options = { ...options, ...more };
      url = undefined;
      isOff = isDisabled = isUnwanted();
      nextTurn().then(() => address());
      attempt(() => resident && address() && resident.begin(core, options));
    },
    options: () => options,
    tell,
    capture(error, how) {
      const call = core.call();
      if (call) call.told[0] = error;
      tell({ kind: "error", severity: options.severity ?? "error", thrown: [error] }, undefined, how);
    },
    within(values, call, work) {
      const outer = scopes.getStore();
      return scopes.run({ values, outer, call: call ?? outer?.call }, work);
    },
    named(name, work) {
      if (!resident) return work();
      const outer = resident.enter(name);
      try {
        return work();
      } finally {
        resident.enter(outer);
      }
    },
    call: () => scopes.getStore()?.call,
    address,
    fetch: send,
    head,
    owners,
    resume: (nearest) => sender.resume(owners(nearest)),
    remains: sender.remains,
    flush: sender.flush,
  };
  return core;
}

/** Outer values first: inner ones win. */
function contextOf(values: unknown, outer: Scope | undefined): Record<string, unknown> | undefined {
  return outer ? { ...contextOf(outer.values, outer.outer), ...record(values) } : record(values);
}
