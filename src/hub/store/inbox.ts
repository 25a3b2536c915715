/** Batches in. */
import type { Event, Vitals } from "../../event.ts";
import type { Alert, Tally } from "../alert.ts";
import { RANK } from "../severity.ts";
import { budgetOf } from "./budget.ts";
import { type Channel, channelOf, chatWord } from "./chats.ts";
import { INGEST } from "./ingest.lua.ts";
import { HUB, serviceKey, WHEEL } from "./keys.ts";
import { type Told, toldOf } from "./outbox.ts";
import { ERROR_MINUTES, newestOf, wordsOf } from "./pages.ts";
import { nightIn } from "./quiet.ts";
import { type Redis, script, texts } from "./redis.ts";
import { trafficIn } from "./traffic.ts";

/** What the store decided about one event. */
export type Verdict = "admitted" | "repeat" | "muted" | "digested";

/** One batch on its way in. */
export interface Intake {
  readonly now: number;
  /** Whose budget it is told from; without a chat everything waits. */
  readonly chatId: number | undefined;
  readonly batchId: string;
  /** Names this attempt: a resend of it is answered as if it were the first, a resend of the batch is not. */
  readonly callId: string;
  readonly service: string;
  readonly serviceId: string;
  readonly generation: number;
  /** What is known of the service; rewritten when it changes. */
  readonly registry: string;
  /** Who sends it, and what it measured, oldest first. */
  readonly instance?: string;
  readonly vitals?: readonly Vitals[];
  /** Events the client gave up. */
  readonly dropped: number;
  /** The instance that says that it stops. */
  readonly stopped?: string | undefined;
  readonly alerts: readonly IntakeAlert[];
}

export interface IntakeAlert {
  /** The fingerprint; for what is never folded, an id that no other event has. */
  readonly id: string;
  readonly rank: number;
  readonly mutable: boolean;
  readonly count: number;
  readonly at: number;
  /** How long it took, where it is about that: of the repeats of a message the longest is shown. Milliseconds. @default 0 */
  readonly took?: number;
  readonly alert: Alert;
}

/** What became of one event. */
export interface Taken {
  readonly verdict: Verdict;
  readonly tally: Tally;
  /** The message that tells it; for what is admitted, one that it outdoes and replies to. */
  readonly message?: Told;
  /** What it waits as, where that is not its id: beside a milder message of the same kind. */
  readonly own?: string;
  /** It was admitted, but nobody may call now: a tick tells it. */
  readonly waits?: boolean;
  /** The message may be rewritten now: a rung was reached, or it took twice as long; and the chat's budget has a call to spare. */
  readonly edit: boolean;
  /** Which event of the batch its message shows by now, as an index; absent where that is one that came before. */
  readonly shows?: number;
}

/** What became of a batch. */
export interface Answer {
  /** An earlier request brought it; then somebody else delivers. */
  readonly replayed: boolean;
  readonly channel: Channel;
  /** The service's topic in the chat, as the store keeps it. */
  readonly topic?: string;
  /** When the first of the mutes ends that swallowed something of it; unknown of a batch that comes again. */
  readonly mutedUntil?: number;
  /** How often the service itself is to beat, as far as it was said. */
  readonly beatMs?: number;
  readonly taken: readonly Taken[];
}

export interface Inbox {
  /** Takes a batch in, once per id. */
  ingest(intake: Intake): Promise<"revoked" | Answer>;
}

/** Repeats within this time of the last one belong to the same message. */
export const WINDOW: number = 5 * 60_000;
/** How long a hub may take over what it has claimed; as long as Cloudflare lets it live after its answer. */
export const LEASE: number = 30_000;
/** New messages a service may cause at once, and one more every two seconds. */
export const BUCKET: number = 30;
const TOKEN_EVERY = 2_000;
/** What is of this rank, or a higher one, counts as an error. */
const ERROR = RANK.error;
/** How long alerts over a limit are gathered before they are first told. */
export const DIGEST_AFTER: number = 10_000;

const VERDICTS: Readonly<Record<string, Verdict>> = {
  A: "admitted",
  Q: "admitted",
  W: "admitted",
  R: "repeat",
  E: "repeat",
  M: "muted",
  D: "digested",
};

export function createInbox(redis: Redis, isBound: boolean): Inbox {
  const ingest = script(redis, INGEST);
  return {
    async ingest(intake) {
      const answer = texts.parse(await ingest([serviceKey(intake.service), WHEEL, HUB], argumentsOf(intake, isBound)));
      const [verdicts = "", replayed, ...known] = answer;
      const [movedTo, dead, plainUntil, blockedUntil, quiet, topic, mutedUntil, beatMs, ...rest] = known;
      if (verdicts === "X") return "revoked";
      return {
        replayed: replayed === "1",
        channel: channelOf([movedTo, dead, plainUntil, blockedUntil, quiet]),
        ...(topic && { topic }),
        ...(mutedUntil && { mutedUntil: Number(mutedUntil) }),
        ...(beatMs && { beatMs: Number(beatMs) }),
        taken: rest.map((text, i) => takenOf(verdicts[i] ?? "", text, intake, i)),
      };
    },
  };
}

function argumentsOf(intake: Intake, isBound: boolean): unknown[] {
  const { now, batchId, callId, generation, service, serviceId, registry, dropped, chatId, stopped } = intake;
  const { instance = "", vitals = [], alerts } = intake;
  const { calls, span, editsLeave, alertsLeave } = budgetOf(chatId);
  return [
    ...[now, batchId, callId, generation, service, serviceId, registry, newestOf(vitals), dropped],
    ...[
      WINDOW,
      LEASE,
      BUCKET,
      TOKEN_EVERY,
      DIGEST_AFTER,
      chatWord(chatId, isBound),
      calls,
      span,
      editsLeave,
      alertsLeave,
      stopped ?? "",
      instance,
      instance && wordsOf(vitals, now),
      errorsOf(alerts),
      trafficIn(alerts),
      nightIn(alerts),
    ],
    ...alerts.flatMap(({ id, rank, mutable, count, at, took = 0, alert }) => [
      ...[id, rank, mutable ? 1 : 0, count, at, took, lineOf(alert.event), JSON.stringify(alert)],
    ]),
  ];
}

/** How many errors each minute had, as the script takes them. */
function errorsOf(alerts: readonly IntakeAlert[]): string {
  const minutes = new Map<number, number>();
  for (const { rank, at, count } of alerts) {
    const minute = Math.floor(at / ERROR_MINUTES.step);
    if (rank >= ERROR) minutes.set(minute, (minutes.get(minute) ?? 0) + count);
  }
  return [...minutes].map(([minute, count]) => `${minute}=${count}`).join(" ");
}

/** A title on one short line, as the digest lists it. */
function lineOf({ title, lifecycle }: Event): string {
  const words = lifecycle ? `${lifecycle.phase} (${lifecycle.reason})` : title;
  const line = words.replace(/\s+/g, " ").trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function takenOf(letter: string, text: string, { batchId, alerts }: Intake, index: number): Taken {
  const verdict = VERDICTS[letter] ?? "digested";
  const alert = alerts[index];
  if (letter === "W" && alert) {
    const { id, count, at } = alert;
    const tally = { count, first: at, last: at };
    return { verdict, tally, own: `${id}~${batchId}.${index}`, edit: false };
  }
  const [count = 0, first = 0, last = 0, shows = Number.NaN] = text.split(" ", 4).map(Number);
  const message = toldOf(text.split(" ")[4] ?? "");
  return {
    ...{ verdict, tally: { count, first, last }, edit: letter === "E" },
    ...(letter === "Q" && { waits: true }),
    ...(message && { message }),
    ...(!Number.isNaN(shows) && { shows }),
  };
}
