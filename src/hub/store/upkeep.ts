/** What keeps the store small, and what tells how it is. */

import * as z from "zod";
import { WINDOW } from "./inbox.ts";
import { type Due, dueOf, HUB, memberOf, serviceKey, TICKS, WHEEL } from "./keys.ts";
import { maybeTexts, type Redis, script, texts } from "./redis.ts";

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

export interface UpkeepVerbs {
  /** When the cron last ran. */
  lastTick(): Promise<number | undefined>;
  /** Notes that the cron runs. Answers when it last did and how much is due. */
  tick(now: number): Promise<{ readonly last?: number; readonly due: number }>;
  /** Removes old entries of a service. */
  prune(due: Due & { readonly kind: "prune" }, now: number): Promise<void>;
  /**
   * Removes a service that has been silent for long. One that is expected to beat once in a while stays, and one whose key
   * was rotated, or the old key would come back.
   */
  forget(due: Due & { readonly kind: "forget" }, now: number): Promise<void>;
  /** For `/health`; of what waits it counts the first 1,000. */
  health(now: number, chatId: number | undefined): Promise<Health>;
}

const MINUTE = 60_000;
const MONTH = 30 * 24 * 60 * MINUTE;
/** Ticks that are kept, one for each minute. */
const RING = 32;

/** A service's kinds that are kept beyond those that are open. */
const KEPT = 50;

/** Old entries of a service go: those beyond the last fifty that are closed and told. Five commands. */
export const PRUNE: string = /* lua */ `
-- KEYS  1 service hash  2 wheel
-- ARGV  1 now  2 window ms  3 member  4 ids to keep
-- Returns how many went
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[3])
local ids, ask = {}, {}
for id in string.gmatch(redis.call('HGET', KEYS[1], 'ring') or '', '%S+') do ids[#ids + 1] = id end
for i = 1, #ids - tonumber(ARGV[4]) do
  for _, field in ipairs({'d:', 'c:'}) do ask[#ask + 1] = field .. ids[i] end
end
if #ask == 0 then return 0 end
local v, old, kept = redis.call('HMGET', KEYS[1], unpack(ask)), {}, {}
for i = 1, #ids do
  local k = i * 2 - 1
  local total, seen = string.match(v[k] or '', '^%d+ %d+ (%d+) %d (%d+)')
  local shown = string.match(v[k + 1] or '', ':(%d+)$')
  local isOpen = total and (v[k + 1] == '' or tonumber(seen) + window > now or (shown and tonumber(total) > tonumber(shown)))
  if k > #ask or isOpen then
    kept[#kept + 1] = ids[i]
  else
    for _, field in ipairs({'d:', 'c:', 'p:', 't:'}) do old[#old + 1] = field .. ids[i] end
  end
end
if #old == 0 then return 0 end
redis.call('HDEL', KEYS[1], unpack(old))
redis.call('HSET', KEYS[1], 'ring', table.concat(kept, ' '))
return #old / 4
`;

export function createUpkeepVerbs(redis: Redis): UpkeepVerbs {
  const prune = script(redis, PRUNE);
  return {
    async tick(now) {
      const pipeline = redis.pipeline();
      ticksIn(pipeline.bitfield(TICKS))
        .set("i64", `#${Math.floor(now / MINUTE) % RING}`, now)
        .exec();
      const [before, due] = await pipeline.zcount(WHEEL, "-inf", now).exec<unknown[]>();
      return { ...lastOf(before), due: z.coerce.number().parse(due) };
    },

    async lastTick() {
      return lastOf(await ticksIn(redis.bitfield(TICKS)).exec()).last;
    },

    async prune(due, now) {
      await prune([serviceKey(due.service), WHEEL], [now, WINDOW, memberOf(due), KEPT]);
    },

    async forget(due, now) {
      const key = serviceKey(due.service);
      const [gen, monitors] = maybeTexts.parse(await redis.hmget(key, "gen", "monitors"));
      const states = (monitors ?? "").split(",").slice(0, -1);
      const isAwaited =
        states.length > 0 && maybeTexts.parse(await redis.hmget(key, ...states.map((it) => `b:${it}`))).some(isUp);
      if (isAwaited) await redis.zadd(WHEEL, { xx: true }, { score: now + MONTH, member: memberOf(due) });
      else await (gen == null ? redis.pipeline().del(key) : redis.pipeline()).zrem(WHEEL, memberOf(due)).exec();
    },

    async health(now, chatId) {
      const pipeline = redis.pipeline();
      ticksIn(pipeline.bitfield(TICKS)).exec();
      const [ticks, members, states] = await pipeline
        .zrange(WHEEL, "-inf", now + 24 * 3_600_000, { byScore: true, offset: 0, count: 1_000 })
        .hmget(HUB, `dead:${chatId}`, "refused")
        .exec<unknown[]>();
      const { last } = lastOf(ticks);
      const outbox = texts.parse(members).filter((member) => dueOf(member)?.kind === "message").length;
      const [dead, refused] = maybeTexts.parse(states);
      return { ...(last !== undefined && { lastTick: last }), outbox, refused: Number(refused), ...(dead && { dead }) };
    },
  };
}

/** The times of the last ticks, as one command asks for them. */
function ticksIn<Field extends { get(encoding: "i64", offset: `#${number}`): Field }>(field: Field): Field {
  for (let i = 0; i < RING; i++) field.get("i64", `#${i}`);
  return field;
}

/** The newest of them; what was asked to be set answers with what was there before, and so is one of them too. */
function lastOf(ticks: unknown): { readonly last?: number } {
  const last = Math.max(...z.array(z.coerce.number()).parse(ticks));
  return last > 0 ? { last } : {};
}

const isUp = (state: string | null): boolean => state !== null && /^[un] /.test(state);
