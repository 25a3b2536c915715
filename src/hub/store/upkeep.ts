/** What keeps the store small, and what tells how it is. */

import * as z from "zod";
import { WINDOW } from "./inbox.ts";
import { type Due, dueOf, HUB, memberOf, serviceKey, TICK, WHEEL } from "./keys.ts";
import { maybeNumber, maybeTexts, type Redis, script, texts } from "./redis.ts";

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
  /** Removes a service that has been silent for long; one whose key was rotated stays, or the old key would come back. */
  forget(due: Due & { readonly kind: "forget" }): Promise<void>;
  /** For `/health`; of what waits it counts the first 1,000. */
  health(now: number, chatId: number | undefined): Promise<Health>;
}

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
      const [last, due] = await redis
        .pipeline()
        .set(TICK, now, { get: true })
        .zcount(WHEEL, "-inf", now)
        .exec<unknown[]>();
      const before = maybeNumber.parse(last);
      return { ...(before !== null && { last: before }), due: z.coerce.number().parse(due) };
    },

    async lastTick() {
      return maybeNumber.parse(await redis.get(TICK)) ?? undefined;
    },

    async prune(due, now) {
      await prune([serviceKey(due.service), WHEEL], [now, WINDOW, memberOf(due), KEPT]);
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
      const lastTick = maybeNumber.parse(last);
      const outbox = texts.parse(members).filter((member) => dueOf(member)?.kind === "message").length;
      const [dead, refused] = maybeTexts.parse(states);
      return { ...(lastTick !== null && { lastTick }), outbox, refused: Number(refused), ...(dead && { dead }) };
    },
  };
}
