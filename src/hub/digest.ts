/** What did not fit a limit: one message for all services, rewritten while it lasts, that ends with exact numbers. */
import type { Severity } from "../event.ts";
import type { Delivery, Result } from "./delivery.ts";
import { RANK } from "./severity.ts";
import type { Due } from "./store/keys.ts";
import type { Digest, Store } from "./store/store.ts";
import { renderDigest } from "./telegram/render/message.ts";

/** Tells the digest, or ends it. */
export type TellDigest = (due: Due & { readonly kind: "digest" }) => Promise<Result>;

/** How often its message is rewritten. When nothing came for as long, it ends. */
const EVERY = 60_000;
/** A digest that Telegram refused has changed by then. */
const HOUR = 3_600_000;
const SEVERITIES = Object.keys(RANK) as Severity[];

export function createDigest(store: Store, delivery: Delivery, clock: () => number): TellDigest {
  return async (due) => {
    const digest = await store.digest();
    if (digest === undefined) {
      await store.remove(due);
      return "done";
    }
    const shown = countOf(digest);
    const { message } = digest;
    if (message?.shown === shown) {
      await store.endDigest(digest);
      return "done";
    }
    const text = renderDigest(digest.services, clock());
    if (message !== undefined) {
      const outcome = await delivery.edit(message, text, due);
      if (outcome.kind === "later") return "left";
      if (outcome.kind === "sent") {
        await store.digestTold({ ...message, shown }, clock() + EVERY);
        return "done";
      }
    }
    const place = await delivery.post(due, text, worstOf(digest));
    if (place === "refused") await store.postpone(due, clock() + HOUR);
    if (place === undefined || place === "refused") return "left";
    await store.digestTold({ ...place, shown }, clock() + EVERY);
    return "sent";
  };
}

/** How much a digest matters: as much as the worst in it; that a client gave something up is a warning. */
function worstOf({ services }: Digest): Severity {
  const ranks = services.flatMap(({ kinds }) => kinds.map(({ rank }) => rank));
  const worst = ranks.length > 0 ? Math.max(...ranks) : RANK.warning;
  return SEVERITIES.find((severity) => RANK[severity] === worst) ?? "error";
}

/** All that a digest tells, lost events included. */
function countOf({ services }: Digest): number {
  return services.reduce((sum, { count, lost }) => sum + count + lost, 0);
}
