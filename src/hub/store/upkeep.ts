/** What keeps the store small, and what tells how it is. */

import * as z from "zod";
import { WINDOW } from "./inbox.ts";
import { type Due, dueOf, HUB, memberOf, serviceKey, TICKS, WHEEL } from "./keys.ts";
import { maybeTexts, type Redis, script, texts } from "./redis.ts";

export interface Health {
  /** When the cron last ran. */
  readonly lastTick?: number;
  /** Messages, and news of monitors, that Telegram does not have yet. */
  readonly outbox: number;
  /** Messages that Telegram refused for good. */
  readonly refused: number;
  /** Why nothing can be sent to the chat. */
  readonly dead?: string;
  /** The chat that was bound. */
  readonly bound?: number;
}

export interface UpkeepVerbs {
  /** When the cron last ran. */
  lastTick(): Promise<number | undefined>;
  /** Notes that the cron runs. Answers when it last did and how much is due. */
  tick(now: number): Promise<{ readonly last?: number; readonly due: number }>;
  /** Removes old entries of a service. */
  prune(due: Due & { readonly kind: "prune" }, now: number): Promise<void>;
  /**
   * Removes a service that has been silent for long. One that is expected to beat once in a while stays, and so does the
   * generation of a key that was rotated.
   */
  forget(due: Due & { readonly kind: "forget" }, now: number, serviceId: string): Promise<void>;
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
    for _, field in ipairs({'d:', 'c:', 'p:', 't:', 'u:'}) do old[#old + 1] = field .. ids[i] end
  end
end
if #old == 0 then return 0 end
redis.call('HDEL', KEYS[1], unpack(old))
redis.call('HSET', KEYS[1], 'ring', table.concat(kept, ' '))
return #old / 5
`;

/** A service goes that gave no sign of life for long, with all that waits of it. Five commands. */
export const FORGET: string = /* lua */ `
-- KEYS  1 service hash  2 wheel  3 hub hash
-- ARGV  1 now  2 service  3 service id  4 after ms
-- Returns 1 when it went
local now, after = tonumber(ARGV[1]), tonumber(ARGV[4])
local names, ask = {}, {'day', 'gen'}
for name in string.gmatch(redis.call('HGET', KEYS[1], 'monitors') or '', '([^,]*),') do
  names[#names + 1] = name
  ask[#ask + 1] = 'b:' .. name
end
local v = redis.call('HMGET', KEYS[1], unpack(ask))
local member, until_ = 'f' .. ARGV[2], (tonumber(v[1] or 0) * 86400000) + after
for i = 3, #ask do
  -- Expected to beat once in a while, or told of as down again and again.
  local status, remind = string.match(v[i] or '', '^(%a) %d+ %d+ %d+ %d+ %d+ %d+ %d+ (%d+)')
  if status == 'u' or (status == 'd' and remind ~= '0') then until_ = math.max(until_, now + after) end
end
if until_ > now then
  redis.call('ZADD', KEYS[2], string.format('%.0f', until_), member)
  return 0
end
local gone = {member}
for _, name in ipairs(names) do
  gone[#gone + 1] = 'h' .. ARGV[2] .. '\\n' .. name
  gone[#gone + 1] = 'n' .. ARGV[2] .. '\\n' .. name
end
redis.call('ZREM', KEYS[2], unpack(gone))
-- The generation of a rotated key stays, or the old key would come back.
redis.call('DEL', KEYS[1])
if v[2] then redis.call('HSET', KEYS[1], 'gen', v[2]) else redis.call('HDEL', KEYS[3], 'name:' .. ARGV[3]) end
return 1
`;

export function createUpkeepVerbs(redis: Redis): UpkeepVerbs {
  const prune = script(redis, PRUNE);
  const forget = script(redis, FORGET);
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

    async forget(due, now, serviceId) {
      await forget([serviceKey(due.service), WHEEL, HUB], [now, due.service, serviceId, MONTH]);
    },

    async health(now, chatId) {
      const pipeline = redis.pipeline();
      ticksIn(pipeline.bitfield(TICKS)).exec();
      const [ticks, members, states] = await pipeline
        .zrange(WHEEL, "-inf", now + 24 * 3_600_000, { byScore: true, offset: 0, count: 1_000 })
        .hmget(HUB, `dead:${chatId}`, "refused", `moved:${chatId}`, "bound")
        .exec<unknown[]>();
      const { last } = lastOf(ticks);
      const outbox = texts.parse(members).filter((member) => isToTell(dueOf(member))).length;
      const [dead, refused, movedTo, bound] = maybeTexts.parse(states);
      const other = movedTo ?? (chatId === undefined ? bound : null);
      const why = other == null ? dead : await redis.hget<string>(HUB, `dead:${other}`);
      return {
        ...(last !== undefined && { lastTick: last }),
        outbox,
        refused: Number(refused),
        ...(why && { dead: why }),
        ...(bound && { bound: Number(bound) }),
      };
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

const isToTell = (due: Due | undefined): boolean => due?.kind === "message" || due?.kind === "notice";
