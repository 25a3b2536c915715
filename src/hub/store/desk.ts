/** Who wants something of us from the chat: whether it is our chat, whether it is the first time, and whether we may answer. */
import { Ratelimit } from "@upstash/ratelimit";
import * as z from "zod";
import { BUDGET, budgetOf } from "./budget.ts";
import { DASHBOARD_FIELDS } from "./dashboard.ts";
import { HUB } from "./keys.ts";
import { QUIET_FIELDS } from "./quiet.ts";
import { type Redis, script, sha1Of, texts } from "./redis.ts";

/** One update of Telegram's, on its way in. */
export interface Caller {
  readonly now: number;
  /** Telegram numbers what it tells a bot; what it tells again has the same number. */
  readonly updateId: number;
  readonly userId: number;
  /** Where it comes from. */
  readonly chatId: number;
  readonly threadId: number | undefined;
  /** The chat that the hub was given; without one it is the chat that was bound. */
  readonly given: number | undefined;
  /** Whether it takes a call to Telegram: none, one without which it has to wait, or one if there is one. */
  readonly call: "none" | "must" | "may";
}

/** What became of an update. */
export type Entered =
  /** It was taken before. */
  | { readonly kind: "seen" }
  /** It comes from another chat than ours. */
  | { readonly kind: "foreign" }
  /** Its user asks too much; `isNews` says that this user has not been told so by this hub. */
  | { readonly kind: "hasty"; readonly isNews: boolean; readonly ms: number }
  /** No call may be made yet: it was not taken, and is welcome after so many milliseconds. */
  | { readonly kind: "early"; readonly ms: number }
  | {
      readonly kind: "in";
      /** A call was granted. */
      readonly granted: boolean;
      /** Every service that is known, in order of the alphabet. */
      readonly services: readonly string[];
      /** Whose topic it comes from. */
      readonly topicOf?: string;
    };

/** What became of a claim. */
export type Claimed = "bound" | "ours already" | "taken" | "seen";

export interface DeskVerbs {
  /** Takes an update in, once. */
  enter(caller: Caller): Promise<Entered>;
  /** Binds the chat of an update, unless one is bound; its answer's call is granted. */
  bind(caller: Omit<Caller, "given" | "call" | "userId" | "threadId">): Promise<Claimed>;
  /** Nobody's chat is bound any more, and what was set for it goes with it. What is told from now on waits for the next one. */
  unbind(): Promise<void>;
}

/** What a person may ask in a minute. */
export const ASKS: number = 30;
const ASKED = "sb:asks";
/** People remembered as hasty; the library's own cache has no bound. */
const REMEMBERED = 1_000;
/** Updates that are remembered. Telegram repeats one within minutes, and tells the next of the same chat only after it. */
const RING = 100;

/** The numbers of the last updates, newest last: part of the scripts that take an update in. */
const ONCE = /* lua */ `
-- Which call took this update in; nil when none did.
local function takerOf(ring, update) return string.match(' ' .. (ring or ''), ' ' .. update .. ':(%S+)') end
local function ringWith(ring, update, call, most)
  local taken = {}
  for it in string.gmatch(ring or '', '%S+') do taken[#taken + 1] = it end
  taken[#taken + 1] = update .. ':' .. call
  return table.concat(taken, ' ', math.max(1, #taken - most + 1))
end
`;

/** An update is taken in once, if it is of our chat; and the call that its answer takes is granted. Three commands. */
export const ENTER: string = /* lua */ `
-- KEYS  1 hub hash
-- ARGV  1 now  2 update  3 chat  4 its thread or ''  5 chat that the hub was given or ''  6 none | must | may, of a call to Telegram
--       7 calls a chat may have  8 in so many ms  9 how many of them answers leave to alerts  10 updates to remember  11 names this call: one that asks again was never answered
-- Returns 'seen', 'foreign', 'early' and for how long, or 'in', '1' when a call was granted, whose topic it is, and the names of services
${BUDGET}${ONCE}
local hub, flat = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do hub[flat[i]] = flat[i + 1] end
local chat = ARGV[5] ~= '' and ARGV[5] or hub['bound'] or ''
chat = hub['moved:' .. chat] or chat
if chat ~= ARGV[3] then return {'foreign'} end
local taker = takerOf(hub['updates'], ARGV[2])
if taker and taker ~= ARGV[11] then return {'seen'} end
local function inside(granted)
  local answer = {'in', granted and '1' or '', hub['thread:' .. chat .. ':' .. ARGV[4]] or ''}
  for field, name in pairs(hub) do if string.find(field, '^name:') then answer[#answer + 1] = name end end
  return answer
end
if taker then return inside(ARGV[6] ~= 'none') end

local now, leave = tonumber(ARGV[1]), tonumber(ARGV[9])
local calls, free = budgetOf(hub['calls:' .. chat], hub['blocked:' .. chat], tonumber(ARGV[7]), tonumber(ARGV[8]), now)
local granted = ARGV[6] ~= 'none' and free > leave
if ARGV[6] == 'must' and not granted then
  local over = #calls - (tonumber(ARGV[7]) - leave) + 1
  table.sort(calls, function(a, b) return tonumber(a) < tonumber(b) end)
  local free_ = over >= 1 and tonumber(calls[over]) + tonumber(ARGV[8]) or now
  return {'early', string.format('%.0f', math.max(free_, tonumber(hub['blocked:' .. chat] or 0)) - now)}
end

local set = {'updates', ringWith(hub['updates'], ARGV[2], ARGV[11], tonumber(ARGV[10]))}
if granted then
  calls[#calls + 1] = ARGV[1]
  set[3], set[4] = 'calls:' .. chat, table.concat(calls, ' ')
end
redis.call('HSET', KEYS[1], unpack(set))
return inside(granted)
`;

/** A chat is bound, unless one is. Three commands. */
export const BIND: string = /* lua */ `
-- KEYS  1 hub hash
-- ARGV  1 now  2 update  3 chat  4 calls a chat may have  5 in so many ms  6 updates to remember  7 names this call
-- Returns 'seen', 'taken', 'ours already' or 'bound'
${BUDGET}${ONCE}
local v = redis.call('HMGET', KEYS[1], 'bound', 'updates', 'calls:' .. ARGV[3])
local taker = takerOf(v[2], ARGV[2])
if taker then return taker == ARGV[7] and 'bound' or 'seen' end
if v[1] and v[1] ~= ARGV[3] then return 'taken' end
local calls = budgetOf(v[3], nil, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[1]))
calls[#calls + 1] = ARGV[1]
redis.call('HSET', KEYS[1], 'bound', ARGV[3], 'updates', ringWith(v[2], ARGV[2], ARGV[7], tonumber(ARGV[6])),
  'calls:' .. ARGV[3], table.concat(calls, ' '))
return v[1] and 'ours already' or 'bound'
`;

export function createDeskVerbs(redis: Redis): DeskVerbs {
  // Commands that are asked for in the same moment go in one request: what the limit counts, and what we ask.
  const joined = redis.joined();
  const sha1 = sha1Of(ENTER);
  const hasty = new Map<string, number>();
  const limit = new Ratelimit({
    redis: joined,
    prefix: ASKED,
    limiter: Ratelimit.fixedWindow(ASKS, "60 s"),
    ephemeralCache: hasty,
    timeout: 2_000,
  });
  const bind = script(redis, BIND);

  function ask(name: string, given: string[]): Promise<unknown> {
    return joined.evalsha(name, [HUB], given).catch((error: unknown) => {
      if (!String(error).includes("NOSCRIPT")) throw error;
      return redis.eval(ENTER, [HUB], given);
    });
  }

  return {
    async enter({ now, updateId, userId, chatId, threadId, given, call }) {
      if (hasty.size > REMEMBERED) hasty.clear();
      const wait = (hasty.get(`${ASKED}:${userId}`) ?? 0) - Date.now(); // the limit goes by the clock on the wall
      if (wait > 0) return { kind: "hasty", isNews: false, ms: wait };
      const { calls, span, answersLeave } = budgetOf(chatId);
      const asked = [
        now,
        updateId,
        chatId,
        threadId ?? "",
        given ?? "",
        call,
        calls,
        span,
        answersLeave,
        RING,
        callId(),
      ];
      const name = await sha1;
      const [turn, answer] = await Promise.all([limit.limit(String(userId)), ask(name, asked.map(String))]);
      const entered = enteredOf(texts.parse(answer));
      // It comes again, more than once in a storm: whoever wrote it once asked once.
      if (entered.kind === "early") await limit.limit(String(userId), { rate: -1 });
      if (entered.kind !== "in" || turn.success) return entered;
      return { kind: "hasty", isNews: entered.granted, ms: Math.max(1_000, turn.reset - Date.now()) };
    },

    async bind({ now, updateId, chatId }) {
      const { calls, span } = budgetOf(chatId);
      return claimed.parse(await bind([HUB], [now, updateId, chatId, calls, span, RING, callId()]));
    },

    async unbind() {
      await redis.hdel(HUB, "bound", ...QUIET_FIELDS, ...DASHBOARD_FIELDS);
    },
  };
}

const callId = (): string => crypto.randomUUID().slice(0, 8);

const claimed = z.enum(["bound", "ours already", "taken", "seen"]);

function enteredOf([kind, first = "", topicOf = "", ...names]: readonly string[]): Entered {
  switch (kind) {
    case "seen":
    case "foreign":
      return { kind };
    case "early":
      return { kind, ms: Number(first) };
    default:
      return { kind: "in", granted: first === "1", services: names.sort(), ...(topicOf && { topicOf }) };
  }
}
