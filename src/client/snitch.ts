/** The client: what is told becomes folds, and a sender brings them to the hub. */
import { VERSION } from "../version.ts";
import { builtin, nextTurn, runtime, variable } from "./ambient.ts";
import { eventJson, lastLook } from "./draft.ts";
import { sameness } from "./error.ts";
import { createFolds } from "./folds.ts";
import type { CaptureOptions, Snitch, SnitchOptions, Stats } from "./options.ts";
import { read, record, sentence } from "./plain.ts";
import { type Counts, createSender } from "./sender.ts";
import { createStorage } from "./storage.ts";
import { type Call, wrapHandler } from "./wrap.ts";

const NO_URL = "snitchbot: set SNITCHBOT_URL; `snitchbot key` prints it";

/** What the code that runs now is part of. */
interface Scope {
  readonly values: unknown;
  readonly outer: Scope | undefined;
  readonly call: Call | undefined;
}

/**
 * Makes a client of its own, with its own options and counts. `workers` is Cloudflare's module: its `waitUntil` is
 * that of the request that runs, its `env` holds the bindings. Without `nodejs_compat` it has to be imported.
 */
export function createClient(given: SnitchOptions = {}, workers: unknown = builtin("cloudflare:workers")): Snitch {
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

  /** Where to send, as soon as the environment is there. Says once how to mend it when there is nothing. */
  const address = (bindings?: unknown): string | undefined => {
    isDisabled ||= isUnwanted(bindings); // for good: without a request there are no bindings to ask
    url ||= options.url || (setting("SNITCHBOT_URL", bindings) as string | undefined);
    if (!url && !isDisabled && !isOff) console.warn(NO_URL);
    isOff = !url || isDisabled;
    return isOff ? undefined : url;
  };

  const sender = createSender(
    folds,
    {
      url: address,
      fetch: () => options.fetch ?? fetch,
      head() {
        instance ??= crypto.randomUUID();
        return { instance, runtime, release: options.release, env: options.env, sdk: `snitchbot/${VERSION}` };
      },
      tell(fold) {
        if (isOff || !fold.event) return undefined;
        const count = fold.untold > 1 ? `"count":${fold.untold},` : "";
        const at = fold.at || Date.now(); // at a Worker's module scope there is no time
        return lastLook(`{"at":${at},${count}${fold.event.slice(1)}`, options.beforeSend);
      },
    },
    counts,
  );

  /** What is the first of its kind is taken down; the rest is only counted. */
  const report = (
    kind: "error" | "notify" | "log",
    how: CaptureOptions | undefined,
    thrown: readonly unknown[],
    title: string | undefined,
  ): void => {
    if (isOff) return;
    counts.captured++;
    try {
      const scope = scopes.getStore();
      const said: CaptureOptions = how ?? {}; // null, from JavaScript, is no reason to lose an error
      const { severity = kind === "error" ? (options.severity ?? "error") : "info", fingerprint: own } = said;
      const fingerprint = own && String(own).slice(0, 200);
      const key = `${kind} ${severity} ${fingerprint || title || sameness(thrown[0])}`;
      const fate = folds.add(key, options.maxKinds ?? 100, () => {
        const extras = record(said.extras);
        const context = contextOf(said.context, scope);
        const draft = { kind, severity, title, thrown, fingerprint, extras, context };
        return () => eventJson(draft, options.maxStack ?? 8192);
      });
      if (fate === "repeat") counts.repeats++;
      if (fate === "lost") sender.lose(1);
      const owners = [said, scope?.call?.owner, options, workers];
      sender.send(fate === "first" ? 0 : (options.flushAfter ?? 1000), owners);
    } catch {
      sender.lose(1);
    }
  };

  const capture: Snitch["capture"] = (error, how) => {
    const call = scopes.getStore()?.call;
    if (call) call.told[0] = error;
    report("error", how, [error], undefined);
  };

  const within = <T>(values: unknown, call: Call | undefined, work: () => T): T => {
    const outer = scopes.getStore();
    return scopes.run({ values, outer, call: call ?? outer?.call }, work);
  };

  const follow = (call: Call, work: () => unknown): unknown => {
    call.told = scopes.getStore()?.call?.told ?? call.told; // what one tells, no other tells again
    const fail = (error: unknown): never => {
      if (!call.told.includes(error)) within(call.values, call, () => capture(error));
      throw error;
    };
    if (!url) address(call.bindings);
    sender.resume([call.owner, workers]);
    try {
      const result = within(call.values, call, work);
      return result instanceof Promise ? result.then(undefined, fail) : result;
    } catch (error) {
      return fail(error);
    }
  };

  const stats = (): Stats => ({ ...counts, pending: counts.captured - counts.sent - counts.dropped });

  return {
    init(more = {}) {
      options = { ...options, ...(typeof more === "string" ? { service: more } : more) };
      url = undefined;
      isOff = isDisabled = isUnwanted();
      nextTurn().then(() => address());
    },
    capture,
    notify(title, how) {
      const error = read(how, "error");
      report(read(how, "kind") === "log" ? "log" : "notify", how, error === undefined ? [] : [error], sentence(title));
    },
    context: (values, work) => within(values, undefined, work),
    wrap: (handler) => wrapHandler(handler, follow),
    async flush(timeoutMs = 2000) {
      await sender.flush(timeoutMs).catch(() => {});
      return stats().pending === 0;
    },
    stats,
  };
}

/** Outer values first: inner ones win. */
function contextOf(values: unknown, outer: Scope | undefined): Record<string, unknown> | undefined {
  return outer ? { ...contextOf(outer.values, outer.outer), ...record(values) } : record(values);
}
