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
 * A message's life is in `c:<id>`: empty while Telegram does not have it, then `<chat>:<message>:<count shown>`. Its
 * window stays open while it is empty, so that nothing waits twice, and while it shows less than was counted, so that
 * no count is lost. A higher severity and a full hour begin a new message; the old window moves to `<id>~<severity>` and closes.
 */
export const INGEST: string = /* lua */ `
-- KEYS  1 service hash  2 wheel  3 names of services
-- ARGV  1 now  2 batch id  3 call id  4 generation of the key  5 service name  6 service id  7 registry
--       8 last vitals or ''  9 dropped by the client  10 window ms  11 lease ms  12 bucket  13 ms a token  14 digest after ms
--       then for each event: id  severity 0-3  1 if it may be muted  count  time  payload
-- Returns 'X' when the key is of an older generation, else: verdicts, '1' when replayed, then per event 'count first last message'
-- Verdicts: A admitted  R repeat  M muted  D digested
local HEAD, STEP = 14, 6
local KEEP, SLACK, MOST, HOUR, REMEMBER = 50, 32, 500, 3600000, 8192
local now, window = tonumber(ARGV[1]), tonumber(ARGV[10])
local function num(x) return string.format('%.0f', x) end
local function words(text) local list = {}; for word in string.gmatch(text, '%S+') do list[#list + 1] = word end; return list end

local fields, at = {'gen', 'batches', 'bucket', 'mute', 'ring', 'reg', 'day', 'more', 'fresh'}, {}
for i = HEAD + 1, #ARGV, STEP do
  local id = ARGV[i]
  if not at[id] then
    at[id] = #fields + 1
    for _, field in ipairs({'d:', 'c:', 'm:'}) do fields[#fields + 1] = field .. id end
  end
end
local v = redis.call('HMGET', KEYS[1], unpack(fields))

local generation, newest = tonumber(ARGV[4]), tonumber(v[1] or 1)
if newest > generation then return {'X'} end

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
local batches = v[2] or ''
local _, past = string.find(batches, '\\n' .. ARGV[2] .. ' ', 1, true)
if past then
  local call, verdicts = string.match(batches, '^([^|]*)|([^\\n]*)', past + 1)
  return tell(verdicts, call == ARGV[3] and '0' or '1')
end

local tokens, stamp = string.match(v[3] or '', '^(%S+) (%S+)$')
stamp = tonumber(stamp or now)
if now < stamp then now = stamp end
tokens = math.min(tonumber(ARGV[12]), tonumber(tokens or ARGV[12]) + (now - stamp) / tonumber(ARGV[13]))

local set, wheel, verdicts, touched, ended = {}, {}, {}, {}, {}
local function put(field, value) set[#set + 1] = field; set[#set + 1] = value end
local function due(score, member) wheel[#wheel + 1] = num(score); wheel[#wheel + 1] = member end
local muteAll, swallowedAll = string.match(v[4] or '', '^(%d+) (%d+)$')
muteAll = tonumber(muteAll or 0)
local from, more, lost = string.match(v[8] or '', '^(%d+) (%d+) (%d+)$')
from, more, lost = from or num(now), tonumber(more or 0), tonumber(lost or 0) + tonumber(ARGV[9])
local ring = ' ' .. (v[5] or '') .. ' '
local fresh = tonumber(v[9] or 0)
local known = #words(ring)

local function forget(id)
  local s, e = string.find(ring, ' ' .. id .. ' ', 1, true)
  if s then ring = string.sub(ring, 1, s) .. string.sub(ring, e + 1) end
  return s
end
local function remember(id)
  if not forget(id) then known, fresh = known + 1, fresh + 1 end
  ring = ring .. id .. ' '
end

for i = HEAD + 1, #ARGV, STEP do
  local id, severity, mutable, count, time = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2] == '1', tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  local k = at[id]
  local first, last, total, worst, seen, opened = string.match(v[k] or '', '^(%d+) (%d+) (%d+) (%d) (%d+) (%d+)$')
  local place, shown = string.match(v[k + 1] or '', '^(.*):(%d+)$')
  local waits = first ~= nil and v[k + 1] == ''
  local open = first and (waits or tonumber(seen) + window > now or (shown and tonumber(total) > tonumber(shown)))
  local raised = open and not waits and (severity > tonumber(worst) or now - tonumber(opened) >= HOUR)
  local room = known < MOST
  local muted, swallowed = string.match(v[k + 2] or '', '^(%d+) (%d+)$')
  local verdict
  if mutable and tonumber(muted or 0) > now then
    verdict = 'M'
    v[k + 2] = muted .. ' ' .. num(tonumber(swallowed) + count)
  elseif mutable and muteAll > now then
    verdict = 'M'
    swallowedAll = tonumber(swallowedAll) + count
  elseif open and not raised then
    verdict = 'R'
    v[k] = table.concat({num(math.min(tonumber(first), time)), num(math.max(tonumber(last), time)), num(tonumber(total) + count),
      worst, num(now), opened}, ' ')
    due(now + window, 'w' .. ARGV[5] .. '\\n' .. id)
  elseif (tokens >= 1 and room) or (severity == 3 and tokens > -10) then
    verdict = 'A'
    tokens = tokens - 1
    if raised then ended[#ended + 1] = {id, v[k], v[k + 1]} end
    v[k] = table.concat({num(time), num(time), num(count), severity, num(now), num(now)}, ' ')
    v[k + 1] = ''
    due(now + tonumber(ARGV[11]), 'o' .. ARGV[5] .. '\\n' .. id)
  else
    verdict = 'D'
    more = more + count
  end
  if verdict == 'A' or (verdict == 'M' and room) then
    put('p:' .. id, ARGV[i + 5])
    remember(id)
  elseif verdict == 'R' and waits and severity > tonumber(worst) then
    put('p:' .. id, ARGV[i + 5]) -- nobody has seen it yet: it is told as its worst
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

-- What has just been outdone still has to show its number: its window moves aside and closes at once.
if #ended > 0 then
  local ask = {}
  for _, it in ipairs(ended) do ask[#ask + 1] = 'p:' .. it[1] end
  local payloads = redis.call('HMGET', KEYS[1], unpack(ask))
  for i, it in ipairs(ended) do
    local aside = it[1] .. '~' .. string.match(it[2], '^%d+ %d+ %d+ (%d)')
    if payloads[i] then
      put('d:' .. aside, it[2]); put('c:' .. aside, it[3]); put('p:' .. aside, payloads[i])
      remember(aside)
      due(now, 'w' .. ARGV[5] .. '\\n' .. aside)
    end
  end
end

-- Forgotten 30 days after its last sign of life, counted in whole days so that most batches need not say so. A service
-- whose key was rotated is kept: forgetting it would let the older key in again.
local day = num(math.floor(now / 86400000))
local alive = v[7] ~= day or newest < generation

-- Old entries go a few dozen at a time: two commands in a while instead of an expiry for each.
if not alive and #ended == 0 and (fresh >= SLACK or known >= MOST) then
  local ids, ask, old = words(ring), {}, {}
  for i = 1, math.min(#ids - KEEP, MOST) do
    if not touched[ids[i]] then for _, field in ipairs({'d:', 'c:', 'm:'}) do ask[#ask + 1] = field .. ids[i] end end
  end
  local w = #ask > 0 and redis.call('HMGET', KEYS[1], unpack(ask)) or {}
  for i = 1, #ask, 3 do
    local total, seen = string.match(w[i] or '', '^%d+ %d+ (%d+) %d (%d+)')
    local shown = string.match(w[i + 1] or '', ':(%d+)$')
    local isOpen = total and (w[i + 1] == '' or tonumber(seen) + window > now or (shown and tonumber(total) > tonumber(shown)))
    if not isOpen and tonumber(string.match(w[i + 2] or '', '^(%d+)') or 0) <= now then
      local id = string.sub(ask[i], 3)
      for _, field in ipairs({'d:', 'c:', 'm:', 'p:'}) do old[#old + 1] = field .. id end
      forget(id)
    end
  end
  if #old > 0 then redis.call('HDEL', KEYS[1], unpack(old)) end
  fresh = 0
end

batches = batches .. '\\n' .. ARGV[2] .. ' ' .. ARGV[3] .. '|' .. table.concat(verdicts)
if #batches > REMEMBER then batches = string.match(batches, '\\n.*$', #batches - REMEMBER) end
put('batches', batches)
put('bucket', string.format('%.3f', tokens) .. ' ' .. num(now))
put('ring', string.match(ring, '^%s*(.-)%s*$'))
put('fresh', num(fresh))
if newest < generation then put('gen', num(generation)) end
if ARGV[8] ~= '' then put('vitals', ARGV[8]) end
if v[6] ~= ARGV[7] then put('reg', ARGV[7]) end
if alive then put('day', day) end
redis.call('HSET', KEYS[1], unpack(set))
if alive and generation > 1 then redis.call('PERSIST', KEYS[1]) elseif alive then redis.call('EXPIRE', KEYS[1], 2592000) end
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

/** A digest was told: its counts go down by what was told, and what came meanwhile waits for the next one. Four commands. */
export const DIGESTED: string = /* lua */ `
-- KEYS  1 service hash  2 wheel
-- ARGV  1 now  2 'from count lost' as told, '' when there was nothing  3 member  4 next digest after ms
-- Returns what is left
local pattern = '^(%d+) (%d+) (%d+)$'
local from, more, lost = string.match(redis.call('HGET', KEYS[1], 'more') or '', pattern)
if not from then
  redis.call('ZREM', KEYS[2], ARGV[3])
  return 0
end
local toldFrom, toldMore, toldLost = string.match(ARGV[2], pattern)
-- Another beginning: this digest was settled before, and the answer lost.
if from ~= toldFrom then return more + lost end
more, lost = more - toldMore, lost - toldLost
if more + lost > 0 then
  redis.call('HSET', KEYS[1], 'more', string.format('%s %.0f %.0f', ARGV[1], more, lost))
  redis.call('ZADD', KEYS[2], string.format('%.0f', tonumber(ARGV[1]) + tonumber(ARGV[4])), ARGV[3])
else
  redis.call('HDEL', KEYS[1], 'more')
  redis.call('ZREM', KEYS[2], ARGV[3])
end
return more + lost
`;
