/**
 * Monitors: what a beat does to them, and what time does. A monitor's state is one field of its service's hash, so that a
 * beat reads and writes it with everything else it needs. README.md beside this file tells the formats.
 */

import { PAGES } from "./vitals.lua.ts";

/** How a monitor is read, settled and written; part of every script that touches one. */
export const MONITOR: string = /* lua */ `
local FAR = 253402300799000
local MANY_RUNS, MANY_INSTANCES, MANY_NOTICES, LONG, BLIND = 20, 50, 200, 259200000, 150000
local LETTERS = {success = 's', start = 'b', fail = 'f', log = 'l'}
local function num(x) return string.format('%.0f', x) end

local function monitorOf(line)
  local f = {}
  for word in string.gmatch(line or 'n 0 0 0 0 0 0 0 0 0 - - - - -', '%S+') do f[#f + 1] = word end
  local m = {status = f[1], requests = f[11], took = f[14], why = f[15], runs = {}, instances = {}, news = {}, putOff = 0, flips = 0}
  for i, name in ipairs({'since', 'at', 'last', 'expected', 'fails', 'begun', 'ext', 'remindAt', 'vitals'}) do m[name] = tonumber(f[i + 1]) end
  for rid, start, told in string.gmatch(f[12], '([^,=]*)=(%d+)(!?)') do
    m.runs[#m.runs + 1] = {rid = rid, start = tonumber(start), told = told == '!'}
  end
  for name, at in string.gmatch(f[13], '([^,=]+)=(%d+)') do m.instances[#m.instances + 1] = {name = name, at = tonumber(at)} end
  return m
end

local function lineOf(m)
  local runs, instances = {}, {}
  for i, run in ipairs(m.runs) do runs[i] = run.rid .. '=' .. num(run.start) .. (run.told and '!' or '') end
  for i, it in ipairs(m.instances) do instances[i] = it.name .. '=' .. num(it.at) end
  local function list(words) return #words > 0 and table.concat(words, ',') or '-' end
  return table.concat({m.status, num(m.since), num(m.at), num(m.last), num(m.expected), num(m.fails), num(m.begun), num(m.ext),
    num(m.remindAt), num(m.vitals), m.requests, list(runs), list(instances), m.took, m.why}, ' ')
end

-- 'every grace max failures remind hash json'
local function expectationOf(line)
  local every, grace, max, failures, remind, hash = string.match(line, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%S+) ')
  return {every = tonumber(every), grace = tonumber(grace), max = tonumber(max), failures = tonumber(failures), remind = tonumber(remind), hash = hash}
end

-- How long we were blind around a time: between two ticks that are too far apart, or since the last one. Where they come
-- seldom, by whoever has traffic, it takes more.
local function blindAt(ring, now, time)
  local ticks, gaps = {now}, {}
  for _, at in ipairs(ring) do if at > 0 then ticks[#ticks + 1] = at end end
  table.sort(ticks)
  for i = 2, #ticks do gaps[i - 1] = ticks[i] - ticks[i - 1] end
  table.sort(gaps)
  local most = math.max(BLIND, #gaps >= 8 and gaps[math.ceil(#gaps / 2)] * 2.5 or 0)
  for i = 2, #ticks do
    if ticks[i] - ticks[i - 1] > most and time > ticks[i - 1] and time <= ticks[i] then return ticks[i] - ticks[i - 1], ticks[i - 1], ticks[i] end
  end
end

-- When it goes down if nothing more comes, and of which run.
local function deadlineOf(m, e)
  if m.status ~= 'u' then return end
  local time, culprit
  if m.expected > 0 then
    time = m.expected + e.grace
    if m.begun > 0 and m.begun <= time then time = math.max(time, m.begun + e.max) end
  end
  for _, run in ipairs(m.runs) do
    if not run.told and (not time or run.start + e.max < time) then time, culprit = run.start + e.max, run end
  end
  return time and math.max(time + m.ext, m.since), culprit
end

local function say(m, ...) m.news[#m.news + 1] = table.concat({...}, ' ') end

-- Down for a reason: s silent, t stuck, f failed.
local function flip(m, e, status, at, why)
  m.status, m.since, m.flips, m.why = status, at, m.flips + 1, why or '-'
  m.remindAt = status == 'd' and e.remind > 0 and at + e.remind or 0
end

-- Of several instances one is silent; the freshest stands for all and has the deadline.
local function freshest(m)
  local at = 0
  for _, it in ipairs(m.instances) do at = math.max(at, it.at) end
  return at
end

local function settle(m, e, now, ringOf)
  local time, culprit = deadlineOf(m, e)
  while time and time <= now do
    local gap, from, to
    if m.ext == 0 then gap, from, to = blindAt(ringOf(), now, time) end
    if gap then
      m.ext, m.putOff, m.blindFrom, m.blindTo = gap, 1, from, to
    else
      if culprit then say(m, 't', num(time), num(culprit.start), culprit.rid) else say(m, 's', num(time)) end
      flip(m, e, 'd', time, culprit and 't' or 's')
    end
    time, culprit = deadlineOf(m, e)
  end
  local runs = {}
  for _, run in ipairs(m.runs) do
    if m.status == 'd' and run.start + e.max <= now then run.told = true end
    if now - run.start <= math.max(LONG, e.max) then runs[#runs + 1] = run end
  end
  m.runs = runs
  local newest, instances = freshest(m), {}
  for _, it in ipairs(m.instances) do
    local lost = m.status == 'u' and it.at < newest and it.at + e.every + e.grace + m.ext <= now
    if not lost then instances[#instances + 1] = it end
    if lost then say(m, 'l', num(it.at + e.every + e.grace + m.ext), '%alive', it.name) end
  end
  for i, line in ipairs(m.news) do m.news[i] = string.gsub(line, '%%alive', tostring(#instances)) end
  m.instances = instances
end

-- When it has to be looked at again.
local function dueOf(m, e)
  if m.status == 'd' and m.remindAt > 0 then return m.remindAt end
  local due = deadlineOf(m, e)
  if not due then return FAR end
  local newest = freshest(m)
  for _, it in ipairs(m.instances) do
    if it.at < newest then due = math.min(due, it.at + e.every + e.grace + m.ext) end
  end
  return due
end

-- What waits to be told, with what is new: the oldest ups and downs go when there are too many, in pairs.
local function noticesOf(m, waiting)
  local lines = {}
  for line in string.gmatch(waiting or '', '[^\\n]+') do lines[#lines + 1] = line end
  for _, line in ipairs(m.news) do lines[#lines + 1] = line end
  while #lines > MANY_NOTICES do table.remove(lines, 1); table.remove(lines, 1) end
  return table.concat(lines, '\\n')
end

local function ticksOf(key)
  local ask = {}
  for i = 0, 31 do ask[#ask + 1] = 'GET'; ask[#ask + 1] = 'i64'; ask[#ask + 1] = '#' .. i end
  return redis.call('BITFIELD', key, unpack(ask))
end
`;

/** One beat. Four commands; one more when it ends a silence, makes its monitor, or an old instance's vitals go for a new one's. */
export const BEAT: string = /* lua */ `
-- KEYS  1 service hash  2 wheel  3 times of the ticks  4 hub hash
-- ARGV  1 now  2 service  3 service id  4 generation of the key  5 name  6 action  7 exit status  8 run  9 request id
--       10 expectation asked for, or ''  11 its hash  12 its slots  13 expectation when none is asked for  14 output or ''  15 instance or ''
--       16 last vitals or ''  17 most monitors  18 vitals are missed after ms  19 how long the return of many is gathered ms
--       20 samples of the instance: 'step=reading', a word each
-- Returns 'X' when the key is of an older generation, 'F' when there are too many monitors, 'N' and the expectation when its slots
--         are wanted, else 'K', 'c' when it is new and 'n' when there are news, and how often it is to beat
${MONITOR}${PAGES}
local now, name, action, request = tonumber(ARGV[1]), ARGV[5], ARGV[6], ARGV[9]
local fields = {'gen', 'b:' .. name, 'bc:' .. name, 'bs:' .. name, 'n:' .. name, 'bx:' .. name, 'monitors', 'day', 'bm:' .. name, 'instances'}
local instance, samples = ARGV[15], samplesOf(ARGV[20])
openVitals(fields, instance .. ':', samples)
local v = redis.call('HMGET', KEYS[1], unpack(fields))
local generation, newest = tonumber(ARGV[4]), tonumber(v[1] or 1)
if newest > generation then return {'X'} end

local isNew = not v[2]
local monitors, many = v[7] or '', 0
for _ in string.gmatch(monitors, ',') do many = many + 1 end
if isNew and many >= tonumber(ARGV[17]) then return {'F'} end

local m = monitorOf(v[2] or nil)
local answered = string.match(',' .. m.requests .. ',', ',' .. string.gsub(request, '%-', '%%-') .. ':(%a*),')
now = math.max(now, m.at)

local set, wheel = {}, {}
local function put(field, value) set[#set + 1] = field; set[#set + 1] = value end
local function due(score, member) wheel[#wheel + 1] = num(score); wheel[#wheel + 1] = member end

local asked = ARGV[10]
local line = v[3] or (asked ~= '' and asked or ARGV[13])
local e = expectationOf(line)
if answered then return {'K', answered, num(e.every)} end

-- The first slot after now that this beat does not fill; nil when those that are known do not reach so far.
local slots = ''
local function nextExpected()
  if e.every > 0 then return now + e.every end
  slots = ARGV[11] == e.hash and ARGV[12] or v[4] or ''
  local before, early
  for text in string.gmatch(slots, '%d+') do
    local slot = tonumber(text)
    if early then return slot end
    if slot > now and before then
      early = slot - now <= math.min(e.grace, (slot - before) / 10, 300000)
      if not early then return slot end
    end
    before = slot
  end
end

local isOneOfMany = false
local counts = action == 'success' or action == 'fail'
local expected = m.expected
if counts or (action == 'start' and m.status == 'n') then
  expected = nextExpected()
  if not expected then return {'N', line} end
end

local ring
settle(m, e, now, function() ring = ring or ticksOf(KEYS[3]); return ring end)

if action == 'start' and m.status ~= 'p' and m.status ~= 'r' then
  local run = {rid = ARGV[8], start = now}
  for i, other in ipairs(m.runs) do if other.rid == run.rid then table.remove(m.runs, i); break end end
  if #m.runs >= MANY_RUNS then table.remove(m.runs, 1) end
  m.runs[#m.runs + 1] = run
  if m.begun == 0 then m.begun = now end
  if m.status == 'n' then m.status, m.since, m.last, m.expected = 'u', now, now, expected end
end

if counts then
  m.took = '-'
  for i, run in ipairs(m.runs) do
    if run.rid == ARGV[8] then m.took = num(now - run.start); table.remove(m.runs, i); break end
  end
  m.begun, m.ext, m.last, m.expected = 0, 0, now, expected
  m.fails = action == 'fail' and m.fails + 1 or 0
  local before = m.status
  if action == 'fail' and before ~= 'p' and before ~= 'd' and m.fails >= e.failures then
    flip(m, e, 'd', now, 'f')
    say(m, 'f', num(now), ARGV[7])
  elseif before == 'd' and action == 'success' then
    say(m, 'u', num(now), num(m.since), m.why)
    isOneOfMany = string.find(v[9] or '', ':shared$') ~= nil
    flip(m, e, 'u', now)
    local alive = {}
    for _, it in ipairs(m.instances) do if it.at + e.every + e.grace > now then alive[#alive + 1] = it end end
    m.instances = alive
  elseif before == 'n' or before == 'r' then
    m.status, m.since = 'u', now
  end
end

if isNew and m.since == 0 then m.since = now end

if instance ~= '' then
  for i, it in ipairs(m.instances) do if it.name == instance then table.remove(m.instances, i); break end end
  if #m.instances >= MANY_INSTANCES then table.remove(m.instances, 1) end
  m.instances[#m.instances + 1] = {name = instance, at = now}
  if ARGV[16] ~= '' then
    m.vitals = now
  elseif m.vitals > 0 and now - m.vitals > tonumber(ARGV[18]) then
    say(m, 'v', num(now), num(m.vitals))
    m.vitals = -m.vitals
  end
end
if ARGV[16] ~= '' then put('vitals', ARGV[16]) end
readPages(v)
local gone = keepSamples(v[10], instance, samples, now, put)
putPages(put)
if ARGV[14] ~= '' then put('bo:' .. name, num(now) .. '\\n' .. ARGV[14]) end

if not isNew and asked ~= '' and ARGV[11] ~= e.hash and ARGV[11] ~= string.match(v[6] or '', '^%d+ %d+ %d+ %d+ %d+ (%S+) ') then
  put('bx:' .. name, asked)
  say(m, 'o', num(now), ARGV[11])
end

-- Of many that fell silent together many may return together: that is told with the next tick, at once.
local hasNews = #m.news > 0 and not isOneOfMany
local answer = (isNew and 'c' or '') .. (hasNews and 'n' or '')
local requests = request .. ':' .. answer
local i = 1
for other in string.gmatch(m.requests, '[^,]+') do
  if i < 4 and other ~= '-' then requests = requests .. ',' .. other; i = i + 1 end
end
m.at, m.requests = now, requests

put('b:' .. name, lineOf(m))
if isNew then
  put('bc:' .. name, line)
  put('monitors', monitors .. name .. ',')
end
if slots ~= '' and slots ~= v[4] then put('bs:' .. name, slots) end
if #m.news > 0 then
  put('n:' .. name, noticesOf(m, v[5]))
  -- What waits already has its time: somebody may be telling it at this moment.
  if (v[5] or '') == '' then due(hasNews and now or now + tonumber(ARGV[19]), 'n' .. ARGV[2] .. '\\n' .. name) end
end
if newest < generation then put('gen', num(generation)) end
local day = num(math.floor(now / 86400000))
if v[8] ~= day then
  put('day', day)
  due(now + 2592000000, 'f' .. ARGV[2])
end
due(dueOf(m, e), 'h' .. ARGV[2] .. '\\n' .. name)
redis.call('HSET', KEYS[1], unpack(set))
redis.call('ZADD', KEYS[2], unpack(wheel))
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(fieldsOf(gone))) end
if isNew then redis.call('HSET', KEYS[4], 'name:' .. ARGV[3], ARGV[2]) end
return {'K', answer, num(e.every)}
`;

/** Monitors whose time has come: down, reminded of, or put off because we were blind. Commands: three, and two for each monitor. */
export const LAPSE: string = /* lua */ `
-- KEYS  1 wheel  2 times of the ticks  3 hub hash  then the service hashes
-- ARGV  1 now  then for each: service  name
-- Returns how many flipped, and how many cannot be read
${MONITOR}
local now, ring = tonumber(ARGV[1]), nil
local wheel, gone, flips, blind = {}, {}, 0, nil
local function due(score, member) wheel[#wheel + 1] = num(score); wheel[#wheel + 1] = member end
local function lapse(key, service, name)
  local v = redis.call('HMGET', key, 'b:' .. name, 'bc:' .. name, 'n:' .. name)
  if not v[1] then
    gone[#gone + 1] = 'h' .. service .. '\\n' .. name
    return
  end
  local m, e = monitorOf(v[1]), expectationOf(v[2])
  local time = math.max(now, m.at)
  settle(m, e, time, function() ring = ring or ticksOf(KEYS[2]); return ring end)
  if m.status == 'd' and m.remindAt > 0 and m.remindAt <= time then
    say(m, 'r', num(m.remindAt), num(m.since))
    m.remindAt = e.remind > 0 and m.remindAt + e.remind * (math.floor((time - m.remindAt) / e.remind) + 1) or 0
  end
  m.at = time
  local set = {'b:' .. name, lineOf(m)}
  if #m.news > 0 then set[3], set[4] = 'n:' .. name, noticesOf(m, v[3]) end
  redis.call('HSET', key, unpack(set))
  if #m.news > 0 and (v[3] or '') == '' then due(now, 'n' .. service .. '\\n' .. name) end
  due(dueOf(m, e), 'h' .. service .. '\\n' .. name)
  flips = flips + m.flips
  if m.putOff > 0 then blind = {m.blindFrom, m.blindTo, (blind and blind[3] or 0) + 1} end
end
local broken = 0
for i = 4, #KEYS do
  local service, name = ARGV[i * 2 - 6], ARGV[i * 2 - 5]
  -- What cannot be read must not keep the others; it is looked at again in an hour.
  if not pcall(lapse, KEYS[i], service, name) then
    broken = broken + 1
    due(now + 3600000, 'h' .. service .. '\\n' .. name)
  end
end
if blind then
  local from, _, count = string.match(redis.call('HGET', KEYS[3], 'blind') or '', '^(%d+) (%d+) (%d+)$')
  if from == num(blind[1]) then blind[3] = blind[3] + tonumber(count) end
  redis.call('HSET', KEYS[3], 'blind', num(blind[1]) .. ' ' .. num(blind[2]) .. ' ' .. num(blind[3]))
  due(now, 'b')
end
if #wheel > 0 then redis.call('ZADD', KEYS[1], unpack(wheel)) end
if #gone > 0 then redis.call('ZREM', KEYS[1], unpack(gone)) end
return {flips, broken}
`;

/** What waited has been told. What came meanwhile, or was not told with it, still waits. Commands: three, and two for each monitor. */
export const HEARD: string = /* lua */ `
-- KEYS  1 wheel  then the service hashes
-- ARGV  1 now  then for each: service  name  what was read  what of it still waits  where it stands that it is down, or ''
local done, wheel = {}, {}
for i = 2, #KEYS do
  local k = i * 5 - 8
  local service, name, read, rest, place = ARGV[k], ARGV[k + 1], ARGV[k + 2], ARGV[k + 3], ARGV[k + 4]
  local waiting = redis.call('HGET', KEYS[i], 'n:' .. name) or ''
  if string.sub(waiting, 1, #read) == read then
    local newer = string.sub(waiting, #read + 2)
    waiting = rest .. (rest ~= '' and newer ~= '' and '\\n' or '') .. newer
  end
  redis.call('HSET', KEYS[i], 'n:' .. name, waiting, 'bm:' .. name, place)
  local member = 'n' .. service .. '\\n' .. name
  if waiting == '' then done[#done + 1] = member else wheel[#wheel + 1] = ARGV[1]; wheel[#wheel + 1] = member end
end
if #done > 0 then redis.call('ZREM', KEYS[1], unpack(done)) end
if #wheel > 0 then redis.call('ZADD', KEYS[1], 'XX', unpack(wheel)) end
return #done
`;

/** What a person decides about a monitor. Four commands. */
export const TUNE: string = /* lua */ `
-- KEYS  1 service hash  2 wheel
-- ARGV  1 now  2 service  3 name  4 pause | rest | resume | ack | snooze | take | keep  5 until when, of a snooze; what is taken, by its hash
--       6 its slots
-- Returns the status, or nothing when there is no such monitor
${MONITOR}
local now, name, verb = tonumber(ARGV[1]), ARGV[3], ARGV[4]
local v = redis.call('HMGET', KEYS[1], 'b:' .. name, 'bc:' .. name, 'bx:' .. name)
if not v[1] then return {} end
local m, e = monitorOf(v[1]), expectationOf(v[2])
local set = {}
if (verb == 'ack' or verb == 'snooze') and m.status ~= 'd' then return {m.status} end
if verb == 'pause' or verb == 'rest' then
  m.status, m.since, m.remindAt, m.runs, m.begun = verb == 'pause' and 'p' or 'r', now, 0, {}, 0
elseif verb == 'resume' then
  m.status, m.since, m.last, m.expected, m.runs, m.begun, m.remindAt, m.ext, m.fails = 'n', now, 0, 0, {}, 0, 0, 0, 0
elseif verb == 'ack' then
  m.remindAt = 0
elseif verb == 'snooze' then
  m.remindAt = tonumber(ARGV[5])
elseif verb == 'take' then
  e = expectationOf(v[3] or v[2])
  if not v[3] or e.hash ~= ARGV[5] then return {} end
  set = {'bc:' .. name, v[3], 'bs:' .. name, ARGV[6]}
  if m.expected > 0 then m.expected = e.every > 0 and m.last + e.every or tonumber(string.match(ARGV[6], '%d+ (%d+)') or 0) end
end
set[#set + 1] = 'b:' .. name
set[#set + 1] = lineOf(m)
redis.call('HSET', KEYS[1], unpack(set))
redis.call('ZADD', KEYS[2], num(dueOf(m, e)), 'h' .. ARGV[2] .. '\\n' .. name)
return {m.status}
`;
