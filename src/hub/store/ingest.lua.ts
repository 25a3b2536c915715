import { BUDGET, CHAT } from "./budget.ts";
import { MONITOR } from "./monitor.lua.ts";
import { NIGHT } from "./quiet.ts";
import { TRAFFIC } from "./traffic.ts";
import { ERRORS, PAGES } from "./vitals.lua.ts";

/**
 * A batch of events → verdicts, and leave to call Telegram for them. Six commands at most, whatever its size; one more when
 * something in it outdoes a message, one where the group has moved, and one when an old instance's vitals go for a new one's.
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
--       9 dropped by the client  10 window ms  11 lease ms  12 bucket  13 ms a token  14 digest after ms  15 chat or '', or '?' and the chat that is believed to be bound
--       16 calls a chat may have  17 in so many ms  18 how many of them edits leave to others  19 how many alerts leave to what is critical
--       20 instance that says that it stops, or ''  21 instance  22 its samples: 'step=reading', a word each
--       23 errors: 'minute=count', a word each  24 its errors, warnings, slow calls and watchdog hits, a word each  25 its events by kind
--       then for each event: id  severity 0-3  1 if it may be muted  count  time  how long it took ms  title  payload
-- Returns 'X' when the key is of an older generation, else: verdicts, '1' when replayed, where the chat moved to ('none' when none is bound any more), why it is dead,
--         until when it has no topics, until when nobody calls it, from when to when it is quiet, the service's topic, when the first of the mutes ends that swallowed
--         something, how often the service is to beat, then per event 'count first last shows message': the event of this batch that its
--         message shows by now, '-' where that came before, and the message; an admitted one has the message that it replies to
-- Verdicts: A admitted  Q admitted, but told by whoever next has a call to spend  W admitted, beside a milder message that waits
--           R repeat  E repeat, and its message may be edited now  M muted  D digested
${BUDGET}${CHAT}${MONITOR}${PAGES}${ERRORS}${TRAFFIC}${NIGHT}
local HEAD, STEP = 25, 8
local SLACK, MOST, KINDS, HOUR, REMEMBER = 32, 500, 300, 3600000, 8192
local now, window = tonumber(ARGV[1]), tonumber(ARGV[10])
local function words(text) local list = {}; for word in string.gmatch(text, '%S+') do list[#list + 1] = word end; return list end
local function rungAt(count)
  if count < 2 then return 1 end
  local decade = 10 ^ math.floor(math.log10(count) + 1e-9)
  return decade * (count >= decade * 5 and 5 or count >= decade * 2 and 2 or 1)
end

-- A group that has moved is known by its new number from here on.
local chat, hub, movedTo = believed(ARGV[15]), nil, ''
local function readHub()
  hub = redis.call('HMGET', KEYS[3], 'calls:' .. chat, 'blocked:' .. chat, 'moved:' .. chat, 'dead:' .. chat,
    'plain:' .. chat, 'digest', 'mutes', 'bound', 'quiet', 'dashboard')
end
local function turnTo(other) chat = other; movedTo = chat == '' and 'none' or chat; readHub() end
readHub()
local bound = chatOf(ARGV[15], hub[8])
if bound ~= chat then turnTo(bound) end
if hub[3] then turnTo(hub[3]) end
local most, span, editsLeave, alertsLeave = limitsOf(chat, ARGV[15], ARGV[16], ARGV[17], ARGV[18], ARGV[19])

local fields, at = {'gen', 'batches', 'bucket', 'topic:' .. chat, 'ring', 'reg', 'day', 'more', 'fresh', 'kinds', 'b:', 'bc:', 'instances', 'traffic', 'night'}, {}
for i = HEAD + 1, #ARGV, STEP do
  local id = ARGV[i]
  if not at[id] then
    at[id] = #fields + 1
    for _, field in ipairs({'d:', 'c:'}) do fields[#fields + 1] = field .. id end
  end
end
local samples = samplesOf(ARGV[22])
openVitals(fields, ARGV[21] .. ':', samples)
openErrors(fields, ARGV[23])
local v = redis.call('HMGET', KEYS[1], unpack(fields))

local generation, newest = tonumber(ARGV[4]), tonumber(v[1] or 1)
if newest > generation then return {'X'} end

-- Places of messages that a new one has just outdone: it replies to them. And which event of this batch a message shows by now.
local outdone, shows, mutedUntil = {}, {}, nil
local function tell(verdicts, replayed)
  local answer = {verdicts, replayed, movedTo, hub[4] or '', hub[5] or '', hub[2] or '', hub[9] or '', v[4] or '',
    mutedUntil and num(mutedUntil) or '', string.match(v[12] or '', '^([1-9]%d*) ') or ''}
  for i = HEAD + 1, #ARGV, STEP do
    local k = at[ARGV[i]]
    local first, last, count = string.match(v[k] or '', '^(%d+) (%d+) (%d+)')
    local place = v[k + 1] or ''
    if place == '' then place = outdone[ARGV[i]] or '' end
    answer[#answer + 1] = (count or '0') .. ' ' .. (first or '0') .. ' ' .. (last or '0') .. ' ' .. (shows[ARGV[i]] or '-') .. ' ' .. place
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

local calls, free = budgetOf(hub[1], hub[2], most, span, now)
if chat == '' then free = 1000 end
local spare, spent = free - editsLeave, 0
local function spend() spent, free, spare = spent + 1, free - 1, spare - 1 end

local tokens, stamp = string.match(v[3] or '', '^(%S+) (%S+)$')
stamp = tonumber(stamp or now)
if now < stamp then now = stamp end
tokens = math.min(tonumber(ARGV[12]), tonumber(tokens or ARGV[12]) + (now - stamp) / tonumber(ARGV[13]))

local set, shared, wheel, verdicts, touched, edited, ended = {}, {}, {}, {}, {}, {}, {}
local function put(field, value) set[#set + 1] = field; set[#set + 1] = value end
local function share(field, value) shared[#shared + 1] = field; shared[#shared + 1] = value end
local function due(score, member) wheel[#wheel + 1] = num(score); wheel[#wheel + 1] = member end
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

-- The mutes that hold: of a kind, of this service, of all. Lines of 'until swallowed service id title'.
local mutes = {}
for line in string.gmatch(hub[7] or '', '[^\\n]+') do
  local till, swallowed, of, rest = string.match(line, '^(%d+) (%d+) (%S+ %S+)(.*)$')
  mutes[#mutes + 1] = {till, tonumber(swallowed), of, rest}
end
local function swallowedBy(id, count)
  for _, of in ipairs({ARGV[5] .. ' ' .. id, '* ' .. id, ARGV[5] .. ' *', '* *'}) do
    for _, mute in ipairs(mutes) do
      if mute[3] == of and tonumber(mute[1]) > now then
        mute[2] = mute[2] + count
        mutedUntil = math.min(mutedUntil or FAR, tonumber(mute[1]))
        return true
      end
    end
  end
  return false
end

local function remember(id)
  local s, e = string.find(ring, ' ' .. id .. ' ', 1, true)
  if s then ring = string.sub(ring, 1, s) .. string.sub(ring, e + 1) else known, fresh = known + 1, fresh + 1 end
  ring = ring .. id .. ' '
end

-- Takes a message in: with a call to spend it is leased to the hub that brought it, else it is due at once.
local function admit(id, severity)
  tokens = tokens - 1
  due(free > 0 and now + tonumber(ARGV[11]) or now, (severity >= 3 and 'O' or 'o') .. ARGV[5] .. '\\n' .. id)
  if free > 0 then spend() end
  if hub[10] then due(now, 'd') end -- the dashboard shows it too
end

for i = HEAD + 1, #ARGV, STEP do
  local id, severity, mutable, count, time = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2] == '1', tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  local took, k, nth = tonumber(ARGV[i + 5]), at[id], num((i - HEAD - 1) / STEP)
  local first, last, total, worst, seen, opened, rank, longest = string.match(v[k] or '', '^(%d+) (%d+) (%d+) (%d) (%d+) (%d+) (%d) (%d+)$')
  local place, shown = string.match(v[k + 1] or '', '^(.*):(%d+)$')
  local waits = first ~= nil and v[k + 1] == ''
  local open = first and (waits or tonumber(seen) + window > now or (shown and tonumber(total) > tonumber(shown)))
  local raised = open and not waits and (severity > tonumber(worst) or now - tonumber(opened) >= HOUR)
  local room = known < MOST
  local urgent = not mutable and tokens > -10 -- critical, or a start or a stop
  local reserved = mutable and alertsLeave or 0
  local begun = table.concat({num(time), num(time), num(count), severity, num(now), num(now), severity, num(took)}, ' ')
  local verdict
  if mutable and swallowedBy(id, count) then
    verdict = 'M'
  elseif waits and severity > tonumber(worst) and free > reserved and (tokens >= 1 or urgent) then
    -- Somebody may be telling the milder one at this moment: what is worse is told by itself.
    verdict = 'W'
    v[k] = table.concat({first, last, total, severity, num(now), opened, rank, longest}, ' ')
    local own = id .. '~' .. ARGV[2] .. '.' .. nth
    put('d:' .. own, begun)
    put('c:' .. own, '')
    put('p:' .. own, ARGV[i + 7])
    remember(own)
    admit(own, severity)
  elseif open and not raised then
    verdict = 'R'
    total = tonumber(total) + count
    -- Its message shows the newest; never a milder one, nor a shorter one: the end of what blocked or was slow says the most.
    local isWorse = waits and severity > tonumber(worst) and severity > tonumber(rank) -- nobody has seen it yet: it is told as its worst
    local isTwice = false
    if isWorse or (severity == tonumber(rank) and took >= tonumber(longest)) then
      isTwice = took > 0 and took >= 2 * tonumber(longest)
      rank, longest = severity, num(took)
      put('p:' .. id, ARGV[i + 7])
      shows[id] = nth
    end
    v[k] = table.concat({num(math.min(tonumber(first), time)), num(math.max(tonumber(last), time)), num(total), worst, num(now), opened, rank, longest}, ' ')
    due(now + window, 'w' .. ARGV[5] .. '\\n' .. id)
    if shown and (isTwice or rungAt(total) > tonumber(shown)) and spare > 0 and not edited[id] then
      verdict = 'E'
      edited[id] = true -- with all that this batch adds
      spend()
    end
  elseif (free > reserved and tokens >= 1 and room) or (urgent and (free > 0 or room)) then
    verdict = free > 0 and 'A' or 'Q'
    admit(id, severity)
    if raised then
      ended[#ended + 1] = {id, v[k], v[k + 1]}
      outdone[id] = v[k + 1]
    end
    v[k] = begun
    v[k + 1] = ''
    shows[id] = nth
  else
    verdict = 'D'
    merged = merged + count
    merge(id, severity, count, ARGV[i + 6])
  end
  if verdict == 'A' or verdict == 'Q' or (verdict == 'M' and room and not open) then
    put('p:' .. id, ARGV[i + 7])
    remember(id)
  end
  verdicts[#verdicts + 1] = verdict
  touched[id] = k
end

for id, k in pairs(touched) do
  if v[k] then put('d:' .. id, v[k]); put('c:' .. id, v[k + 1] or '') end
end
if mutedUntil then
  local lines = {}
  for _, mute in ipairs(mutes) do lines[#lines + 1] = mute[1] .. ' ' .. num(mute[2]) .. ' ' .. mute[3] .. mute[4] end
  share('mutes', table.concat(lines, '\\n'))
end

if merged + tonumber(ARGV[9]) > 0 then
  put('more', from .. ' ' .. num(more + merged) .. ' ' .. num(lost))
  if kinds then
    local lines = {}
    for _, kind in ipairs(kinds) do lines[#lines + 1] = kind[1] .. ' ' .. kind[2] .. ' ' .. num(kind[3]) .. ' ' .. kind[4] end
    put('kinds', table.concat(lines, '\\n'))
  end
  if not v[8] then
    share('digest', (hub[6] or '') .. ARGV[5] .. ' ')
    if not hub[6] then due(now + tonumber(ARGV[14]), 'g') end
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

-- Silence that was announced is no alarm: the service rests when its last instance says that it stops.
if ARGV[20] ~= '' and v[11] then
  local m = monitorOf(v[11])
  for i, it in ipairs(m.instances) do
    if it.name == ARGV[20] then
      table.remove(m.instances, i)
      if #m.instances == 0 and m.status == 'u' then m.status, m.since = 'r', now end
      put('b:', lineOf(m))
      break
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
readPages(v)
local gone = keepSamples(v[13], ARGV[21], samples, now, put)
keepErrors(ARGV[23])
putPages(put)
if v[6] ~= ARGV[7] then put('reg', ARGV[7]) end
if ARGV[24] ~= '0 0 0 0' then put('traffic', trafficWith(v[14] or '', now, ARGV[24])) end
local quietFrom, quietTo = string.match(hub[9] or '', '^(%d+) (%d+)')
if quietFrom and now >= tonumber(quietFrom) and now < tonumber(quietTo) then put('night', nightWith(v[15] or '', quietFrom, ARGV[25])) end

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
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(fieldsOf(gone))) end
if #shared > 0 then redis.call('HSET', KEYS[3], unpack(shared)) end
if #wheel > 0 then redis.call('ZADD', KEYS[2], unpack(wheel)) end
return tell(table.concat(verdicts), '0')
`;
