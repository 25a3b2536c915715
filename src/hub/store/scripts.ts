/**
 * What Redis does for us in one go. Upstash bills every command inside a script as well, so each script reads what
 * it needs of a key at once, and writes it at once. `now` is an argument, and every script may be run twice for one request:
 * the client resends what it got no answer to.
 *
 * A test pins the hash of each: hubs of two versions run side by side during a deployment and share these formats.
 */

/** Reads the budget of one chat; part of the scripts that let a hub call Telegram. */
const BUDGET = /* lua */ `
-- What is left of a chat's budget: at most LIMIT calls in any SPAN, none before a penalty is over.
local function budgetOf(state, blocked, limit, span, now)
  local calls = {}
  for at in string.gmatch(state or '', '%d+') do if tonumber(at) > now - span then calls[#calls + 1] = at end end
  return calls, tonumber(blocked or 0) > now and 0 or limit - #calls
end
`;

/**
 * A batch of events → verdicts, and leave to call Telegram for them. Six commands at most, whatever its size.
 *
 * A message's life is in `c:<id>`: empty while Telegram does not have it, then `<chat>:<message>:<count shown>`. Its
 * window stays open while it is empty, so that nothing waits twice, and while it shows less than was counted, so that
 * no count is lost. A higher severity and a full hour begin a new message; the old window moves to `<id>~<severity>`.
 *
 * What is admitted has its call to Telegram granted, out of the one budget of its chat. What does not fit the budget
 * of the chat or of the service is merged: it is counted, by kind, for the chat's digest.
 */
export const INGEST: string = /* lua */ `
-- KEYS  1 service hash  2 wheel  3 hub hash
-- ARGV  1 now  2 batch id  3 call id  4 generation of the key  5 service name  6 service id  7 registry  8 last vitals or ''
--       9 dropped by the client  10 window ms  11 lease ms  12 bucket  13 ms a token  14 digest after ms  15 chat or ''
--       16 calls a chat may have  17 in so many ms  18 how many of them edits leave to others  19 how many alerts leave to what is critical
--       then for each event: id  severity 0-3  1 if it may be muted  count  time  title  payload
-- Returns 'X' when the key is of an older generation, else: verdicts, '1' when replayed, where the chat moved to, why it is dead,
--         then per event 'count first last message', where an admitted one has the message that it replies to
-- Verdicts: A admitted  R repeat  E repeat, and its message may be edited now  M muted  D digested
${BUDGET}
local HEAD, STEP = 19, 7
local SLACK, MOST, KINDS, HOUR, REMEMBER = 32, 500, 300, 3600000, 8192
local now, window = tonumber(ARGV[1]), tonumber(ARGV[10])
local function num(x) return string.format('%.0f', x) end
local function words(text) local list = {}; for word in string.gmatch(text, '%S+') do list[#list + 1] = word end; return list end
local function rungAt(count)
  if count < 2 then return 1 end
  local decade = 10 ^ math.floor(math.log10(count) + 1e-9)
  return decade * (count >= decade * 5 and 5 or count >= decade * 2 and 2 or 1)
end

local fields, at = {'gen', 'batches', 'bucket', 'mute', 'ring', 'reg', 'day', 'more', 'fresh', 'kinds'}, {}
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

local chat = ARGV[15]
local hub = redis.call('HMGET', KEYS[3], 'calls:' .. chat, 'blocked:' .. chat, 'moved:' .. chat, 'dead:' .. chat, 'digest')

-- Places of messages that a new one has just outdone: it replies to them.
local outdone = {}
local function tell(verdicts, replayed)
  local answer = {verdicts, replayed, hub[3] or '', hub[4] or ''}
  for i = HEAD + 1, #ARGV, STEP do
    local k = at[ARGV[i]]
    local first, last, count = string.match(v[k] or '', '^(%d+) (%d+) (%d+)')
    local place = v[k + 1] or ''
    if place == '' then place = outdone[ARGV[i]] or '' end
    answer[#answer + 1] = (count or '0') .. ' ' .. (first or '0') .. ' ' .. (last or '0') .. ' ' .. place
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

local calls, free = budgetOf(hub[1], hub[2], tonumber(ARGV[16]), tonumber(ARGV[17]), now)
if chat == '' then free = 1000 end
local spare, spent = free - tonumber(ARGV[18]), 0
local function spend() spent, free, spare = spent + 1, free - 1, spare - 1 end

local tokens, stamp = string.match(v[3] or '', '^(%S+) (%S+)$')
stamp = tonumber(stamp or now)
if now < stamp then now = stamp end
tokens = math.min(tonumber(ARGV[12]), tonumber(tokens or ARGV[12]) + (now - stamp) / tonumber(ARGV[13]))

local set, shared, wheel, verdicts, touched, ended = {}, {}, {}, {}, {}, {}
local function put(field, value) set[#set + 1] = field; set[#set + 1] = value end
local function share(field, value) shared[#shared + 1] = field; shared[#shared + 1] = value end
local function due(score, member) wheel[#wheel + 1] = num(score); wheel[#wheel + 1] = member end
local muteAll, swallowedAll = string.match(v[4] or '', '^(%d+) (%d+)$')
muteAll = tonumber(muteAll or 0)
local from, more, lost = string.match(v[8] or '', '^(%d+) (%d+) (%d+)$')
from, more, lost = from or num(now), tonumber(more or 0), tonumber(lost or 0) + tonumber(ARGV[9])
local merged = 0
local ring = ' ' .. (v[5] or '') .. ' '
local fresh = tonumber(v[9] or 0)
local known = #words(ring)

-- How many of each kind the digest has to tell: lines of 'id severity count title'.
local kinds, kindAt
local function merge(id, severity, count, title)
  if not kinds then
    kinds, kindAt = {}, {}
    for line in string.gmatch(v[10] or '', '[^\\n]+') do
      local i, s, c, t = string.match(line, '^(%S+) (%d) (%d+) (.*)$')
      kinds[#kinds + 1] = {i, tonumber(s), tonumber(c), t}
      kindAt[i] = #kinds
    end
  end
  if not kindAt[id] and #kinds >= KINDS then return end
  if not kindAt[id] then kinds[#kinds + 1] = {id, severity, 0, title}; kindAt[id] = #kinds end
  local kind = kinds[kindAt[id]]
  kind[2], kind[3] = math.max(kind[2], severity), kind[3] + count
end

local function remember(id)
  local s, e = string.find(ring, ' ' .. id .. ' ', 1, true)
  if s then ring = string.sub(ring, 1, s) .. string.sub(ring, e + 1) else known, fresh = known + 1, fresh + 1 end
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
    total = tonumber(total) + count
    v[k] = table.concat({num(math.min(tonumber(first), time)), num(math.max(tonumber(last), time)), num(total), worst, num(now), opened}, ' ')
    due(now + window, 'w' .. ARGV[5] .. '\\n' .. id)
    if shown and rungAt(total) > tonumber(shown) and spare > 0 then
      verdict = 'E'
      spend()
    end
  elseif free > (mutable and tonumber(ARGV[19]) or 0) and ((tokens >= 1 and room) or (not mutable and tokens > -10)) then
    verdict = 'A'
    tokens = tokens - 1
    spend()
    if raised then
      ended[#ended + 1] = {id, v[k], v[k + 1]}
      outdone[id] = v[k + 1]
    end
    v[k] = table.concat({num(time), num(time), num(count), severity, num(now), num(now)}, ' ')
    v[k + 1] = ''
    due(now + tonumber(ARGV[11]), 'o' .. ARGV[5] .. '\\n' .. id)
  else
    verdict = 'D'
    merged = merged + count
    merge(id, severity, count, ARGV[i + 5])
  end
  if verdict == 'A' or (verdict == 'M' and room) then
    put('p:' .. id, ARGV[i + 6])
    remember(id)
  elseif verdict == 'R' and waits and severity > tonumber(worst) then
    put('p:' .. id, ARGV[i + 6]) -- nobody has seen it yet: it is told as its worst
  end
  verdicts[#verdicts + 1] = verdict
  touched[id] = k
end

for id, k in pairs(touched) do
  if v[k] then put('d:' .. id, v[k]); put('c:' .. id, v[k + 1] or '') end
  if v[k + 2] then put('m:' .. id, v[k + 2]) end
end
if muteAll > now then put('mute', num(muteAll) .. ' ' .. num(swallowedAll)) end

if merged + tonumber(ARGV[9]) > 0 then
  put('more', from .. ' ' .. num(more + merged) .. ' ' .. num(lost))
  if kinds then
    local lines = {}
    for _, kind in ipairs(kinds) do lines[#lines + 1] = kind[1] .. ' ' .. kind[2] .. ' ' .. num(kind[3]) .. ' ' .. kind[4] end
    put('kinds', table.concat(lines, '\\n'))
  end
  if not v[8] then
    share('digest', (hub[5] or '') .. ARGV[5] .. ' ')
    if not hub[5] then due(now + tonumber(ARGV[14]), 'g') end
  end
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

batches = batches .. '\\n' .. ARGV[2] .. ' ' .. ARGV[3] .. '|' .. table.concat(verdicts)
if #batches > REMEMBER then batches = string.match(batches, '\\n.*$', #batches - REMEMBER) end
put('batches', batches)
put('bucket', string.format('%.3f', tokens) .. ' ' .. num(now))
put('ring', string.match(ring, '^%s*(.-)%s*$'))
if fresh >= SLACK or known >= MOST then
  due(now, 'p' .. ARGV[5])
  fresh = 0
end
put('fresh', num(fresh))
if newest < generation then put('gen', num(generation)) end
if ARGV[8] ~= '' then put('vitals', ARGV[8]) end
if v[6] ~= ARGV[7] then put('reg', ARGV[7]) end

-- Forgotten 30 days after its last sign of life, counted in whole days so that most batches need not say so.
local day = num(math.floor(now / 86400000))
if v[7] ~= day then
  put('day', day)
  due(now + 2592000000, 'f' .. ARGV[5])
end
if not v[6] then share('name:' .. ARGV[6], ARGV[5]) end
if chat ~= '' and spent > 0 then
  for _ = 1, spent do calls[#calls + 1] = num(now) end
  share('calls:' .. chat, table.concat(calls, ' '))
end
redis.call('HSET', KEYS[1], unpack(set))
if #shared > 0 then redis.call('HSET', KEYS[3], unpack(shared)) end
if #wheel > 0 then redis.call('ZADD', KEYS[2], unpack(wheel)) end
return tell(table.concat(verdicts), '0')
`;

/**
 * What is due → leased to the caller, as far as the chat's budget goes: messages first, then the digest, then edits.
 * Five commands at most. Two callers never get the same member, nor the same call to Telegram.
 */
export const CLAIM: string = /* lua */ `
-- KEYS  1 wheel  2 hub hash
-- ARGV  1 now  2 lease until  3 at most  4 chat  5 calls a chat may have  6 in so many ms  7 how many of them edits leave to others
-- Returns where the chat moved to, why it is dead, then the members claimed
${BUDGET}
local now, chat = tonumber(ARGV[1]), ARGV[4]
local hub = redis.call('HMGET', KEYS[2], 'calls:' .. chat, 'blocked:' .. chat, 'moved:' .. chat, 'dead:' .. chat)
local calls, free = budgetOf(hub[1], hub[2], tonumber(ARGV[5]), tonumber(ARGV[6]), now)
if chat == '' then free = 0 end
local before = #calls
local due = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, 200)
local answer, leased = {hub[3] or '', hub[4] or ''}, {}
-- Kinds of members, and how many calls each has to leave; what needs no call has nothing to leave.
for _, turn in ipairs({{'[pf]', nil}, {'o', 0}, {'g', 0}, {'w', tonumber(ARGV[7])}}) do
  for _, member in ipairs(due) do
    if #answer - 2 >= tonumber(ARGV[3]) then break end
    if string.find(member, '^' .. turn[1]) and (not turn[2] or free > turn[2]) then
      if turn[2] then free = free - 1; calls[#calls + 1] = ARGV[1] end
      answer[#answer + 1] = member
      leased[#leased + 1] = ARGV[2]
      leased[#leased + 1] = member
    end
  end
end
if #leased > 0 then redis.call('ZADD', KEYS[1], 'XX', unpack(leased)) end
if #calls > before then redis.call('HSET', KEYS[2], 'calls:' .. chat, table.concat(calls, ' ')) end
return answer
`;

/** A chat is left alone until a time, unless that was later already, and what was meant for it waits. Five commands at most. */
export const BLOCK: string = /* lua */ `
-- KEYS  1 wheel  2 hub hash
-- ARGV  1 chat  2 until  3 why it is dead, '' when it is only busy  then the members that wait
if tonumber(redis.call('HGET', KEYS[2], 'blocked:' .. ARGV[1]) or 0) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[2], 'blocked:' .. ARGV[1], ARGV[2])
end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], 'dead:' .. ARGV[1], ARGV[3]) end
local waiting = {}
for i = 4, #ARGV do waiting[#waiting + 1] = ARGV[2]; waiting[#waiting + 1] = ARGV[i] end
if #waiting > 0 then redis.call('ZADD', KEYS[1], 'XX', unpack(waiting)) end
return 1
`;

/** Old entries of a service go: those beyond the last fifty that are closed, told and not muted. Five commands. */
export const PRUNE: string = /* lua */ `
-- KEYS  1 service hash  2 wheel
-- ARGV  1 now  2 window ms  3 member  4 ids to keep
-- Returns how many went
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[3])
local ids, ask = {}, {}
for id in string.gmatch(redis.call('HGET', KEYS[1], 'ring') or '', '%S+') do ids[#ids + 1] = id end
for i = 1, #ids - tonumber(ARGV[4]) do
  for _, field in ipairs({'d:', 'c:', 'm:'}) do ask[#ask + 1] = field .. ids[i] end
end
if #ask == 0 then return 0 end
local v, old, kept = redis.call('HMGET', KEYS[1], unpack(ask)), {}, {}
for i = 1, #ids do
  local k = i * 3 - 2
  local total, seen = string.match(v[k] or '', '^%d+ %d+ (%d+) %d (%d+)')
  local shown = string.match(v[k + 1] or '', ':(%d+)$')
  local isOpen = total and (v[k + 1] == '' or tonumber(seen) + window > now or (shown and tonumber(total) > tonumber(shown)))
  local isMuted = tonumber(string.match(v[k + 2] or '', '^(%d+)') or 0) > now
  if k > #ask or isOpen or isMuted then
    kept[#kept + 1] = ids[i]
  else
    for _, field in ipairs({'d:', 'c:', 'm:', 'p:'}) do old[#old + 1] = field .. ids[i] end
  end
end
if #old == 0 then return 0 end
redis.call('HDEL', KEYS[1], unpack(old))
redis.call('HSET', KEYS[1], 'ring', table.concat(kept, ' '))
return #old / 4
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

/** A digest ends, unless anything was added since it was told. Commands: four, and two for each service. */
export const DIGESTED: string = /* lua */ `
-- KEYS  1 hub hash  2 wheel  then the service hashes
-- ARGV  1 names of the services as read  then for each 'from count lost' as told
-- Returns 1 when it ended
if redis.call('HGET', KEYS[1], 'digest') ~= ARGV[1] then return 0 end
for i = 3, #KEYS do
  if redis.call('HGET', KEYS[i], 'more') ~= ARGV[i - 1] then return 0 end
end
for i = 3, #KEYS do redis.call('HDEL', KEYS[i], 'more', 'kinds') end
redis.call('HDEL', KEYS[1], 'digest', 'told')
redis.call('ZREM', KEYS[2], 'g')
return 1
`;
