/** What did not fit a limit, of all services. */
import { HUB, serviceKey, WHEEL } from "./keys.ts";
import { placeOf, type Told, toldOf } from "./outbox.ts";
import { maybeTexts, type Redis, script } from "./redis.ts";

/** Alerts over a limit, of all services, told in one message that is rewritten while it lasts. */
export interface Digest {
  readonly services: readonly Merged[];
  /** The message that tells them, and the count it shows; absent before the first. */
  readonly message?: Told;
  /** What {@link DigestVerbs.endDigest} compares. */
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

export interface DigestVerbs {
  /** What the digest has to tell. */
  digest(): Promise<Digest | undefined>;
  /** The digest's message shows this; it is looked at again at `next`. */
  digestTold(told: Told, next: number): Promise<void>;
  /** Ends the digest, unless anything was added since it was read. */
  endDigest(digest: Digest): Promise<void>;
}

/** A digest ends, unless anything was added since it was told. Commands: four, and two for each service. */
export const DIGESTED: string = /* lua */ `
-- KEYS  1 hub hash  2 wheel  then the service hashes
-- ARGV  1 names of the services as read  then for each 'from count lost' as told
-- Returns 1 when it ended
if redis.call('HGET', KEYS[1], 'digest') ~= ARGV[1] then return 0 end
for i = 3, #KEYS do
  if redis.call('HGET', KEYS[i], 'more') ~= ARGV[i - 1] then return 0 end
end
for i = 3, #KEYS do redis.call('HDEL', KEYS[i], 'more', 'kinds') end
redis.call('HDEL', KEYS[1], 'digest', 'told')
redis.call('ZREM', KEYS[2], 'g')
return 1
`;

export function createDigestVerbs(redis: Redis): DigestVerbs {
  const digested = script(redis, DIGESTED);
  return {
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
      await digested([HUB, WHEEL, ...keys], [seen, ...services.map((it) => it.seen)]);
    },
  };
}

function mergedOf(service: string, [more, kinds]: readonly (string | null)[]): Merged {
  const [from = 0, count = 0, lost = 0] = (more ?? "0 0 0").split(" ").map(Number);
  const lines = (kinds ?? "").split("\n").filter(Boolean);
  return { service, from, count, lost, seen: more ?? "", kinds: lines.map(kindOf) };
}

function kindOf(line: string): Merged["kinds"][number] {
  const [, id = "", rank = "", count = "", title = ""] = /^(\S+) (\d) (\d+) (.*)$/.exec(line) ?? [];
  return { id, rank: Number(rank), count: Number(count), title };
}
