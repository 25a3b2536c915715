/** The hub's memory, by verbs of its own. The only file that speaks to Redis. */
import { Redis } from "@upstash/redis/cloudflare";
import * as z from "zod";
import type { Alert, Tally } from "../alert.ts";
import { type Due, dueOf, HUB, memberOf, serviceKey, TICK, WHEEL } from "./keys.ts";
import { BLOCK, CLAIM, CLOSE, DIGESTED, INGEST, PRUNE, SHOWN } from "./scripts.ts";

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
  /** The newest sample, as JSON. */
  readonly vitals?: string;
  /** Events the client gave up. */
  readonly dropped: number;
  readonly alerts: readonly IntakeAlert[];
}

export interface IntakeAlert {
  /** The fingerprint; for what is never folded, an id that no other event has. */
  readonly id: string;
  readonly rank: number;
  readonly mutable: boolean;
  readonly count: number;
  readonly at: number;
  readonly alert: Alert;
}

/** What the store knows of a chat. */
export interface Channel {
  /** Where the group went. */
  readonly movedTo?: number;
  /** Why nothing can be sent to it. */
  readonly dead?: string;
}

/** What became of one event. */
export interface Taken {
  readonly verdict: Verdict;
  readonly tally: Tally;
  /** The message that tells it; for what is admitted, one that it outdoes and replies to. */
  readonly message?: Told;
  /** The message may be rewritten now: a rung was reached, and the chat's budget has a call to spare. */
  readonly edit: boolean;
}

/** A message in the chat, and the count it shows. */
export interface Told {
  readonly chatId: number;
  readonly messageId: number;
  readonly shown: number;
}

/** What is told, and where, as far as it has been. */
export interface Entry {
  readonly alert: Alert;
  readonly tally: Tally;
  /** Absent while Telegram does not have it. */
  readonly message?: Told;
}

/** A message or window as the store holds it. */
export interface Kept extends Entry {
  /** Telegram refused it for good. */
  readonly refused: boolean;
  /** What {@link Store.close} compares. */
  readonly seen: string;
}

/** Alerts over a limit, of all services, told in one message that is rewritten while it lasts. */
export interface Digest {
  readonly services: readonly Merged[];
  /** The message that tells them, and the count it shows; absent before the first. */
  readonly message?: Told;
  /** What {@link Store.endDigest} compares. */
  readonly seen: string;
}

/** What was merged of one service. */
export interface Merged {
  readonly service: string;
  readonly from: number;
  readonly count: number;
  /** Events that their client gave up. */
  readonly lost: number;
  readonly kinds: readonly {
    readonly id: string;
    readonly rank: number;
    readonly count: number;
    readonly title: string;
  }[];
  readonly seen: string;
}

export interface Health {
  /** When the cron last ran. */
  readonly lastTick?: number;
  /** Messages that Telegram does not have yet. */
  readonly outbox: number;
  /** Messages that Telegram refused for good. */
  readonly refused: number;
  /** Why nothing can be sent to the chat. */
  readonly dead?: string;
}

type Message = Due & { readonly kind: "message" };
type Window = Due & { readonly kind: "window" };

export interface Store {
  /** Takes a batch in, once per id. `replayed` when an earlier request did; then somebody else delivers. */
  ingest(
    intake: Intake,
  ): Promise<"revoked" | { readonly replayed: boolean; readonly channel: Channel; readonly taken: readonly Taken[] }>;
  /** When the cron last ran. */
  lastTick(): Promise<number | undefined>;
  /** Notes that the cron runs. Answers when it last did and how much is due. */
  tick(now: number): Promise<{ readonly last?: number; readonly due: number }>;
  /** Takes what is due and within the chat's budget, for nobody else until `leaseUntil`. */
  claim(
    now: number,
    leaseUntil: number,
    limit: number,
    chatId: number | undefined,
  ): Promise<{ readonly channel: Channel; readonly dues: readonly Due[] }>;
  /** Reads what messages and windows are about, in their order; `undefined` for others, and where nothing is known any more. */
  read(dues: readonly Due[]): Promise<readonly (Kept | undefined)[]>;
  /** Telegram has the message. Answers until when nobody may call it for this chat; another hub may know more than we. */
  settle(message: Message, told: Told): Promise<number>;
  /** The message now shows this count; without effect once a newer message has taken its place. */
  shown(service: string, id: string, told: Told): Promise<void>;
  /** Takes something off the wheel: it is done. */
  remove(due: Due): Promise<void>;
  /** Telegram will never have this message; `/health` counts it. A repeat after its window is a new one. */
  discard(message: Message): Promise<void>;
  /** Closes a window, unless it changed since it was read. `message` shows all of it; without one nobody can be shown. */
  close(window: Window, seen: string, message: Told | undefined): Promise<void>;
  /** This is not tried again before `until`. */
  postpone(due: Due, until: number): Promise<void>;
  /** Nobody calls Telegram for this chat before `until`, and `due` waits as long. `dead` says why it may be for ever. */
  block(chatId: number, until: number, due: Due | undefined, dead?: string): Promise<void>;
  /** The group went to another chat. */
  moved(from: number, to: number): Promise<void>;
  /** The chat answers again. */
  revived(chatId: number): Promise<void>;
  /** What the digest has to tell. */
  digest(): Promise<Digest | undefined>;
  /** The digest's message shows this; it is looked at again at `next`. */
  digestTold(told: Told, next: number): Promise<void>;
  /** Ends the digest, unless anything was added since it was read. */
  endDigest(digest: Digest): Promise<void>;
  /** Removes old entries of a service. */
  prune(due: Due & { readonly kind: "prune" }, now: number): Promise<void>;
  /** Removes a service that has been silent for long; one whose key was rotated stays, or the old key would come back. */
  forget(due: Due & { readonly kind: "forget" }): Promise<void>;
  /** For `/health`; of what waits it counts the first 1,000. */
  health(now: number, chatId: number | undefined): Promise<Health>;
}

/** Repeats within this time of the last one belong to the same message. */
export const WINDOW: number = 5 * 60_000;
/** How long a hub may take over what it has claimed; as long as Cloudflare lets it live after its answer. */
export const LEASE: number = 30_000;
/** New messages a service may cause at once, and one more every two seconds. */
export const BUCKET: number = 30;
const TOKEN_EVERY = 2_000;
/** How long alerts over a limit are gathered before they are first told. */
export const DIGEST_AFTER: number = 10_000;
/** A service's kinds that are kept beyond those that are open. */
const KEPT = 50;

/**
 * What Telegram lets a bot do in a chat: calls in so many milliseconds. A granted call is made within 15 seconds or not at
 * all, so that many are added to Telegram's minute. Edits leave some of it to alerts, and alerts some to what is critical.
 *
 * @see https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
 */
const GROUP = { calls: 20, span: 75_000, editsLeave: 8, alertsLeave: 3 };
const PRIVATE = { calls: 5, span: 6_000, editsLeave: 2, alertsLeave: 1 };
const budgetOf = (chatId: number | undefined): typeof GROUP => (chatId !== undefined && chatId > 0 ? PRIVATE : GROUP);

const VERDICTS: Readonly<Record<string, Verdict>> = {
  A: "admitted",
  R: "repeat",
  E: "repeat",
  M: "muted",
  D: "digested",
};

const texts = z.array(z.string());
const maybeTexts = z.array(z.string().nullable());
const stamp = z.coerce.number().nullable();

/** The client as redis over HTTP needs it: text stays text, a hang ends, a lost answer is asked for once more. */
export function connect(url: string, token: string): Redis {
  return new Redis({
    url,
    token,
    automaticDeserialization: false,
    enableAutoPipelining: false,
    enableTelemetry: false,
    retry: { retries: 1, backoff: () => 50 },
    signal: () => AbortSignal.timeout(4_000),
  });
}

/** The store did not answer, or with an error. Its message is safe to log: the client's own carry whole requests. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  constructor(cause: unknown) {
    super((cause instanceof Error ? cause.message : String(cause)).split(/,? ?command was/)[0]?.slice(0, 200));
  }
}

/** Every failure of a verb becomes a {@link StoreError}. */
export function createStore(redis: Redis): Store {
  const verbs = Object.entries(verbsOf(redis)).map(
    ([name, verb]: [string, (...given: never[]) => Promise<unknown>]) => [
      name,
      (...given: never[]) =>
        verb(...given).catch((error: unknown) => {
          throw new StoreError(error);
        }),
    ],
  );
  return Object.fromEntries(verbs) as Store;
}

function verbsOf(redis: Redis): Store {
  const ingest = redis.createScript<unknown>(INGEST);
  const claim = redis.createScript<unknown>(CLAIM);
  const close = redis.createScript<unknown>(CLOSE);
  const shown = redis.createScript<unknown>(SHOWN);
  const block = redis.createScript<unknown>(BLOCK);
  const prune = redis.createScript<unknown>(PRUNE);
  const digested = redis.createScript<unknown>(DIGESTED);

  return {
    async ingest(intake) {
      const answer = texts.parse(await ingest.exec([serviceKey(intake.service), WHEEL, HUB], argumentsOf(intake)));
      const [verdicts = "", replayed, movedTo, dead, ...rest] = answer;
      if (verdicts === "X") return "revoked";
      const taken = rest.map((text, i) => takenOf(verdicts[i] ?? "", text));
      return { replayed: replayed === "1", channel: channelOf(movedTo, dead), taken };
    },

    async tick(now) {
      const [last, due] = await redis
        .pipeline()
        .set(TICK, now, { get: true })
        .zcount(WHEEL, "-inf", now)
        .exec<unknown[]>();
      const before = stamp.parse(last);
      return { ...(before !== null && { last: before }), due: z.coerce.number().parse(due) };
    },

    async lastTick() {
      return stamp.parse(await redis.get(TICK)) ?? undefined;
    },

    async claim(now, leaseUntil, limit, chatId) {
      const { calls, span, editsLeave } = budgetOf(chatId);
      const given = [now, leaseUntil, limit, chatId ?? "", calls, span, editsLeave].map(String);
      const [movedTo, dead, ...members] = texts.parse(await claim.exec([WHEEL, HUB], given));
      return { channel: channelOf(movedTo, dead), dues: members.flatMap((member) => dueOf(member) ?? []) };
    },

    async read(dues) {
      const wanted = dues.filter(isKept);
      if (wanted.length === 0) return [];
      const pipeline = redis.pipeline();
      for (const { service, id } of wanted) pipeline.hmget(serviceKey(service), `p:${id}`, `d:${id}`, `c:${id}`);
      const replies = await pipeline.exec<unknown[]>();
      return dues.map((due) => (isKept(due) ? keptOf(maybeTexts.parse(replies.shift())) : undefined));
    },

    async settle(message, told) {
      const [, , blocked] = await redis
        .pipeline()
        // The message's place first: a hub that dies after it has at worst told the same thing twice.
        .hset(serviceKey(message.service), { [`c:${message.id}`]: placeOf(told) })
        .zrem(WHEEL, memberOf(message))
        .hget(HUB, `blocked:${told.chatId}`)
        .exec<unknown[]>();
      return stamp.parse(blocked) ?? 0;
    },

    async shown(service, id, told) {
      await shown.exec([serviceKey(service)], [`c:${id}`, `${told.chatId}:${told.messageId}`, String(told.shown)]);
    },

    async remove(due) {
      await redis.zrem(WHEEL, memberOf(due));
    },

    async discard(message) {
      const refused = { [`c:${message.id}`]: REFUSED };
      const pipeline = redis.pipeline().hset(serviceKey(message.service), refused).zrem(WHEEL, memberOf(message));
      await pipeline.hincrby(HUB, "refused", 1).exec();
    },

    async close(window, seen, message) {
      const place = message ? placeOf(message) : REFUSED;
      await close.exec([serviceKey(window.service), WHEEL], [window.id, seen, place, memberOf(window)]);
    },

    async postpone(due, until) {
      await redis.zadd(WHEEL, { xx: true }, { score: until, member: memberOf(due) });
    },

    async block(chatId, until, due, dead = "") {
      await block.exec([WHEEL, HUB], [String(chatId), String(until), dead, ...(due ? [memberOf(due)] : [])]);
    },

    async moved(from, to) {
      await redis.hset(HUB, { [`moved:${from}`]: String(to) });
    },

    async revived(chatId) {
      await redis.hdel(HUB, `dead:${chatId}`, `blocked:${chatId}`);
    },

    async digest() {
      const [seen, told] = maybeTexts.parse(await redis.hmget(HUB, "digest", "told"));
      if (seen == null) return undefined;
      const names = seen.split(" ").filter(Boolean);
      const pipeline = redis.pipeline();
      for (const name of names) pipeline.hmget(serviceKey(name), "more", "kinds");
      const replies = await pipeline.exec<unknown[]>();
      const message = toldOf(told ?? "");
      const services = names.map((name, i) => mergedOf(name, maybeTexts.parse(replies[i])));
      return { services, seen, ...(message && { message }) };
    },

    async digestTold(told, next) {
      await redis
        .pipeline()
        .hset(HUB, { told: placeOf(told) })
        .zadd(WHEEL, { xx: true }, { score: next, member: "g" })
        .exec();
    },

    async endDigest({ services, seen }) {
      const keys = services.map(({ service }) => serviceKey(service));
      await digested.exec([HUB, WHEEL, ...keys], [seen, ...services.map((it) => it.seen)]);
    },

    async prune(due, now) {
      const given = [now, WINDOW, memberOf(due), KEPT].map(String);
      await prune.exec([serviceKey(due.service), WHEEL], given);
    },

    async forget(due) {
      const key = serviceKey(due.service);
      const isRotated = (await redis.hexists(key, "gen")) === 1;
      const pipeline = redis.pipeline().zrem(WHEEL, memberOf(due));
      await (isRotated ? pipeline : pipeline.del(key)).exec();
    },

    async health(now, chatId) {
      const [last, members, states] = await redis
        .pipeline()
        .get(TICK)
        .zrange(WHEEL, "-inf", now + 24 * 3_600_000, { byScore: true, offset: 0, count: 1_000 })
        .hmget(HUB, `dead:${chatId}`, "refused")
        .exec<unknown[]>();
      const lastTick = stamp.parse(last);
      const outbox = texts.parse(members).filter((member) => dueOf(member)?.kind === "message").length;
      const [dead, refused] = maybeTexts.parse(states);
      return { ...(lastTick !== null && { lastTick }), outbox, refused: Number(refused), ...(dead && { dead }) };
    },
  };
}

const isKept = (due: Due): due is Message | Window => due.kind === "message" || due.kind === "window";

const channelOf = (movedTo = "", dead = ""): Channel => ({
  ...(movedTo && { movedTo: Number(movedTo) }),
  ...(dead && { dead }),
});

function mergedOf(service: string, [more, kinds]: readonly (string | null)[]): Merged {
  const [from = 0, count = 0, lost = 0] = (more ?? "0 0 0").split(" ").map(Number);
  const lines = (kinds ?? "").split("\n").filter(Boolean);
  return { service, from, count, lost, seen: more ?? "", kinds: lines.map(kindOf) };
}

function kindOf(line: string): Merged["kinds"][number] {
  const [, id = "", rank = "", count = "", title = ""] = /^(\S+) (\d) (\d+) (.*)$/.exec(line) ?? [];
  return { id, rank: Number(rank), count: Number(count), title };
}

/** In place of a message's place: Telegram will never have it. */
const REFUSED = "x";

function argumentsOf(intake: Intake): string[] {
  const { now, batchId, callId, generation, service, serviceId, registry, vitals, dropped, chatId } = intake;
  const { calls, span, editsLeave, alertsLeave } = budgetOf(chatId);
  const head = [now, batchId, callId, generation, service, serviceId, registry, vitals ?? "", dropped];
  const limits = [WINDOW, LEASE, BUCKET, TOKEN_EVERY, DIGEST_AFTER, chatId ?? "", calls, span, editsLeave, alertsLeave];
  const alerts = intake.alerts.flatMap(({ id, rank, mutable, count, at, alert }) => [
    id,
    rank,
    mutable ? 1 : 0,
    count,
    at,
    lineOf(alert.event.title),
    JSON.stringify(alert),
  ]);
  return [...head, ...limits, ...alerts].map(String);
}

/** A title on one short line, as the digest lists it. */
function lineOf(title: string): string {
  const line = title.replace(/\s+/g, " ").trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function takenOf(letter: string, text: string): Taken {
  const [count = 0, first = 0, last = 0] = text.split(" ", 3).map(Number);
  const message = toldOf(text.split(" ")[3] ?? "");
  const tally = { count, first, last };
  return { verdict: VERDICTS[letter] ?? "digested", tally, edit: letter === "E", ...(message && { message }) };
}

function keptOf([payload, seen, place]: readonly (string | null)[]): Kept | undefined {
  const tally = tallyOf(seen ?? null);
  if (payload == null || seen == null || tally === undefined) return undefined;
  const message = toldOf(place ?? "");
  return { alert: JSON.parse(payload) as Alert, tally, seen, refused: place === REFUSED, ...(message && { message }) };
}

function tallyOf(text: string | null): Tally | undefined {
  if (text === null) return undefined;
  const [first = 0, last = 0, count = 0] = text.split(" ").map(Number);
  return { count, first, last };
}

const placeOf = (told: Told): string => `${told.chatId}:${told.messageId}:${told.shown}`;

function toldOf(place: string): Told | undefined {
  const [chatId = Number.NaN, messageId = Number.NaN, shown = Number.NaN] = place.split(":").map(Number);
  return Number.isNaN(shown) ? undefined : { chatId, messageId, shown };
}
