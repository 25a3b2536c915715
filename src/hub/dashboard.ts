/** One message in the chat that shows how everything is: made once, pinned, and rewritten when something has changed. */
import type { Delivery, Result, Spot } from "./delivery.ts";
import { serviceId } from "./fingerprint.ts";
import { LATELY } from "./health.ts";
import type { Due } from "./store/keys.ts";
import { type Board, LEASE, type Look, type Store } from "./store/store.ts";
import type { Survey } from "./survey.ts";
import { renderDashboard, renderDashboardOver, renderPinHint, traitsOf } from "./telegram/render/dashboard.ts";
import type { Message } from "./telegram/render/message.ts";

/** Looks at the dashboard, and makes, pins, rewrites or ends it: whatever it needs first. */
export type LookAt = (due: DashboardDue, now: number) => Promise<Result>;

type DashboardDue = Due & { readonly kind: "dashboard" };

type Known = Exclude<Look, { readonly state: "early" }>;

/** What the dashboard should show at a moment. */
interface View {
  readonly now: number;
  readonly message: Message;
  /** Of what it tells, but for when. */
  readonly hash: string;
  /** When it may tell something else though nothing comes. */
  readonly next: number;
}

/** From one look to the next: a minute, less what a cron may be early. */
const EVERY = 55_000;
/** A message that somebody deletes again and again comes back so often at most. */
const HOUR = 3_600_000;
/** The last alert is shown for so long. */
const DAY = 24 * HOUR;
/** A monitor that may be late for less is soon on time again, or down, and that is news. */
const LONG = 5 * 60_000;

export function createDashboard(store: Store, delivery: Delivery): LookAt {
  async function look(due: DashboardDue, { board, services }: Known, now: number): Promise<Result> {
    const here = board?.chatId === delivery.chatId() ? board : undefined;
    const spot = here && spotOf(here);
    if (here && !spot && now < here.made + HOUR) return rest(now, here.made + HOUR);
    const view = await viewOf(services, now);
    if (!here || !spot) return make(due, view);
    if (here.pin === "due") return pin(due, here, spot, { ...view, next: now });
    return here.hash === view.hash ? rest(now, view.next) : rewrite(due, here, spot, view);
  }

  async function viewOf(services: readonly string[], now: number): Promise<View> {
    const survey = await store.survey({ services, now, since: now, lately: DAY });
    const message = renderDashboard(survey, services.length, now);
    return { now, message, hash: serviceId(traitsOf(message)), next: nextChange(survey, now) };
  }

  /** Should we end right after it is sent, it is known at least. Its pin was not granted: it counts all the same. */
  async function make(due: DashboardDue, view: View): Promise<Result> {
    const { now, message, hash } = view;
    const spot = await delivery.post(due, message, "info");
    if (spot === "refused") await store.postpone(due, now + HOUR); // it has changed by then
    if (spot === undefined || spot === "refused") return "left";
    const board = { ...spot, hash, at: now, made: now, pin: "due" } as const;
    await store.dashboardTold(now + LEASE, now + LEASE, board);
    await store.spent(spot.chatId, [now]);
    await pin(due, board, spot, view);
    return "sent";
  }

  async function rewrite(
    due: DashboardDue,
    board: Board,
    spot: Spot,
    { now, message, hash, next }: View,
  ): Promise<Result> {
    const outcome = await delivery.edit(spot, message, due);
    switch (outcome.kind) {
      case "later":
        return "left";
      case "sent":
        return rest(now, next, { ...board, hash, at: now });
      case "refused": {
        const { messageId: _, ...lost } = board; // somebody has deleted it
        return rest(now, Math.max(now, board.made + HOUR), lost);
      }
      default:
        return rest(now, next);
    }
  }

  /** Pins it. What we may not do is asked for once, and not tried again. */
  async function pin(due: DashboardDue, board: Board, spot: Spot, { now, next }: View): Promise<Result> {
    const outcome = await delivery.pin(spot, true);
    if (outcome.kind === "sent") return rest(now, next, { ...board, pin: "pinned" });
    if (outcome.kind === "later") return "left";
    if (outcome.kind === "gone" && outcome.why.includes("not enough rights")) {
      await store.spent(spot.chatId, [now]);
      await delivery.post(due, renderPinHint(), "info");
    }
    return rest(now, next, { ...board, pin: "without" });
  }

  async function end(due: DashboardDue, board: Board | undefined, now: number): Promise<Result> {
    const spot = board && spotOf(board);
    const outcome = spot && (await delivery.edit(spot, renderDashboardOver(now), due));
    if (outcome?.kind === "later") return "left";
    if (spot && outcome?.kind === "sent" && board.pin === "pinned") {
      await store.spent(spot.chatId, [now]);
      await delivery.pin(spot, false);
    }
    await store.dashboardEnded();
    return "done";
  }

  async function rest(now: number, next: number, board?: Board): Promise<Result> {
    await store.dashboardTold(now + LEASE, next, board);
    return "done";
  }

  async function forget(due: DashboardDue): Promise<Result> {
    await store.remove(due);
    return "done";
  }

  return async (due, now) => {
    const it = await store.lookAtDashboard(now, EVERY);
    switch (it.state) {
      case "early":
        return rest(now, it.until);
      case "off":
        return forget(due);
      case "ending":
        return end(due, it.board, now);
      case "on":
        return look(due, it, now);
    }
  };
}

function spotOf({ chatId, messageId }: Board): Spot | undefined {
  return messageId === undefined ? undefined : { chatId, messageId };
}

/** When the dashboard may show something else though nothing comes: something was long ago, a mute ends, a beat is late. */
function nextChange({ services, mutes }: Survey, now: number): number {
  const times = [
    ...mutes.map(({ until }) => until),
    ...services.flatMap(({ kinds }) => kinds.map(({ last }) => last + LATELY)),
    ...services
      .flatMap(({ monitors }) => monitors)
      .filter(({ expectation }) => expectation.grace >= LONG)
      .map(({ expected }) => expected),
  ];
  return times.reduce((first, at) => (at > now ? Math.min(first, at) : first), now + LATELY);
}
