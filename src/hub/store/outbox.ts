/** What still has to reach Telegram, and what is in the chat already. */
import type { Alert, Tally } from "../alert.ts";
import { BUDGET, budgetOf, CHAT } from "./budget.ts";
import { type Channel, channelOf, chatWord } from "./chats.ts";
import { type Due, dueOf, HUB, memberOf, serviceKey, WHEEL } from "./keys.ts";
import { maybeNumber, maybeTexts, type Redis, readable, script, texts } from "./redis.ts";

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
  /** How often it was tried in vain. */
  readonly attempts: number;
  /** The service's topic in the chat, as the store keeps it. */
  readonly topic?: string;
  /** Until when a button below it said that it is muted; that may be over. */
  readonly mutedUntil?: number;
}

/** A message or window as the store holds it. */
export interface Kept extends Entry {
  /** Telegram refused it for good. */
  readonly refused: boolean;
  /** What {@link Outbox.close} compares. */
  readonly seen: string;
}

/** Messages that any number of news of monitors may become. */
export const NEWS_CALLS: number = 3;

export type MessageDue = Due & { readonly kind: "message" };
export type WindowDue = Due & { readonly kind: "window" };

export interface OutboxVerbs {
  /**
   * Takes what is due and within the chat's budget, for nobody else until `leaseUntil`: at most `limit` besides monitors and
   * their news, which need `newsCalls` calls however many they are. `more` says that there may be more.
   */
  claim(
    now: number,
    leaseUntil: number,
    limit: number,
    chatId: number | undefined,
    newsCalls?: number,
  ): Promise<{ readonly channel: Channel; readonly dues: readonly Due[]; readonly more: boolean }>;
  /** Reads what messages and windows are about, in their order; `undefined` for others, and where nothing is known any more. */
  read(dues: readonly Due[], chatId: number | undefined): Promise<readonly (Kept | undefined)[]>;
  /** Telegram has the message. Answers until when nobody may call it for this chat; another hub may know more than we. */
  settle(message: MessageDue, told: Told, attempts?: number): Promise<number>;
  /** It was tried in vain for the `attempts`-th time, and is not tried again before `until`. */
  retry(message: MessageDue, attempts: number, until: number): Promise<void>;
  /** This is not tried again before `until`. */
  postpone(due: Due, until: number): Promise<void>;
  /** Telegram will never have what this is about; `/health` counts it. A message's repeat after its window is a new one. */
  refused(due: Due): Promise<void>;
  /** The message now shows this count; without effect once a newer message has taken its place. */
  shown(service: string, id: string, told: Told): Promise<void>;
  /** Closes a window, unless it changed since it was read. `message` shows all of it; without one nobody can be shown. */
  close(window: WindowDue, seen: string, message: Told | undefined): Promise<void>;
  /** Takes something off the wheel: it is done. */
  remove(due: Due): Promise<void>;
}

/**
 * What is due → leased to the caller, as far as the chat's budget goes: what is critical, news of monitors, messages, the
 * digest, edits, the dashboard. Five commands at most, six where the group has moved or another chat is bound. Two callers never get the same member, nor the same call to Telegram.
 */
export const CLAIM: string = /* lua */ `
-- KEYS  1 wheel  2 hub hash
-- ARGV  1 now  2 lease until  3 at most  4 chat or '', or '?' and the chat that is believed to be bound  5 calls a chat may have  6 in so many ms  7 how many of them edits and news of monitors leave to
--       others  8 calls that all such news together still need
-- Returns where the chat moved to ('none' when none is bound any more), why it is dead, until when it has no topics, until when nobody calls it, from when to
--         when it is quiet, '1' when there may be more, then the members claimed
${BUDGET}${CHAT}
local PAGE = 500
local now, chat, hub, movedTo = tonumber(ARGV[1]), believed(ARGV[4]), nil, ''
local function readHub()
  hub = redis.call('HMGET', KEYS[2], 'calls:' .. chat, 'blocked:' .. chat, 'moved:' .. chat, 'dead:' .. chat, 'plain:' .. chat, 'bound', 'quiet')
end
local function turnTo(other) chat = other; movedTo = chat == '' and 'none' or chat; readHub() end
readHub()
local bound = chatOf(ARGV[4], hub[6])
if bound ~= chat then turnTo(bound) end
if hub[3] then turnTo(hub[3]) end
local most, span, leave = limitsOf(chat, ARGV[4], ARGV[5], ARGV[6], ARGV[7], 0)
local calls, free = budgetOf(hub[1], hub[2], most, span, now)
if chat == '' then free = 0 end
local before = #calls
local due = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, PAGE)
local answer, leased, taken, count = {movedTo, hub[4] or '', hub[5] or '', hub[2] or '', hub[7] or '', #due == PAGE and '1' or ''}, {}, {}, 0
local function lease(member) leased[#leased + 1] = ARGV[2]; leased[#leased + 1] = member end
local function take(member)
  answer[#answer + 1] = member
  taken[member] = true
  lease(member)
end
local function spend() free = free - 1; calls[#calls + 1] = ARGV[1] end
local function all(kind, each) for _, member in ipairs(due) do if string.find(member, '^' .. kind) then each(member) end end end

-- Deadlines first: what comes of them is news, and told together.
all('h', take)
local needed = tonumber(ARGV[8])
local newsWaits = #leased > 0
-- Members of a kind, as far as there is room for them and calls beyond those that they have to leave.
local function turn(kind, calls)
  all(kind, function(member)
    if count >= tonumber(ARGV[3]) or (calls and free <= calls) then return end
    if calls then spend() end
    count = count + 1
    take(member)
  end)
end
turn('O', 0)
if not newsWaits then
  all('n', function(member)
    if needed <= 0 then return take(member) end
    if free <= leave then return end
    needed = needed - 1
    spend()
    take(member)
  end)
end
turn('[pf]')
turn('o', 0)
turn('[bgmq]', 0)
turn('w', leave)
turn('d', leave)
-- What is told now, and deadlines, change what the dashboard shows: it is looked at next, if there is one.
if not taken['d'] then
  for member in pairs(taken) do
    if string.find(member, '^[hnoOm]') then leased[#leased + 1] = ARGV[1]; leased[#leased + 1] = 'd'; break end
  end
end
-- What fills the page and cannot be done now must not hide what lies behind it.
if #due == PAGE then
  for _, member in ipairs(due) do
    if not taken[member] and not (newsWaits and string.find(member, '^n')) then lease(member) end
  end
end
if #leased > 0 then redis.call('ZADD', KEYS[1], 'XX', unpack(leased)) end
if #calls > before then redis.call('HSET', KEYS[2], 'calls:' .. chat, table.concat(calls, ' ')) end
return answer
`;

/** A message shows another count, unless its place was taken by a newer message meanwhile. Three commands. */
export const SHOWN: string = /* lua */ `
-- KEYS  1 service hash
-- ARGV  1 field  2 'chat:message'  3 count
local place = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(.*):%d+$')
if place == ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. ARGV[3]) end
return place == ARGV[2] and 1 or 0
`;

/** A window closes, unless something was added since its closer looked. Four commands. */
export const CLOSE: string = /* lua */ `
-- KEYS  1 service hash  2 wheel
-- ARGV  1 id  2 value of its window that the caller saw  3 place of its message, showing all  4 member
-- Returns 1 when closed
if redis.call('HGET', KEYS[1], 'd:' .. ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'c:' .. ARGV[1], ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[4])
return 1
`;

export function createOutboxVerbs(redis: Redis, isBound: boolean): OutboxVerbs {
  const claim = script(redis, CLAIM);
  const shown = script(redis, SHOWN);
  const close = script(redis, CLOSE);

  return {
    async claim(now, leaseUntil, limit, chatId, newsCalls = NEWS_CALLS) {
      const { calls, span, editsLeave } = budgetOf(chatId);
      const given = [now, leaseUntil, limit, chatWord(chatId, isBound), calls, span, editsLeave, newsCalls];
      const answer = texts.parse(await claim([WHEEL, HUB], given));
      const [movedTo, dead, plainUntil, blockedUntil, quiet, more, ...members] = answer;
      const dues = members.flatMap((member) => dueOf(member) ?? []);
      return { channel: channelOf([movedTo, dead, plainUntil, blockedUntil, quiet]), dues, more: more === "1" };
    },

    async read(dues, chatId) {
      const wanted = dues.filter(isKept);
      if (wanted.length === 0) return [];
      const pipeline = redis.pipeline();
      for (const { service, id } of wanted) {
        pipeline.hmget(
          serviceKey(service),
          `p:${id}`,
          `d:${id}`,
          `c:${id}`,
          `t:${id}`,
          `topic:${chatId}`,
          `u:${kindOf(id)}`,
        );
      }
      const replies = await pipeline.exec<unknown[]>();
      return dues.map((due) => (isKept(due) ? readable(() => keptOf(maybeTexts.parse(replies.shift()))) : undefined));
    },

    async settle(message, told, attempts = 0) {
      const [, , blocked] = await redis
        .pipeline()
        // The message's place first: a hub that dies after it has at worst told the same thing twice.
        .hset(serviceKey(message.service), {
          [`c:${message.id}`]: placeOf(told),
          ...(attempts > 0 && { [`t:${message.id}`]: 0 }),
        })
        .zrem(WHEEL, memberOf(message))
        .hget(HUB, `blocked:${told.chatId}`)
        .exec<unknown[]>();
      return maybeNumber.parse(blocked) ?? 0;
    },

    async retry(message, attempts, until) {
      await redis
        .pipeline()
        .hset(serviceKey(message.service), { [`t:${message.id}`]: attempts })
        .zadd(WHEEL, { xx: true }, { score: until, member: memberOf(message) })
        .exec();
    },

    async postpone(due, until) {
      await redis.zadd(WHEEL, { xx: true }, { score: until, member: memberOf(due) });
    },

    async refused(due) {
      const pipeline = redis.pipeline().hincrby(HUB, "refused", 1);
      if (due.kind === "message") {
        pipeline.hset(serviceKey(due.service), { [`c:${due.id}`]: REFUSED, [`t:${due.id}`]: 0 });
        pipeline.zrem(WHEEL, memberOf(due));
      }
      await pipeline.exec();
    },

    async shown(service, id, told) {
      await shown([serviceKey(service)], [`c:${id}`, `${told.chatId}:${told.messageId}`, told.shown]);
    },

    async close(window, seen, message) {
      const place = message ? placeOf(message) : REFUSED;
      await close([serviceKey(window.service), WHEEL], [window.id, seen, place, memberOf(window)]);
    },

    async remove(due) {
      await redis.zrem(WHEEL, memberOf(due));
    },
  };
}

const isKept = (due: Due): due is MessageDue | WindowDue => due.kind === "message" || due.kind === "window";

/** In place of a message's place: Telegram will never have it. */
const REFUSED = "x";

function keptOf([payload, seen, place, attempts, topic, muted]: readonly (string | null)[]): Kept | undefined {
  const [first, last, count] = (seen ?? "").split(" ").map(Number);
  if (payload == null || seen == null || first === undefined || last === undefined || count === undefined) {
    return undefined;
  }
  const message = toldOf(place ?? "");
  return {
    alert: JSON.parse(payload) as Alert,
    tally: { count, first, last },
    attempts: Number(attempts),
    refused: place === REFUSED,
    seen,
    ...(topic && { topic }),
    ...(muted && { mutedUntil: Number(muted) }),
    ...(message && { message }),
  };
}

/** The fingerprint of what stands beside others of its kind. */
const kindOf = (id: string): string => id.replace(/~.*/, "");

export function placeOf({ chatId, messageId, shown }: Told): string {
  return `${chatId}:${messageId}:${shown}`;
}

export function toldOf(place: string): Told | undefined {
  const [chatId = Number.NaN, messageId = Number.NaN, shown = Number.NaN] = place.split(":").map(Number);
  return Number.isNaN(shown) ? undefined : { chatId, messageId, shown };
}
