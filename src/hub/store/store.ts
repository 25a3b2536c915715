/** The hub's memory, by verbs of its own. The only file that speaks to Redis. */
import { Redis } from "@upstash/redis/cloudflare";
import * as z from "zod";
import type { Alert, Tally } from "../alert.ts";
import { type Due, dueOf, memberOf, SERVICES, serviceKey, TICK, WHEEL } from "./keys.ts";
import { CLAIM, CLOSE, DIGESTED, INGEST, SHOWN } from "./scripts.ts";

/** What the store decided about one event. */
export type Verdict = "admitted" | "repeat" | "muted" | "digested";

/** One batch on its way in. */
export interface Intake {
  readonly now: number;
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

/** What became of one event. */
export interface Taken {
  readonly verdict: Verdict;
  readonly tally: Tally;
  /** The message that tells it; absent while Telegram does not have one. */
  readonly message?: Told;
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

/** Alerts over the limit, waiting to be told together. */
export interface Digest {
  readonly from: number;
  readonly count: number;
  /** Events that their client gave up. */
  readonly lost: number;
  /** What {@link Store.digested} compares. */
  readonly seen: string;
}

export interface Health {
  /** When the cron last ran. */
  readonly lastTick?: number;
  /** Messages that Telegram does not have yet. */
  readonly outbox: number;
}

type Message = Due & { readonly kind: "message" };
type Window = Due & { readonly kind: "window" };

export interface Store {
  /** Takes a batch in, once per id. `replayed` when an earlier request did; then somebody else delivers. */
  ingest(intake: Intake): Promise<"revoked" | { readonly replayed: boolean; readonly taken: readonly Taken[] }>;
  /** Notes that the cron runs. Answers when it last did and how much is due. */
  tick(now: number): Promise<{ readonly last?: number; readonly due: number }>;
  /** Takes what is due, for nobody else until `leaseUntil`. */
  claim(now: number, leaseUntil: number, limit: number): Promise<readonly Due[]>;
  /** Reads what messages and windows are about, in their order; `undefined` for digests, and where nothing is known any more. */
  read(dues: readonly Due[]): Promise<readonly (Kept | undefined)[]>;
  /** Telegram has the message. Answers with the tally as it is now: repeats may have come meanwhile. */
  settle(message: Message, told: Told): Promise<Tally | undefined>;
  /** The message now shows this count; without effect once a newer message has taken its place. */
  shown(service: string, id: string, told: Told): Promise<void>;
  /** Takes something off the wheel: it is done. */
  remove(due: Due): Promise<void>;
  /** Telegram will never have this message: a repeat after its window is a new one. */
  discard(message: Message): Promise<void>;
  /** Closes a window, unless it changed since it was read. `message` shows all of it; without one nobody can be shown. */
  close(window: Window, seen: string, message: Told | undefined): Promise<void>;
  /** Nothing of this is tried again before `until`. */
  postpone(dues: readonly Due[], until: number): Promise<void>;
  digest(service: string): Promise<Digest | undefined>;
  /** The digest was told, or there was nothing to tell; what came meanwhile waits until the next is due. */
  digested(service: string, digest: Digest | undefined, now: number): Promise<void>;
  /** For `/health`; of what waits it counts the first 1,000. */
  health(now: number): Promise<Health>;
}

/** Repeats within this time of the last one belong to the same message. */
export const WINDOW: number = 5 * 60_000;
/** How long a hub may take over what it has claimed; as long as Cloudflare lets it live after its answer. */
export const LEASE: number = 30_000;
/** New messages a service may cause at once, and one more every two seconds. */
export const BUCKET: number = 30;
const TOKEN_EVERY = 2_000;
/** How long alerts over the limit are gathered before they are told. */
export const DIGEST_AFTER: number = 60_000;

const VERDICTS: Readonly<Record<string, Verdict>> = { A: "admitted", R: "repeat", M: "muted", D: "digested" };

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
  const digested = redis.createScript<unknown>(DIGESTED);

  return {
    async ingest(intake) {
      const key = serviceKey(intake.service);
      const [verdicts = "", replayed, ...rest] = texts.parse(
        await ingest.exec([key, WHEEL, SERVICES], argumentsOf(intake)),
      );
      if (verdicts === "X") return "revoked";
      return { replayed: replayed === "1", taken: rest.map((text, i) => takenOf(verdicts[i] ?? "", text)) };
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

    async claim(now, leaseUntil, limit) {
      const members = texts.parse(await claim.exec([WHEEL], [now, leaseUntil, limit].map(String)));
      return members.flatMap((member) => dueOf(member) ?? []);
    },

    async read(dues) {
      const wanted = dues.filter((due) => due.kind !== "digest");
      if (wanted.length === 0) return [];
      const pipeline = redis.pipeline();
      for (const { service, id } of wanted) pipeline.hmget(serviceKey(service), `p:${id}`, `d:${id}`, `c:${id}`);
      const replies = await pipeline.exec<unknown[]>();
      return dues.map((due) => (due.kind === "digest" ? undefined : keptOf(maybeTexts.parse(replies.shift()))));
    },

    async settle(message, told) {
      const key = serviceKey(message.service);
      const [, tally] = await redis
        .pipeline()
        // The message's place first: a hub that dies after it has at worst told the same thing twice.
        .hset(key, { [`c:${message.id}`]: placeOf(told) })
        .hget(key, `d:${message.id}`)
        .zrem(WHEEL, memberOf(message))
        .exec<unknown[]>();
      return tallyOf(z.string().nullable().parse(tally));
    },

    async shown(service, id, told) {
      await shown.exec([serviceKey(service)], [`c:${id}`, `${told.chatId}:${told.messageId}`, String(told.shown)]);
    },

    async remove(due) {
      await redis.zrem(WHEEL, memberOf(due));
    },

    async discard(message) {
      const refused = { [`c:${message.id}`]: REFUSED };
      await redis.pipeline().hset(serviceKey(message.service), refused).zrem(WHEEL, memberOf(message)).exec();
    },

    async close(window, seen, message) {
      const place = message ? placeOf(message) : REFUSED;
      await close.exec([serviceKey(window.service), WHEEL], [window.id, seen, place, memberOf(window)]);
    },

    async postpone(dues, until) {
      const [first, ...rest] = dues.map((due) => ({ score: until, member: memberOf(due) }));
      if (first !== undefined) await redis.zadd(WHEEL, { xx: true }, first, ...rest);
    },

    async digest(service) {
      const seen = z
        .string()
        .nullable()
        .parse(await redis.hget(serviceKey(service), "more"));
      if (seen === null) return undefined;
      const [from = 0, count = 0, lost = 0] = seen.split(" ").map(Number);
      return { from, count, lost, seen };
    },

    async digested(service, digest, now) {
      const member = memberOf({ kind: "digest", service });
      await digested.exec(
        [serviceKey(service), WHEEL],
        [String(now), digest?.seen ?? "", member, String(DIGEST_AFTER)],
      );
    },

    async health(now) {
      const [last, members] = await redis
        .pipeline()
        .get(TICK)
        .zrange(WHEEL, "-inf", now + 24 * 3_600_000, { byScore: true, offset: 0, count: 1_000 })
        .exec<unknown[]>();
      const lastTick = stamp.parse(last);
      const outbox = texts.parse(members).filter((member) => dueOf(member)?.kind === "message").length;
      return { ...(lastTick !== null && { lastTick }), outbox };
    },
  };
}

/** In place of a message's place: Telegram will never have it. */
const REFUSED = "x";

function argumentsOf(intake: Intake): string[] {
  const { now, batchId, callId, generation, service, serviceId, registry, vitals, dropped } = intake;
  const head = [now, batchId, callId, generation, service, serviceId, registry, vitals ?? "", dropped];
  const limits = [WINDOW, LEASE, BUCKET, TOKEN_EVERY, DIGEST_AFTER];
  const alerts = intake.alerts.flatMap(({ id, rank, mutable, count, at, alert }) => [
    id,
    rank,
    mutable ? 1 : 0,
    count,
    at,
    JSON.stringify(alert),
  ]);
  return [...head, ...limits, ...alerts].map(String);
}

function takenOf(letter: string, text: string): Taken {
  const [count = 0, first = 0, last = 0] = text.split(" ", 3).map(Number);
  const message = toldOf(text.split(" ")[3] ?? "");
  return { verdict: VERDICTS[letter] ?? "digested", tally: { count, first, last }, ...(message && { message }) };
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
