/** What a process has one of, however many clients it has, and however often this package was loaded. */
import { attempt } from "../client/plain.ts";

const REGISTRY = Symbol.for("snitchbot.process.1");

/** Made by whoever asks first for `name`; whoever asks later gets the same. */
export function shared<T>(name: string, make: () => T): T {
  const host = globalThis as { [REGISTRY]?: Map<string, unknown> };
  host[REGISTRY] ??= new Map();
  if (!host[REGISTRY].has(name)) host[REGISTRY].set(name, make());
  return host[REGISTRY].get(name) as T;
}

/** What is called when something happens. It must not change what happens. */
export type Hearer<News> = (news: News) => void;

/**
 * Has `hear` called with the news of `name`. The first hearer has `listen` begin, which is given what to call. A
 * hearer that throws keeps nobody else from hearing. Answers with what ends it.
 */
export function hearOf<News>(name: string, hear: Hearer<News>, listen: (tell: Hearer<News>) => void): () => void {
  const hearers = shared(name, () => {
    const all = new Set<Hearer<News>>();
    listen((news) => {
      for (const one of all) attempt(() => one(news));
    });
    return all;
  });
  hearers.add(hear);
  return () => void hearers.delete(hear);
}
