/** The dashboard: whether there is one, where it stands, and what it showed last. */
import * as z from "zod";
import { HUB, WHEEL } from "./keys.ts";
import { maybeTexts, type Redis, script, texts } from "./redis.ts";

/** What is kept of it in the hub's hash. */
export const DASHBOARD_FIELDS: readonly string[] = ["dashboard", "board", "looked"];

/** What is known of the dashboard's message. */
export interface Board {
  readonly chatId: number;
  /** Absent since somebody deleted it. */
  readonly messageId?: number;
  /** What it shows, as a hash; "" for nothing that counts. */
  readonly hash: string;
  /** When it was last rewritten. */
  readonly at: number;
  /** When the message was sent. */
  readonly made: number;
  /** Whether it still has to be pinned, is pinned, or goes without that because we may not. */
  readonly pin: "due" | "pinned" | "without";
}

/** What the dashboard was before somebody switched it; "ending" until its message says so. */
export type Switched = "on" | "off" | "ending";

/** Whose turn it is to look at the dashboard. */
export type Look =
  | {
      readonly state: Switched;
      readonly board?: Board;
      /** Every service that is known, in order of the alphabet. */
      readonly services: readonly string[];
    }
  /** Nobody's before `until`. */
  | { readonly state: "early"; readonly until: number };

export interface DashboardVerbs {
  /** Switches the dashboard on or off; the tick does the rest. Answers what it was. */
  switchDashboard(to: "on" | "off", now: number): Promise<Switched>;
  /** Whether there is a dashboard, and its message as far as it has one. */
  dashboard(): Promise<{ readonly state: Switched; readonly board?: Board }>;
  /** Takes the turn of looking at the dashboard, which nobody gets more often than once in `every` milliseconds. */
  lookAtDashboard(now: number, every: number): Promise<Look>;
  /** It shows this now, or what it showed is still so. It is looked at again at `next`; at once if something came in between. */
  dashboardTold(leaseUntil: number, next: number, board?: Board): Promise<void>;
  /** Its message says that it has ended: it is forgotten, unless somebody has switched it on again. */
  dashboardEnded(): Promise<void>;
}

/** The dashboard is switched on or off, and due at once. Four commands at most. */
export const SWITCH: string = /* lua */ `
-- KEYS  1 hub hash  2 wheel
-- ARGV  1 on | off  2 now
-- Returns what it was: 'on', 'off' while its message does not say so yet, or ''
local before = redis.call('HGET', KEYS[1], 'dashboard') or ''
if before == ARGV[1] or (before == '' and ARGV[1] == 'off') then return before end
redis.call('HSET', KEYS[1], 'dashboard', ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[2], 'd')
return before
`;

/** One caller at a time looks at the dashboard. Three commands. */
export const BOARD: string = /* lua */ `
-- KEYS  1 hub hash
-- ARGV  1 now  2 from one look to the next, ms
-- Returns '' and '', 'on' or 'off', its message, and the names of services, or 'early' and until when
local hub, flat = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do hub[flat[i]] = flat[i + 1] end
local now, looked = tonumber(ARGV[1]), tonumber(hub['looked'] or 0)
if not hub['dashboard'] then return {'', ''} end
-- What a hub whose clock is ahead has noted must not keep the others for hours.
if math.abs(now - looked) < tonumber(ARGV[2]) then return {'early', string.format('%.0f', looked + tonumber(ARGV[2]))} end
redis.call('HSET', KEYS[1], 'looked', ARGV[1])
local answer = {hub['dashboard'], hub['board'] or ''}
for field, name in pairs(hub) do if string.find(field, '^name:') then answer[#answer + 1] = name end end
return answer
`;

/** What the dashboard shows is kept, and when it is looked at again. Four commands at most. */
export const BOARD_TOLD: string = /* lua */ `
-- KEYS  1 hub hash  2 wheel
-- ARGV  1 lease until  2 next look  3 its message, or '' when nothing has changed
-- Returns 1 when nothing came in between
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'board', ARGV[3]) end
if tonumber(redis.call('ZSCORE', KEYS[2], 'd') or 0) ~= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[2], ARGV[2], 'd')
return 1
`;

/** A dashboard that was switched off is forgotten; one that was switched on again begins anew. Four commands at most. */
export const BOARD_ENDED: string = /* lua */ `
-- KEYS  1 hub hash  2 wheel
-- Returns 1 when it went
if redis.call('HGET', KEYS[1], 'dashboard') == 'on' then
  redis.call('HDEL', KEYS[1], 'board')
  return 0
end
redis.call('HDEL', KEYS[1], 'dashboard', 'board', 'looked')
redis.call('ZREM', KEYS[2], 'd')
return 1
`;

export function createDashboardVerbs(redis: Redis): DashboardVerbs {
  const change = script(redis, SWITCH);
  const look = script(redis, BOARD);
  const told = script(redis, BOARD_TOLD);
  const ended = script(redis, BOARD_ENDED);
  return {
    async switchDashboard(to, now) {
      return stateOf(await change([HUB, WHEEL], [to, now]));
    },

    async dashboard() {
      const [state, board] = maybeTexts.parse(await redis.hmget(HUB, "dashboard", "board"));
      return known(state ?? "", board ?? "");
    },

    async lookAtDashboard(now, every) {
      const [state = "", more = "", ...services] = texts.parse(await look([HUB], [now, every]));
      return state === "early" ? { state, until: Number(more) } : { ...known(state, more), services: services.sort() };
    },

    async dashboardTold(leaseUntil, next, board) {
      await told([HUB, WHEEL], [leaseUntil, next, board ? lineOf(board) : ""]);
    },

    async dashboardEnded() {
      await ended([HUB, WHEEL], []);
    },
  };
}

/** As the store has it, the dashboard that nobody ever switched on is nothing. */
function stateOf(kept: unknown): Switched {
  if (kept === "on") return "on";
  return kept === "off" ? "ending" : "off";
}

function known(state: string, line: string): { readonly state: Switched; readonly board?: Board } {
  const board = boardOf(line);
  return { state: stateOf(state), ...(board && { board }) };
}

const PINS = z.enum(["due", "pinned", "without"]);

function lineOf({ chatId, messageId = 0, hash, at, made, pin }: Board): string {
  return [chatId, messageId, hash || "-", at, made, pin].join(" ");
}

function boardOf(line: string): Board | undefined {
  const [chatId, messageId, hash = "-", at, made, pin] = line.split(" ");
  const known = PINS.safeParse(pin);
  if (!known.success) return undefined;
  return {
    ...{ chatId: Number(chatId), at: Number(at), made: Number(made), pin: known.data },
    ...(messageId !== "0" && { messageId: Number(messageId) }),
    hash: hash === "-" ? "" : hash,
  };
}
