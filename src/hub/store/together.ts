/** Many calls of one script in one request to Redis: for a process that serves many callers at once. */
import { type Redis, script, sha1Of } from "./redis.ts";

/** Calls that share a request at most. */
const MOST = 50;

interface Waiting {
  readonly keys: string[];
  readonly given: readonly unknown[];
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * As {@link script}. A call goes at once when none is under way; those that come meanwhile share the next request. Not for
 * platforms where what one request has asked for must not serve another, as Workers are.
 */
export function together(redis: Redis, source: string): ReturnType<typeof script> {
  const alone = script(redis, source);
  const sha1 = sha1Of(source);
  let queue: Waiting[] = [];
  let isBusy = false;

  const sendOne = ({ keys, given, resolve, reject }: Waiting) => alone(keys, given).then(resolve, reject);

  async function sendMany(calls: readonly Waiting[]): Promise<void> {
    const pipeline = redis.pipeline();
    for (const { keys, given } of calls) pipeline.evalsha(await sha1, keys, given.map(String));
    const answers = await pipeline.exec({ keepErrors: true });
    await Promise.all(
      calls.map((call, i) => {
        const { result, error } = answers[i] ?? { error: "no answer" };
        if (error === undefined) return call.resolve(result);
        // A Redis that does not know the script is asked once more, with all of it.
        return error.includes("NOSCRIPT") ? sendOne(call) : call.reject(new Error(error));
      }),
    );
  }

  async function work(): Promise<void> {
    isBusy = true;
    while (queue.length > 0) {
      const calls = queue.slice(0, MOST);
      queue = queue.slice(MOST);
      const [first] = calls;
      if (first && calls.length === 1) await sendOne(first);
      else
        await sendMany(calls).catch((error) => {
          for (const { reject } of calls) reject(error);
        });
    }
    isBusy = false;
  }

  return (keys, given) =>
    new Promise((resolve, reject) => {
      queue.push({ keys, given, resolve, reject });
      if (!isBusy) work();
    });
}
