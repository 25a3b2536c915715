/** Where the main thread stands while it is blocked, seen from another thread. */
import type * as inspector from "node:inspector";
import type * as url from "node:url";
import type { Load } from "./lookout.ts";

/** What could be seen. */
export type Sight =
  /** What it was in the whole time, as V8 writes stacks. */
  | { readonly kind: "stack"; readonly stack: string }
  /** It executes no JavaScript: it is in a call of the runtime or of an addon. */
  | { readonly kind: "native" }
  /** Nothing that would be sure to be true. */
  | { readonly kind: "nothing" };

/** See {@link createEye}. */
export interface Eye {
  /** Looks at the main thread. `isStill` says whether it has not turned since. Never rejects. */
  look(isStill: () => boolean): Promise<Sight>;
  /** Looks away at once. */
  shut(): void;
}

/**
 * Makes what sees the main thread. Only Node lets one thread inspect another, and opens no port for it; elsewhere there
 * is nothing to see.
 *
 * A pause takes effect at the next JavaScript that runs; after a native call that may be somebody else's. So it has to
 * take effect at once, and only the frames that two looks have in common are told: those that did not return in
 * between. Shipped as its own source: it knows nothing but its parameters.
 *
 * @see https://nodejs.org/api/inspector.html#sessionconnecttomainthread
 */
export function createEye(load: Load): Eye {
  /** JavaScript reacts in so many ms; what does not react for so long is none. */
  const AT_ONCE = 100;
  const LONG = 500;
  /** Between the two looks, ms. */
  const APART = 50;
  /** The hub takes as many characters. */
  const LONGEST = 6_000;

  type Frame = inspector.Debugger.CallFrame;

  const sleep = (ms: number): Promise<undefined> => new Promise((resolve) => setTimeout(resolve, ms, undefined));

  /** Sends a command; resolves to how long the answer took, or to nothing when none came in time. */
  const ask = (session: inspector.Session, command: string): Promise<number | undefined> => {
    const asked = performance.now();
    const answer = new Promise<number>((resolve) => session.post(command, () => resolve(performance.now() - asked)));
    return Promise.race([answer, sleep(LONG)]);
  };

  const isSame = (one: Frame | undefined, other: Frame | undefined): boolean =>
    one?.location.scriptId === other?.location.scriptId &&
    one?.functionName === other?.functionName &&
    one?.functionLocation?.lineNumber === other?.functionLocation?.lineNumber &&
    one?.functionLocation?.columnNumber === other?.functionLocation?.columnNumber;

  /** The outer frames that both have, as the second has them. */
  const common = (first: readonly Frame[], second: readonly Frame[]): readonly Frame[] => {
    let count = 0;
    while (count < Math.min(first.length, second.length) && isSame(first.at(-1 - count), second.at(-1 - count)))
      count++;
    return second.slice(second.length - count);
  };

  const pathOf = (address: string): string =>
    address.startsWith("file:") ? load<typeof url>("node:url").fileURLToPath(address) : address || "<anonymous>";

  const lineOf = ({ functionName, location }: Frame, file: string): string => {
    const place = `${file}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
    return `\n    at ${functionName ? `${functionName} (${place})` : place}`;
  };

  const write = (frames: readonly Frame[], scripts: ReadonlyMap<string, string>): Sight => {
    const files = frames.map(({ location }) => pathOf(scripts.get(location.scriptId) ?? ""));
    if (files.every((file) => file.startsWith("node:"))) return { kind: "nothing" };
    const lines = frames.map((frame, i) => lineOf(frame, files[i] ?? ""));
    let stack = "The main thread, while it was blocked:";
    for (const line of lines) {
      if (stack.length + line.length > LONGEST) break;
      stack += line;
    }
    return { kind: "stack", stack };
  };

  const inspect = async (session: inspector.Session, isStill: () => boolean): Promise<Sight> => {
    const scripts = new Map<string, string>(); // frames name them by number only
    let stopped = (_: readonly Frame[] | undefined): void => {};
    session.on("Debugger.scriptParsed", ({ params }) => void scripts.set(params.scriptId, params.url));
    session.on("Debugger.paused", ({ params }) => {
      stopped(isStill() ? params.callFrames : undefined); // asked before it goes on
      session.post("Debugger.resume");
    });

    /** Has it stop for a moment. Resolves to its frames, innermost first; to nothing when it has turned, or does not stop. */
    const stop = (): Promise<readonly Frame[] | undefined> => {
      const frames = new Promise<readonly Frame[] | undefined>((resolve) => {
        stopped = resolve;
      });
      session.post("Debugger.pause");
      return Promise.race([frames, sleep(LONG)]);
    };

    const stuck = (): Sight => ({ kind: isStill() ? "native" : "nothing" });
    const reaction = await ask(session, "Runtime.getIsolateId");
    if (reaction === undefined) return stuck();
    await ask(session, "Debugger.enable");
    const first = await stop();
    if (!first) return stuck();
    // Slow to react, it may have been in a native call: then only what is itself long enough is the culprit.
    await sleep(reaction < AT_ONCE ? APART : LONG);
    const second = await stop();
    return second ? write(common(first, second), scripts) : { kind: "nothing" };
  };

  let session: inspector.Session | undefined;

  const shut = (): void => {
    session?.disconnect();
    session = undefined;
  };

  const look: Eye["look"] = async (isStill) => {
    try {
      const { Session } = load<typeof inspector>("node:inspector");
      session = new Session();
      session.connectToMainThread(); // only now: it costs 8 MB, and makes whoever ends meanwhile wait
      return await inspect(session, isStill);
    } catch {
      return { kind: "nothing" };
    } finally {
      shut();
    }
  };

  const lookNowhere: Eye["look"] = async () => ({ kind: "nothing" });

  return { look: "Deno" in globalThis || "Bun" in globalThis ? lookNowhere : look, shut };
}
