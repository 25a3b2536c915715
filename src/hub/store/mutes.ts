/** Who wants to hear nothing of what, until when. Batches count what is swallowed, in the same field. */
import type { Mute, Scope } from "../mute.ts";
import { HUB, WHEEL } from "./keys.ts";
import { maybeTexts, type Redis, script } from "./redis.ts";

export type { Mute, Scope } from "../mute.ts";

export interface MuteVerbs {
  /** Mutes until a time; a mute of the same scope takes that end and goes on counting. `false` when there are too many. */
  mute(scope: Scope, until: number, title: string): Promise<boolean>;
  /** Ends a mute now. Answers what it was; `undefined` when there was none. */
  unmute(scope: Scope): Promise<Mute | undefined>;
  /** All mutes, those too whose end nobody has told yet. */
  mutes(): Promise<readonly Mute[]>;
  /** What these swallowed was told: they go, but for what a hub with a slower clock has added meanwhile. */
  endMutes(told: readonly Mute[]): Promise<void>;
}

/** Mutes at a time; each batch reads them all. */
const MOST = 100;

/** Sets, ends and forgets mutes, and has the wheel say when the next one ends. Five commands at most. */
export const MUTE: string = /* lua */ `
-- KEYS  1 hub hash  2 wheel
-- ARGV  1 most  then for each: 'service id'  until; '' to end it, '=' and its end to end it unless that has changed
--       title, or how much of it was told
-- Returns the lines that were ended, or 'full'. Lines of 'until swallowed service id title'
local order, mutes = {}, {}
for line in string.gmatch(redis.call('HGET', KEYS[1], 'mutes') or '', '[^\\n]+') do
  local till, swallowed, of, title = string.match(line, '^(%d+) (%d+) (%S+ %S+) ?(.*)$')
  order[#order + 1] = of
  mutes[of] = {till, tonumber(swallowed), title}
end
local ended = {}
local function textOf(of) return mutes[of][1] .. ' ' .. string.format('%.0f', mutes[of][2]) .. ' ' .. of .. ' ' .. mutes[of][3] end
for i = 2, #ARGV, 3 do
  local of, till, more = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local mute = mutes[of]
  local ends = till == '' or string.sub(till, 1, 1) == '='
  if not ends and not mute then
    if #order >= tonumber(ARGV[1]) then return {'full'} end
    order[#order + 1] = of
    mutes[of] = {till, 0, more}
  elseif not ends then
    mute[1] = till
    if more ~= '' then mute[3] = more end
  elseif mute then
    ended[#ended + 1] = textOf(of)
    mute[2] = mute[2] - tonumber(more ~= '' and more or mute[2])
    if mute[2] <= 0 and (till == '' or till == '=' .. mute[1]) then mutes[of] = nil end
  end
end
local lines, next = {}, nil
for _, of in ipairs(order) do
  if mutes[of] then
    lines[#lines + 1] = textOf(of)
    next = math.min(next or tonumber(mutes[of][1]), tonumber(mutes[of][1]))
  end
end
if next then
  redis.call('HSET', KEYS[1], 'mutes', table.concat(lines, '\\n'))
  redis.call('ZADD', KEYS[2], string.format('%.0f', next), 'm')
else
  redis.call('HDEL', KEYS[1], 'mutes')
  redis.call('ZREM', KEYS[2], 'm')
end
return ended
`;

export function createMuteVerbs(redis: Redis): MuteVerbs {
  const change = script(redis, MUTE);
  return {
    async mute(scope, until, title) {
      const line = title.replace(/\s+/g, " ").trim().slice(0, 60);
      const [answer] = maybeTexts.parse(await change([HUB, WHEEL], [MOST, fieldOf(scope), until, line]));
      return answer !== "full";
    },

    async unmute(scope) {
      const [line] = maybeTexts.parse(await change([HUB, WHEEL], [MOST, fieldOf(scope), "", ""]));
      return line == null ? undefined : muteOf(line);
    },

    async mutes() {
      const [lines] = maybeTexts.parse(await redis.hmget(HUB, "mutes"));
      return mutesOf(lines ?? "");
    },

    async endMutes(told) {
      await change([HUB, WHEEL], [MOST, ...told.flatMap((mute) => [fieldOf(mute), `=${mute.until}`, mute.swallowed])]);
    },
  };
}

const fieldOf = ({ service = "*", fingerprint = "*" }: Scope): string => `${service} ${fingerprint}`;

/** Reads the field that holds all mutes. */
export function mutesOf(lines: string): readonly Mute[] {
  return lines.split("\n").filter(Boolean).map(muteOf);
}

function muteOf(line: string): Mute {
  const [until = "", swallowed = "", service = "*", fingerprint = "*", ...title] = line.split(" ");
  return {
    until: Number(until),
    swallowed: Number(swallowed),
    title: title.join(" "),
    ...(service !== "*" && { service }),
    ...(fingerprint !== "*" && { fingerprint }),
  };
}
