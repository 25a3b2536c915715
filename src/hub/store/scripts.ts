/**
 * What Redis does for us in one go. Upstash bills every command inside a script as well, so each script reads once,
 * writes once and touches the wheel once. `now` is an argument, and every script may be run twice for one request:
 * the client resends what it got no answer to.
 *
 * A test pins the hash of each: hubs of two versions run side by side during a deployment and share these formats.
 */

/**
 * A batch of events → verdicts. Four commands; six on a service's first batch, or when old entries are pruned.
 *
 * A message's life is in `c:<id>`: empty while Telegram does not have it, then `<chat>:<message>:<count shown>`.
 * As long as it is empty its window stays open, so one fingerprint never waits twice.
 */
export const INGEST: string = /* lua */ `
-- KEYS  1 service hash  2 wheel  3 names of services
-- ARGV  1 now  2 batch id  3 call id  4 generation of the key  5 service name  6 service id  7 registry
--       8 last vitals or ''  9 dropped by the client  10 window ms  11 lease ms  12 bucket  13 ms a token  14 digest after ms
--       then for each event: id  severity 0-3  1 if it may be muted and folded  count  time  payload
-- Returns 'X' when the key is of an older generation, else: verdicts, '1' when replayed, then per event 'count first last message'
-- Verdicts: A admitted  R repeat  M muted  D digested
local HEAD, STEP, KEEP, SLACK, MOST = 14, 6, 50, 32, 500
local now, window = tonumber(ARGV[1]), tonumber(ARGV[10])
local function num(x) return string.format('%.0f', x) end
local function each(text, pattern, f) for a, b in string.gmatch(text or '', pattern) do f(a, b) end end

local fields, at = {'gen', 'batches', 'bucket', 'mute', 'ring', 'reg', 'day', 'more', 'fresh'}, {}
for i = HEAD + 1, #ARGV, STEP do
  local id = ARGV[i]
  if not at[id] then
    at[id] = #fields + 1
    for _, field in ipairs({'d:', 'c:', 'm:'}) do fields[#fields + 1] = field .. id end
  end
end
local v = redis.call('HMGET', KEYS[1], unpack(fields))

local generation = tonumber(ARGV[4])
if tonumber(v[1] or 1) > generation then return {'X'} end

local function tell(verdicts, replayed)
  local answer = {verdicts, replayed}
  for i = HEAD + 1, #ARGV, STEP do
    local k = at[ARGV[i]]
    local first, last, count = string.match(v[k] or '', '^(%d+) (%d+) (%d+)')
    answer[#answer + 1] = (count or '0') .. ' ' .. (first or '0') .. ' ' .. (last or '0') .. ' ' .. (v[k + 1] or '')
  end
  return answer
end

-- A batch told before is answered as before. The same call asking again was never answered: it still has to deliver.
local past
each(v[2], '(%S+) (%S+)', function(id, rest) if id == ARGV[2] then past = rest end end)
if past then
  local call, verdicts = string.match(past, '^(.-)|(.*)$')
  return tell(verdicts, call == ARGV[3] and '0' or '1')
end

local tokens, stamp = string.match(v[3] or '', '^(%S+) (%S+)$')
stamp = tonumber(stamp or now)
if now < stamp then now = stamp end
tokens = math.min(tonumber(ARGV[12]), tonumber(tokens or ARGV[12]) + (now - stamp) / tonumber(ARGV[13]))

local set, wheel, verdicts, touched = {}, {}, {}, {}
local function put(field, value) set[#set + 1] = field; set[#set + 1] = value end
local function due(score, member) wheel[#wheel + 1] = num(score); wheel[#wheel + 1] = member end
local muteAll, swallowedAll = string.match(v[4] or '', '^(%d+) (%d+)$')
muteAll = tonumber(muteAll or 0)
local from, more, lost = string.match(v[8] or '', '^(%d+) (%d+) (%d+)$')
from, more, lost = from or num(now), tonumber(more or 0), tonumber(lost or 0) + tonumber(ARGV[9])
local ring = ' ' .. (v[5] or '') .. ' '
local fresh = tonumber(v[9] or 0)
local _, known = string.gsub(ring, '%S+', '')

for i = HEAD + 1, #ARGV, STEP do
  local id, severity, tame, count, time = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2] == '1', tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  local k = at[id]
  local first, last, total, worst, seen = string.match(v[k] or '', '^(%d+) (%d+) (%d+) (%d) (%d+)$')
  local open = first and (v[k + 1] == '' or tonumber(seen) + window > now)
  local muted, swallowed = string.match(v[k + 2] or '', '^(%d+) (%d+)$')
  local verdict
  if tame and tonumber(muted or 0) > now then
    verdict = 'M'
    v[k + 2] = muted .. ' ' .. num(tonumber(swallowed) + count)
  elseif tame and muteAll > now then
    verdict = 'M'
    swallowedAll = tonumber(swallowedAll) + count
  elseif open then
    verdict = 'R'
    v[k] = num(math.min(tonumber(first), time)) .. ' ' .. num(math.max(tonumber(last), time)) .. ' ' .. num(tonumber(total) + count)
      .. ' ' .. math.max(tonumber(worst), severity) .. ' ' .. num(now)
    due(now + window, 'w' .. ARGV[5] .. '\\n' .. id)
  elseif (tokens >= 1 and known < MOST) or (severity == 3 and tokens > -10) then
    verdict = 'A'
    tokens = tokens - 1
    v[k] = num(time) .. ' ' .. num(time) .. ' ' .. num(count) .. ' ' .. severity .. ' ' .. num(now)
    v[k + 1] = ''
    due(now + tonumber(ARGV[11]), 'o' .. ARGV[5] .. '\\n' .. id)
  else
    verdict = 'D'
    more = more + count
  end
  if verdict == 'A' or (verdict == 'M' and known < MOST) then
    put('p:' .. id, ARGV[i + 5])
    local s, e = string.find(ring, ' ' .. id .. ' ', 1, true)
    if s then ring = string.sub(ring, 1, s) .. string.sub(ring, e + 1) else known, fresh = known + 1, fresh + 1 end
    ring = ring .. id .. ' '
  end
  verdicts[#verdicts + 1] = verdict
  touched[id] = k
end

for id, k in pairs(touched) do
  if v[k] then put('d:' .. id, v[k]); put('c:' .. id, v[k + 1] or '') end
  if v[k + 2] then put('m:' .. id, v[k + 2]) end
end
if muteAll > now then put('mute', num(muteAll) .. ' ' .. num(swallowedAll)) end
if more + lost > 0 then
  put('more', from .. ' ' .. num(more) .. ' ' .. num(lost))
  if not v[8] then due(now + tonumber(ARGV[14]), 'g' .. ARGV[5]) end
end

-- Old entries go a few dozen at a time: two commands in a while instead of an expiry for each.
local pruning = fresh >= SLACK and v[6] == ARGV[7]
if pruning then
  local ids, old = {}, {}
  each(ring, '(%S+)', function(id) ids[#ids + 1] = id end)
  local ask = {}
  for i = 1, math.min(#ids - KEEP, MOST) do
    if not touched[ids[i]] then for _, field in ipairs({'d:', 'c:', 'm:'}) do ask[#ask + 1] = field .. ids[i] end end
  end
  if #ask > 0 then
    local w = redis.call('HMGET', KEYS[1], unpack(ask))
    for i = 1, #ask, 3 do
      local seen = tonumber(string.match(w[i] or '', '(%d+)$') or 0)
      local mute = tonumber(string.match(w[i + 2] or '', '^(%d+)') or 0)
      if w[i + 1] ~= '' and seen + window <= now and mute <= now then
        local id = string.sub(ask[i], 3)
        for _, field in ipairs({'d:', 'c:', 'm:', 'p:'}) do old[#old + 1] = field .. id end
        local s, e = string.find(ring, ' ' .. id .. ' ', 1, true)
        ring = string.sub(ring, 1, s) .. string.sub(ring, e + 1)
      end
    end
  end
  if #old > 0 then redis.call('HDEL', KEYS[1], unpack(old)) end
  fresh = 0
end

local batches, kept = {}, 0
each(v[2], '(%S+ %S+)', function(entry) batches[#batches + 1] = entry end)
batches[#batches + 1] = ARGV[2] .. ' ' .. ARGV[3] .. '|' .. table.concat(verdicts)
put('batches', table.concat(batches, ' ', math.max(1, #batches - 63)))
put('bucket', string.format('%.3f', tokens) .. ' ' .. num(now))
put('ring', string.match(ring, '^%s*(.-)%s*$'))
put('fresh', num(fresh))
if tonumber(v[1] or 1) < generation then put('gen', num(generation)) end
if ARGV[8] ~= '' then put('vitals', ARGV[8]) end

-- Forgotten 30 days after its last sign of life, counted in whole days so that most batches need not say so.
local day = num(math.floor(now / 86400000))
if v[6] ~= ARGV[7] then put('reg', ARGV[7]) end
local alive = v[7] ~= day and not pruning
if alive then put('day', day) end
redis.call('HSET', KEYS[1], unpack(set))
if alive then redis.call('EXPIRE', KEYS[1], 2592000) end
if not v[6] then redis.call('HSET', KEYS[3], ARGV[6], ARGV[5]) end
if #wheel > 0 then redis.call('ZADD', KEYS[2], unpack(wheel)) end
return tell(table.concat(verdicts), '0')
`;

/** What is due → leased to the caller. Three commands. Two callers never get the same member. */
export const CLAIM: string = /* lua */ `
-- KEYS  1 wheel
-- ARGV  1 now  2 lease until  3 at most
-- Returns the members claimed, the longest due first
local due = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[3])
if #due == 0 then return due end
local leased = {}
for _, member in ipairs(due) do
  leased[#leased + 1] = ARGV[2]
  leased[#leased + 1] = member
end
redis.call('ZADD', KEYS[1], 'XX', unpack(leased))
return due
`;

/** A window closes, unless something was added since its closer looked. Three commands. */
export const CLOSE: string = /* lua */ `
-- KEYS  1 service hash  2 wheel
-- ARGV  1 field  2 value the caller saw  3 member
-- Returns 1 when closed
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[3])
return 1
`;

/** A digest was told: its counts go down by what was told, and what came meanwhile waits for the next one. Four commands. */
export const DIGESTED: string = /* lua */ `
-- KEYS  1 service hash  2 wheel
-- ARGV  1 now  2 'from count lost' as told  3 member  4 next digest after ms
-- Returns what is left
local pattern = '^(%d+) (%d+) (%d+)$'
local from, more, lost = string.match(ARGV[2], pattern)
local from2, more2, lost2 = string.match(redis.call('HGET', KEYS[1], 'more') or '', pattern)
-- Another beginning: this digest was settled before, and the answer lost.
if from2 ~= from then return tonumber(more2 or 0) + tonumber(lost2 or 0) end
more, lost = tonumber(more2) - tonumber(more), tonumber(lost2) - tonumber(lost)
if more + lost > 0 then
  redis.call('HSET', KEYS[1], 'more', string.format('%s %.0f %.0f', ARGV[1], more, lost))
  redis.call('ZADD', KEYS[2], string.format('%.0f', tonumber(ARGV[1]) + tonumber(ARGV[4])), ARGV[3])
else
  redis.call('HDEL', KEYS[1], 'more')
  redis.call('ZREM', KEYS[2], ARGV[3])
end
return more + lost
`;
