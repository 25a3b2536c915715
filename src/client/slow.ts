/** Functions whose slow calls are told. */
import { later } from "./ambient.ts";
import type { Core } from "./core.ts";
import { DAY } from "./limits.ts";
import type { SlowOptions } from "./options.ts";
import { attempt, disguise, read } from "./plain.ts";

/** Hears how long something took, and what came of it; of what threw, nothing. */
type End = (ms: number, result?: unknown) => void;

type Steps = Record<string, (value: unknown) => unknown>;

/**
 * The same function, watched. Of a generator its own steps are timed, and told at its end. A promise of another kind
 * than the runtime's own, as of a query that only begins when it is awaited, or with methods of its own, is let be.
 */
export function watchSlow<F extends (...args: never[]) => unknown>(core: Core, fn: F, how: SlowOptions): F {
  const { thresholdMs = 1_000, stuckMs = Math.max(5_000, 10 * thresholdMs), severity = "warning" } = how;
  const name = how.name || fn.name || "anonymous";
  const [, location] = /^Error.*(?:\n.*){2}\n.*?([^\s(]+:\d+):\d+\)?(?:\n|$)/.exec(String(new Error().stack)) ?? [];

  const tell = (what: string, time: number): void => {
    const ms = Math.round(time);
    const title = `${name} ${what} ${ms} ms (threshold ${thresholdMs} ms)`;
    core.tell({ kind: "slow", severity, title, slow: { name, ms, thresholdMs, location } }, name + what);
  };
  const judge: End = (ms) => {
    if (ms >= thresholdMs) tell("took", ms);
  };

  const clock = (run: () => unknown, end: End): unknown => {
    const began = performance.now();
    let timer: ReturnType<typeof later> | undefined;
    const pass = <T>(result: T): T => {
      clearTimeout(timer);
      end(performance.now() - began, result);
      return result;
    };
    const fail = (error: unknown): never => {
      pass(undefined);
      throw error;
    };
    let result: unknown;
    try {
      result = core.named(name, run);
    } catch (error) {
      fail(error);
    }
    // Of a subclass, `then` may begin what it stands for, and methods of its own would be lost.
    if (read(result, "constructor") !== Promise || Object.keys(result as object)[0]) return pass(result);
    if (stuckMs < DAY) timer = attempt(() => later(stuckMs, () => tell("still running after", stuckMs)));
    return (result as Promise<unknown>).then(pass, fail);
  };

  const watchSteps = (generator: Steps): Steps => {
    let spent = 0;
    const end: End = (ms, result) => {
      spent += ms;
      if (read(result, "done") === false) return;
      judge(spent);
      spent = 0;
    };
    for (const step of ["next", "return", "throw"]) {
      const take = generator[step];
      generator[step] = (value) => clock(() => take?.call(generator, value), end);
    }
    return generator;
  };

  const isGenerator = /Generator/.test(fn.constructor.name);
  const watched = function (this: unknown, ...args: never[]): unknown {
    const call = (): unknown => fn.apply(this, args);
    return isGenerator ? watchSteps(call() as Steps) : clock(call, judge);
  };
  return disguise(watched, fn);
}
