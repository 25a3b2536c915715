/** Who wants to hear nothing of what, until when. Batches count what is swallowed, in the same field. */
import type { Mute, Scope } from "../mute.ts";
import { HUB, serviceKey, WHEEL } from "./keys.ts";
import { maybeTexts, type Redis, script, texts } from "./redis.ts";

export type { Mute, Scope } from "../mute.ts";

export interface MuteVerbs {
  /** Mutes until a time; a mute of the same scope takes that end and goes on counting. `false` when there are too many. */
  mute(scope: Scope, until: number, title: string): Promise<boolean>;
  /** Ends a mute now. Answers what it was; `undefined` when there was none. */
  unmute(scope: Scope): Promise<Mute | undefined>;
  /** Lets the mute of a kind end by `now`: the wheel tells what it swallowed. Answers what it was; `undefined` when there was none. */
  cutShort(service: string, fingerprint: string, now: number): Promise<Mute | undefined>;
  /** All mutes, those too whose end nobody has told yet. */
  mutes(): Promise<readonly Mute[]>;
  /** What these swallowed was told: they go, but for what a hub with a slower clock has added meanwhile. */
  endMutes(told: readonly Mute[]): Promise<void>;
}

/** Mutes at a time; each batch reads them all. */
const MOST = 100;

/** Sets, ends and forgets mutes, and has the wheel say when the next one ends. Six commands at most. */
export const MUTE: string = /* lua */ `
-- KEYS  1 hub hash  2 wheel  3 service hash, where the messages of a kind are to say that it is muted
-- ARGV  1 most  2 kind whose messages are to say so, or ''  then for each: 'service id'
--       until; '' to end it, '=' and its end to end it unless that has changed, '<' and a time by which it is to end
--       title, or how much of it was told
-- Returns the lines that were ended, or 'full'. Lines of 'until swallowed service id title'
local order, mutes = {}, {}
for line in string.gmatch(redis.call('HGET', KEYS[1], 'mutes') or '', '[^\\n]+') do
  local till, swallowed, of, title = string.match(line, '^(%d+) (%d+) (%S+ %S+) ?(.*)$')
  order[#order + 1] = of
  mutes[of] = {till, tonumber(swallowed), title}
end
-- A kind is of one service, whether that was named or not.
local function known(of)
  local id = string.match(of, ' (.+)$')
  if mutes[of] or id == '*' then return of end
  for _, other in ipairs(order) do if string.match(other, ' (.+)$') == id then return other end end
  return of
end
local ended = {}
local function textOf(of) return mutes[of][1] .. ' ' .. string.format('%.0f', mutes[of][2]) .. ' ' .. of .. ' ' .. mutes[of][3] end
for i = 3, #ARGV, 3 do
  local of, till, more = known(ARGV[i]), ARGV[i + 1], ARGV[i + 2]
  local mute = mutes[of]
  local ends = till == '' or string.sub(till, 1, 1) == '='
  local by = string.match(till, '^<(%d+)$')
  if by and mute then
    ended[#ended + 1] = textOf(of)
    if tonumber(by) < tonumber(mute[1]) then mute[1] = by end
  elseif by then
    -- there is none
  elseif not ends and not mute then
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
if ARGV[2] ~= '' and string.find(ARGV[4], '^%d') then
  redis.call('HSET', KEYS[3], 'u:' .. ARGV[2], ARGV[4])
elseif ARGV[2] ~= '' then
  redis.call('HDEL', KEYS[3], 'u:' .. ARGV[2])
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
  const run = script(redis, MUTE);

  /** `of` is a kind of which the service is known: its messages say that it is muted. */
  async function change(given: readonly unknown[], of: Scope = {}): Promise<readonly string[]> {
    const keys = of.service !== undefined && of.fingerprint !== undefined ? [serviceKey(of.service)] : [];
    const kind = keys.length > 0 ? of.fingerprint : "";
    return texts.parse(await run([HUB, WHEEL, ...keys], [MOST, kind, ...given]));
  }

  return {
    async mute(scope, until, title) {
      const line = title.replace(/\s+/g, " ").trim().slice(0, 60);
      const [answer] = await change([fieldOf(scope), until, line], scope);
      return answer !== "full";
    },

    async unmute(scope) {
      const [line] = await change([fieldOf(scope), "", ""], scope);
      return line === undefined ? undefined : muteOf(line);
    },

    async cutShort(service, fingerprint, now) {
      const scope = { service, fingerprint };
      const [line] = await change([fieldOf(scope), `<${now}`, ""], scope);
      return line === undefined ? undefined : muteOf(line);
    },

    async mutes() {
      const [lines] = maybeTexts.parse(await redis.hmget(HUB, "mutes"));
      return mutesOf(lines ?? "");
    },

    async endMutes(told) {
      await change(told.flatMap((mute) => [fieldOf(mute), `=${mute.until}`, mute.swallowed]));
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
