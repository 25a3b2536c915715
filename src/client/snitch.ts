/** The client as its user sees it. */

import type { Core } from "./core.ts";
import { doctor } from "./doctor.ts";
import { beat, job } from "./job.ts";
import type { Snitch, Stats } from "./options.ts";
import { read, sentence } from "./plain.ts";
import { watchSlow } from "./slow.ts";
import { wrapHandler } from "./wrap.ts";

/** All methods of a client. */
export function createClient(core: Core): Snitch {
  const stats = (): Stats => {
    const { counts } = core;
    return { ...counts, pending: counts.captured - counts.sent - counts.dropped };
  };
  return {
    init: (more = {}) => core.set(typeof more === "string" ? { service: more } : more),
    capture: core.capture,
    notify(title, how) {
      const kind = read(how, "kind") === "log" ? "log" : "notify";
      const error = read(how, "error");
      const thrown = error === undefined ? [] : [error];
      core.tell({ kind, severity: "info", title: sentence(title), thrown }, undefined, how);
    },
    watchSlow: (fn, how) => watchSlow(core, fn, how ?? {}),
    context: (values, work) => core.within(values, undefined, work),
    wrap: (handler) => wrapHandler(core, handler),
    beat: (name, asks) => beat(core, name, asks),
    job: (name: string, ...given: unknown[]) => {
      const work = given.pop() as () => never;
      return job(core, name, given[0] ?? {}, work);
    },
    async flush(timeoutMs = 2000) {
      await core.flush(timeoutMs).catch(() => {});
      return stats().pending === 0;
    },
    stats,
    doctor: () => doctor(core),
  };
}
