/** What is known of a chat: whether it can be reached, where it went, and each service's topic in it. */
import { BUDGET, budgetOf } from "./budget.ts";
import { type Due, HUB, memberOf, serviceKey, WHEEL } from "./keys.ts";
import { type Redis, script } from "./redis.ts";

/** What the store knows of a chat. */
export interface Channel {
  /** Where the group went, or which chat is bound now. */
  readonly movedTo?: number;
  /** No chat is bound any more. */
  readonly isUnbound?: true;
  /** Why nothing can be sent to it. */
  readonly dead?: string;
  /** Until when nobody tries to make a topic in it. */
  readonly plainUntil?: number;
  /** Until when nobody calls Telegram for it. */
  readonly blockedUntil?: number;
  /** The quiet time that lasts or comes next: from then until then only what is critical makes a sound. */
  readonly quiet?: { readonly from: number; readonly to: number };
}

/** Where a service's messages go in its chat. */
export type Place =
  /** Into its topic. */
  | { readonly kind: "topic"; readonly threadId: number }
  /** Into the chat itself: it has no topics, or somebody else is making this one. */
  | { readonly kind: "chat" }
  /** Into the topic that whoever hears this makes now; the call is granted. */
  | { readonly kind: "create" };

export interface ChatVerbs {
  /** Nobody calls Telegram for this chat before `until`, and `due` waits as long. */
  block(chatId: number, until: number, due: Due | undefined): Promise<void>;
  /** Nothing can be sent to the chat, and why. It is left alone longer and longer, `surely` for long; answers until when. */
  die(chatId: number, now: number, why: string, surely?: "surely"): Promise<number>;
  /** Calls for this chat were made at these times without being granted: they count in its budget all the same. */
  spent(chatId: number, times: readonly number[]): Promise<void>;
  /** The group went to another chat. */
  moved(from: number, to: number): Promise<void>;
  /** The chat answers again, or may have got topics. Answers whether it was dead; a penalty of Telegram's goes on. */
  revived(chatId: number): Promise<boolean>;
  /** Finds a service's place. Of all who ask at once, one is to create its topic; `gone` is one that Telegram no longer knows. */
  place(service: string, chatId: number, now: number, gone?: number): Promise<Place>;
  /** The service has a topic now. */
  topicMade(service: string, chatId: number, threadId: number): Promise<void>;
  /** The chat has no topics, or none for us; nobody asks again before `until`. Answers whether it is the first to lack the right. */
  withoutTopics(service: string, chatId: number, until: number, lacksRight: boolean): Promise<boolean>;
}

/** A chat that cannot be reached is tried again after this, and then after twice as long, up to an hour. */
const DEAD = 60_000;
const DEADEST = 60 * 60_000;
/** How long the maker of a topic may take. */
const MAKING = 30_000;

/** A chat is left alone until a time, unless that was later already, and what was meant for it waits. Four commands at most. */
export const BLOCK: string = /* lua */ `
-- KEYS  1 wheel  2 hub hash
-- ARGV  1 chat  2 until  then the members that wait
if tonumber(redis.call('HGET', KEYS[2], 'blocked:' .. ARGV[1]) or 0) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[2], 'blocked:' .. ARGV[1], ARGV[2])
end
local waiting = {}
for i = 3, #ARGV do waiting[#waiting + 1] = ARGV[2]; waiting[#waiting + 1] = ARGV[i] end
if #waiting > 0 then redis.call('ZADD', KEYS[1], 'XX', unpack(waiting)) end
return 1
`;

/** A chat that cannot be reached is left alone, twice as long each time. Three commands. */
export const DIE: string = /* lua */ `
-- KEYS  1 hub hash
-- ARGV  1 chat  2 now  3 why  4 first ms  5 longest ms
-- Returns until when
local times = redis.call('HINCRBY', KEYS[1], 'tries:' .. ARGV[1], 1)
local until_ = string.format('%.0f', tonumber(ARGV[2]) + math.min(tonumber(ARGV[5]), tonumber(ARGV[4]) * 2 ^ (times - 1)))
redis.call('HSET', KEYS[1], 'dead:' .. ARGV[1], ARGV[3], 'blocked:' .. ARGV[1], until_)
return until_
`;

/** Calls that nobody granted count too. Three commands. */
export const SPENT: string = /* lua */ `
-- KEYS  1 hub hash
-- ARGV  1 chat  then the times
local calls = {redis.call('HGET', KEYS[1], 'calls:' .. ARGV[1]) or nil}
for i = 2, #ARGV do calls[#calls + 1] = ARGV[i] end
redis.call('HSET', KEYS[1], 'calls:' .. ARGV[1], table.concat(calls, ' '))
return #calls
`;

/** A chat that was dead is no longer blocked; one that was only busy still is. Three commands at most. */
export const REVIVE: string = /* lua */ `
-- KEYS  1 hub hash
-- ARGV  1 chat
-- Returns 1 when it was dead
redis.call('HDEL', KEYS[1], 'plain:' .. ARGV[1])
if redis.call('HDEL', KEYS[1], 'dead:' .. ARGV[1]) == 0 then return 0 end
redis.call('HDEL', KEYS[1], 'blocked:' .. ARGV[1], 'tries:' .. ARGV[1])
return 1
`;

/** A service's topic, or leave for one caller to make it, out of the chat's budget. Five commands at most. */
export const PLACE: string = /* lua */ `
-- KEYS  1 service hash  2 hub hash
-- ARGV  1 now  2 chat  3 until when it is being made  4 topic that is gone or ''  5 calls a chat may have  6 in so many ms
-- Returns the topic, 'create', or 'chat'
${BUDGET}
local now, chat = tonumber(ARGV[1]), ARGV[2]
local hub = redis.call('HMGET', KEYS[2], 'calls:' .. chat, 'blocked:' .. chat, 'plain:' .. chat)
local topic = redis.call('HGET', KEYS[1], 'topic:' .. chat) or ''
local making = tonumber(string.match(topic, '^%?(%d+)$') or 0)
if topic ~= '' and making == 0 and topic ~= ARGV[4] then return topic end
local calls, free = budgetOf(hub[1], hub[2], tonumber(ARGV[5]), tonumber(ARGV[6]), now)
if topic ~= '' and topic == ARGV[4] then redis.call('HDEL', KEYS[1], 'topic:' .. chat) end
if making > now or tonumber(hub[3] or 0) > now or free <= 0 then return 'chat' end
calls[#calls + 1] = ARGV[1]
if ARGV[4] ~= '' then calls[#calls + 1] = ARGV[1] end -- the message that met the gap is sent again
redis.call('HSET', KEYS[1], 'topic:' .. chat, '?' .. ARGV[3])
redis.call('HSET', KEYS[2], 'calls:' .. chat, table.concat(calls, ' '))
return 'create'
`;

/** A group has gone to another chat, and if it was bound, that is bound now. Three commands at most. */
export const MOVED: string = /* lua */ `
-- KEYS  1 hub hash
-- ARGV  1 from  2 to
local set = {'moved:' .. ARGV[1], ARGV[2]}
if redis.call('HGET', KEYS[1], 'bound') == ARGV[1] then set[3], set[4] = 'bound', ARGV[2] end
redis.call('HSET', KEYS[1], unpack(set))
return 1
`;

export function createChatVerbs(redis: Redis): ChatVerbs {
  const block = script(redis, BLOCK);
  const die = script(redis, DIE);
  const spent = script(redis, SPENT);
  const revive = script(redis, REVIVE);
  const place = script(redis, PLACE);
  const moved = script(redis, MOVED);
  return {
    async block(chatId, until, due) {
      await block([WHEEL, HUB], [chatId, until, ...(due ? [memberOf(due)] : [])]);
    },

    async die(chatId, now, why, surely) {
      return Number(await die([HUB], [chatId, now, why, surely ? DEADEST : DEAD, DEADEST]));
    },

    async spent(chatId, times) {
      await spent([HUB], [chatId, ...times]);
    },

    async moved(from, to) {
      await moved([HUB], [from, to]);
    },

    async revived(chatId) {
      return (await revive([HUB], [chatId])) === 1;
    },

    async place(service, chatId, now, gone) {
      const { calls, span } = budgetOf(chatId);
      const answer = String(
        await place([serviceKey(service), HUB], [now, chatId, now + MAKING, gone ?? "", calls, span]),
      );
      if (answer === "create" || answer === "chat") return { kind: answer };
      return { kind: "topic", threadId: Number(answer) };
    },

    async topicMade(service, chatId, threadId) {
      const pipeline = redis.pipeline().hset(serviceKey(service), { [`topic:${chatId}`]: threadId });
      await pipeline.hset(HUB, { [`thread:${chatId}:${threadId}`]: service }).exec();
    },

    async withoutTopics(service, chatId, until, lacksRight) {
      const pipeline = redis.pipeline().hdel(serviceKey(service), `topic:${chatId}`);
      pipeline.hset(HUB, { [`plain:${chatId}`]: until });
      if (lacksRight) pipeline.hsetnx(HUB, `hinted:${chatId}`, 1);
      const [, , isFirst] = await pipeline.exec<unknown[]>();
      return Number(isFirst) === 1;
    },
  };
}

export function channelOf([movedTo, dead, plainUntil, blockedUntil, quiet = ""]: readonly (
  | string
  | undefined
)[]): Channel {
  const [from = 0, to = 0] = quiet.split(" ").map(Number);
  return {
    ...(movedTo === "none" ? { isUnbound: true } : movedTo && { movedTo: Number(movedTo) }),
    ...(dead && { dead }),
    ...(plainUntil && { plainUntil: Number(plainUntil) }),
    ...(blockedUntil && { blockedUntil: Number(blockedUntil) }),
    ...(to > 0 && { quiet: { from, to } }),
  };
}

/** The chat as scripts are told it. Where chats are bound, it is only what a hub believes. */
export function chatWord(chatId: number | undefined, isBound: boolean): string {
  return `${isBound ? "?" : ""}${chatId ?? ""}`;
}
