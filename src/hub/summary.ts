/** What happened in quiet hours, told once when they are over. */
import type { Severity } from "../event.ts";
import type { Delivery, Result } from "./delivery.ts";
import { quietTime, readHours } from "./quiet.ts";
import { RANK } from "./severity.ts";
import type { Due } from "./store/keys.ts";
import type { Night, Quiet, Store } from "./store/store.ts";
import type { Standing } from "./survey.ts";
import { renderQuietNews } from "./telegram/render/quiet.ts";

/** Sums up the quiet time that is over, and waits for the next. */
export type SumUp = (due: Due & { readonly kind: "quiet" }, now: number) => Promise<Result>;

const DAY = 86_400_000;
const SEVERITIES = Object.keys(RANK) as Severity[];

export function createSummary(store: Store, delivery: Delivery): SumUp {
  /** What happened while it was quiet, and which monitors went down then and still are. */
  async function newsOf({ from, to }: Quiet, names: readonly string[], now: number) {
    const nights = await store.nights(names, from);
    const { services } = await store.survey({ services: names, now, since: to, lately: 0 });
    const monitors = services.flatMap((it) => it.monitors);
    return { nights, down: monitors.filter(({ status, since }) => status === "down" && since >= from && since < to) };
  }

  return async (due, now) => {
    const { quiet, services } = await store.quietAndServices();
    if (quiet === undefined) {
      await store.remove(due);
      return "done";
    }
    if (quiet.to > now) {
      await store.postpone(due, quiet.to); // somebody has set other hours
      return "done";
    }
    const { nights, down } = await newsOf(quiet, services, now);
    const hasNews = nights.length > 0 || down.length > 0;
    const message = renderQuietNews(nights, down, quiet, now);
    if (hasNews && !(await delivery.post(due, message, severityOf(nights, down)))) return "left";
    await store.quietOver(quiet, nextOf(quiet, now));
    return hasNews ? "sent" : "done";
  };
}

/** The quiet time after this one; of hours that only a newer hub can read, the same a day later. */
function nextOf(quiet: Quiet, now: number): Quiet {
  const hours = readHours(quiet.hours.split(" "));
  if (!("kind" in hours)) return { ...quiet, ...quietTime(hours, now) };
  return { ...quiet, from: quiet.from + DAY, to: quiet.to + DAY };
}

/** As loud as the worst in it. */
function severityOf(nights: readonly Night[], down: readonly Standing[]): Severity {
  const ranks = nights.flatMap(({ kinds }) => kinds.map(({ rank }) => rank));
  const worst = Math.max(down.length > 0 ? RANK.error : RANK.info, ...ranks);
  return SEVERITIES.find((severity) => RANK[severity] === worst) ?? "error";
}
