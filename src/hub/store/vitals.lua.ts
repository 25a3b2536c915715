/** Vitals of processes and errors of services, rolled up as they come. pages.ts tells how they are written. */
import { DIGITS, ERROR_MINUTES, ERROR_QUARTERS, type Grade, MINUTES, QUARTERS, SAMPLES } from "./pages.ts";

/** Instances of a service whose vitals are kept. */
const TRACED = 10;
/** An instance whose vitals have not come for so long may be forgotten for a new one. */
const SILENT = 150_000;
const WEEK = 7 * 24 * 3_600_000;

const tableOf = ({ field, entries, pages, size }: Grade): string =>
  `{field = '${field}', entries = ${entries}, pages = ${pages}, size = ${size}}`;

/**
 * Reads and writes pages; part of the scripts that take vitals or errors in. It reads with their one HMGET and writes with their
 * one HSET. The same samples again change nothing: of two in one step the higher amounts count, and what is coarser is worked
 * out anew from what is finer.
 */
export const PAGES: string = /* lua */ `
local SAMPLES, MINUTES, QUARTERS = ${tableOf(SAMPLES)}, ${tableOf(MINUTES)}, ${tableOf(QUARTERS)}
local ERROR_MINUTES, ERROR_QUARTERS = ${tableOf(ERROR_MINUTES)}, ${tableOf(ERROR_QUARTERS)}
local DIGITS, VALUES = {string.byte('${DIGITS}', 1, 64)}, setmetatable({}, {__index = function() return 0 end})
for value, digit in ipairs(DIGITS) do VALUES[digit] = value - 1 end
local NOTHING = string.rep('-', 18)
-- How many samples are in a minute, and how many minutes in a quarter of an hour.
local IN_MINUTE, IN_QUARTER = ${MINUTES.step / SAMPLES.step}, ${QUARTERS.step / MINUTES.step}

-- Three digits of base 64, 0 for none.
local function codeOf(a, b, c) return VALUES[a] * 4096 + VALUES[b] * 64 + VALUES[c] end
local function codeAt(text, at)
  if #text < at + 2 then return 0 end
  return codeOf(string.byte(text, at, at + 2))
end
local function textOf(code)
  return string.char(DIGITS[math.floor(code / 4096) + 1], DIGITS[math.floor(code / 64) % 64 + 1], DIGITS[code % 64 + 1])
end
local function grainsOf(code)
  if code <= 16384 then return code - 1 end
  local exponent = math.floor((code - 1) / 8192) - 1
  return (code - 1 - exponent * 8192) * 2 ^ exponent
end
local function codeFor(grains)
  grains = math.floor(grains + 0.5)
  if grains < 16384 then return grains + 1 end
  local _, bits = math.frexp(grains)
  return math.min(262143, (bits - 14) * 8192 + math.floor(grains / 2 ^ (bits - 14) + 0.5) + 1)
end

-- The pages that a script is about: asked for with its other fields, and put back with them.
local pages = {}
local function fieldOf(grade, of, entry) return grade.field .. of .. math.floor(entry / grade.entries) % grade.pages end
local function openPage(fields, grade, of, entry)
  local field = fieldOf(grade, of, entry)
  if pages[field] then return end
  fields[#fields + 1] = field
  pages[field] = {place = #fields, number = math.floor(entry / grade.entries)}
end
-- A page that was about another time is blank; one that is about a later time has no text.
local function readPages(v)
  for _, page in pairs(pages) do
    local line = v[page.place] or ''
    local head = string.match(line, '^%d+ ') or '0 '
    if tonumber(head) <= page.number then page.text = tonumber(head) == page.number and string.sub(line, #head + 1) or '' end
  end
end
local function putPages(put)
  for field, page in pairs(pages) do
    if page.isChanged then put(field, page.number .. ' ' .. page.text) end
  end
end
local function pageOf(grade, of, entry)
  local page = pages[fieldOf(grade, of, entry)]
  return page, (entry - page.number * grade.entries) * grade.size
end
local function write(grade, of, entry, text)
  local page, at = pageOf(grade, of, entry)
  local before = string.sub(page.text, 1, at)
  page.text = before .. string.rep('-', at - #before) .. text .. string.sub(page.text, at + #text + 1)
  page.isChanged = true
end

local function samplesOf(words)
  local samples = {}
  for step, reading in string.gmatch(words, '(%d+)=(%S+)') do samples[#samples + 1] = {step = tonumber(step), reading = reading} end
  return samples
end
local function openVitals(fields, of, samples)
  for _, it in ipairs(samples) do
    openPage(fields, SAMPLES, of, it.step)
    openPage(fields, MINUTES, of, math.floor(it.step / IN_MINUTE))
    openPage(fields, QUARTERS, of, math.floor(it.step / IN_MINUTE / IN_QUARTER))
  end
end

-- Averages and maxima of the finer entries that an entry is about.
local function rollUp(finer, coarser, of, entry, parts)
  local page, at = pageOf(finer, of, entry * parts)
  local bytes = {string.byte(page.text, at + 1, at + parts * finer.size)}
  local means, highs = {}, {}
  for vital = 1, 6 do
    local sum, many, high = 0, 0, 0
    for i = vital * 3 - 2, #bytes, finer.size do
      local code = codeOf(bytes[i], bytes[i + 1], bytes[i + 2])
      if code > 0 then
        local top = i + finer.size - 18
        sum, many = sum + grainsOf(code), many + 1
        high = math.max(high, top == i and code or codeOf(bytes[top], bytes[top + 1], bytes[top + 2]))
      end
    end
    means[vital] = textOf(many > 0 and codeFor(sum / many) or 0)
    highs[vital] = textOf(high)
  end
  write(coarser, of, entry, table.concat(means) .. table.concat(highs))
end
-- Of two samples in one step the higher amounts.
local function higher(reading, other)
  if other == '' or other == NOTHING or other == reading then return reading end
  local amounts = {}
  for i = 1, 16, 3 do amounts[#amounts + 1] = textOf(math.max(codeAt(reading, i), codeAt(other, i))) end
  return table.concat(amounts)
end
local function isOpen(grade, of, entry) return pageOf(grade, of, entry).text ~= nil end
local function keepVitals(of, samples)
  local minutes, quarters = {}, {}
  for _, it in ipairs(samples) do
    local minute = math.floor(it.step / IN_MINUTE)
    if isOpen(SAMPLES, of, it.step) and isOpen(MINUTES, of, minute) then
      local page, at = pageOf(SAMPLES, of, it.step)
      write(SAMPLES, of, it.step, higher(it.reading, string.sub(page.text, at + 1, at + 18)))
      minutes[minute] = true
    end
  end
  for minute in pairs(minutes) do
    rollUp(SAMPLES, MINUTES, of, minute, IN_MINUTE)
    quarters[math.floor(minute / IN_QUARTER)] = true
  end
  for quarter in pairs(quarters) do
    if isOpen(QUARTERS, of, quarter) then rollUp(MINUTES, QUARTERS, of, quarter, IN_QUARTER) end
  end
end

-- Room for an instance's vitals: 'name=last' of those that are kept, or nil when there is none; and who goes for it.
local function roomFor(kept, name, now)
  local list, gone, oldest, isKnown = {}, {}, nil, false
  for other, last in string.gmatch(kept or '', '([^,=]+)=(%d+)') do
    local it = {name = other, last = tonumber(last)}
    if other == name then isKnown = true
    elseif now - it.last > ${WEEK} then gone[#gone + 1] = other
    else
      list[#list + 1] = it
      if not oldest or it.last < list[oldest].last then oldest = #list end
    end
  end
  if not isKnown and #list >= ${TRACED} then
    if now - list[oldest].last < ${SILENT} then return nil, gone end
    gone[#gone + 1] = table.remove(list, oldest).name
  end
  list[#list + 1] = {name = name, last = now}
  for i, it in ipairs(list) do list[i] = it.name .. '=' .. string.format('%.0f', it.last) end
  return table.concat(list, ','), gone
end
local function fieldsOf(names)
  local fields = {}
  for _, name in ipairs(names) do
    for _, grade in ipairs({SAMPLES, MINUTES, QUARTERS}) do
      for page = 0, grade.pages - 1 do fields[#fields + 1] = grade.field .. name .. ':' .. page end
    end
  end
  return fields
end

-- Takes samples in, where there is room for them. Answers who went for it.
local function keepSamples(kept, name, samples, now, put)
  if #samples == 0 then return {} end
  local instances, gone = roomFor(kept, name, now)
  if instances then
    keepVitals(name .. ':', samples)
    put('instances', instances)
  end
  return gone
end
`;

/** Counts errors; part of the script that takes batches in. */
export const ERRORS: string = /* lua */ `
local function openErrors(fields, words)
  for minute in string.gmatch(words, '(%d+)=') do
    openPage(fields, ERROR_MINUTES, '', tonumber(minute))
    openPage(fields, ERROR_QUARTERS, '', math.floor(minute / IN_QUARTER))
  end
end
local function keepErrors(words)
  for minute, count in string.gmatch(words, '(%d+)=(%d+)') do
    minute, count = tonumber(minute), tonumber(count)
    local quarter = math.floor(minute / IN_QUARTER)
    if isOpen(ERROR_MINUTES, '', minute) and isOpen(ERROR_QUARTERS, '', quarter) then
      local page, at = pageOf(ERROR_MINUTES, '', minute)
      local total = codeFor(math.max(0, grainsOf(codeAt(page.text, at + 1))) + count)
      write(ERROR_MINUTES, '', minute, textOf(total))
      page, at = pageOf(ERROR_QUARTERS, '', quarter)
      local sum = codeFor(math.max(0, grainsOf(codeAt(page.text, at + 1))) + count)
      write(ERROR_QUARTERS, '', quarter, textOf(sum) .. textOf(math.max(total, codeAt(page.text, at + 4))))
    end
  end
end
`;

/** A service's past. Two commands; one more for pages and alerts, one more for what these say. */
export const HISTORY: string = /* lua */ `
-- KEYS  1 service hash
-- ARGV  1 since when alerts  2 at most  3 how fields of vitals begin  4 which pages, a word each  5 fields of errors, a word each
-- Returns nothing when the service is not known, else: 'name=last' of the instances, how many alerts, of each its tally and payload,
--         the pages of errors, and of each instance its pages
local v = redis.call('HMGET', KEYS[1], 'day', 'instances', 'ring')
if not v[1] then return {} end
local fields, ids = {}, {}
for field in string.gmatch(ARGV[5], '%S+') do fields[#fields + 1] = field end
for name in string.gmatch(v[2] or '', '([^,=]+)=') do
  for page in string.gmatch(ARGV[4], '%d+') do fields[#fields + 1] = ARGV[3] .. name .. ':' .. page end
end
local pages = #fields
for id in string.gmatch(v[3] or '', '%S+') do
  ids[#ids + 1] = id
  fields[#fields + 1] = 'd:' .. id
end
local read = #fields > 0 and redis.call('HMGET', KEYS[1], unpack(fields)) or {}

local alerts, payloads = {}, {}
for i, id in ipairs(ids) do
  local tally = read[pages + i]
  local last = tonumber(string.match(tally or '', '^%d+ (%d+)') or 0)
  if tally and last >= tonumber(ARGV[1]) then alerts[#alerts + 1] = {payload = 'p:' .. id, tally = tally, last = last} end
end
table.sort(alerts, function(a, b) return a.last > b.last end)
for i = 1, math.min(#alerts, tonumber(ARGV[2])) do payloads[i] = alerts[i].payload end
local said = #payloads > 0 and redis.call('HMGET', KEYS[1], unpack(payloads)) or {}

local answer = {v[2] or '', tostring(#said)}
for i, payload in ipairs(said) do
  answer[#answer + 1] = alerts[i].tally
  answer[#answer + 1] = payload
end
for i = 1, pages do answer[#answer + 1] = read[i] end
return answer
`;
