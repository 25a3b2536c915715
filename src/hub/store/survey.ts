/** A look at services, for who asks in the chat: all that an answer needs in one call. */
import * as z from "zod";
import type { Vitals } from "../../event.ts";
import type { Alert } from "../alert.ts";
import type { Mute } from "../mute.ts";
import type { Instance, Recent, Said, Standing, Survey, Surveyed } from "../survey.ts";
import { HUB, serviceKey } from "./keys.ts";
import { watchedOf } from "./monitors.ts";
import { mutesOf } from "./mutes.ts";
import { pagesOf, SAMPLES, type Stretch, samplesOf } from "./pages.ts";
import { type Redis, readable, script } from "./redis.ts";
import { trafficSince } from "./traffic.ts";

/** What is looked at. */
export interface Sight {
  /** One alone is told of in full. {@link SERVICES} at most; what is beyond is left out. */
  readonly services: readonly string[];
  readonly now: number;
}

/** What was told last. */
export interface LastTold {
  /** The newest first. */
  readonly said: readonly Said[];
  readonly mutes: readonly Mute[];
}

export interface SurveyVerbs {
  /**
   * Tells of each of these services, in their order: of one alone everything; of many no runs, instances and starts, and
   * only the kinds of the last `lately` milliseconds. Traffic is counted from `since` on, in whole slots. Four commands at
   * most for one; for many two, one for each, and another for each that has told something lately or has monitors with names.
   */
  survey(sight: Sight & { readonly since: number; readonly lately: number }): Promise<Survey>;
  /**
   * The last `most` kinds from a severity on (0 to 3) that happened since a time. Billed as {@link SurveyVerbs.survey}, and
   * one more command for each service among the answers.
   */
  lastTold(sight: Sight & { readonly since: number; readonly rank: number; readonly most: number }): Promise<LastTold>;
}

/** Services that are looked at in one call. */
export const SERVICES: number = 200;

/**
 * What is known of services. Two commands, one for each service, another for each that has told something since then or has
 * monitors with names, and one for each whose events are read.
 */
export const SURVEY: string = /* lua */ `
-- KEYS  1 hub hash  then the service hashes
-- ARGV  1 since when kinds count  2 '1' for services, '' for events  3 how many events  4 their least severity
--       5 how fields of samples begin  6 the pages of samples to read, a word each
-- Returns the mutes, the events: tally  payload, the services, each as four lists: registry  vitals  traffic  digest  last batch
--         kinds, a line of 'id last severity [waits]' for each; its monitors: name  state  expectation; its starts; its
--         instances: name  when vitals last came  pages of samples
local since, most, rank = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
local one = #KEYS == 2 and ARGV[2] == '1'

-- Of many only the words of a state that tell how it stands.
local words = string.rep('%S+ ', 10)
local function stateOf(line) return one and line or string.gsub(line, '^(' .. words .. ').-(%S+)$', '%1- - - - %2') end

local candidates = {}
local function read(key)
  local v = redis.call('HMGET', key, 'reg', 'vitals', 'traffic', 'more', 'bucket', 'ring', 'monitors', 'b:', 'bc:', 'instances')
  local told, ask, kinds, monitors, starts = string.match(v[5] or '', ' (%d+)$') or '0', {}, {}, {}, {}
  local ids, named, lives, traces = {}, {}, {}, {}
  for id in string.gmatch(v[6] or '', '%S+') do
    if tonumber(told) >= since then ids[#ids + 1] = id end
    if one and string.find(id, '^[^~]+%.') then lives[#lives + 1] = id end
  end
  if ARGV[2] == '1' then
    for monitor in string.gmatch(v[7] or '', '([^,]*),') do if monitor ~= '' then named[#named + 1] = monitor end end
    if v[8] and v[9] then monitors = {'', stateOf(v[8]), v[9]} end
  end
  local function put(prefix, id) ask[#ask + 1] = prefix .. id end
  for _, id in ipairs(ids) do put('d:', id); put('c:', id) end
  for _, monitor in ipairs(named) do put('b:', monitor); put('bc:', monitor) end
  for i = math.max(1, #lives - 9), #lives do put('p:', lives[i]) end
  local last = #ask
  for name, came in string.gmatch(one and v[10] or '', '([^,=]+)=(%d+)') do
    traces[#traces + 1] = name; traces[#traces + 1] = came
    for page in string.gmatch(ARGV[6], '%d+') do put(ARGV[5], name .. ':' .. page); traces[#traces + 1] = #ask end
  end
  local w = #ask > 0 and redis.call('HMGET', key, unpack(ask)) or {}
  for i, id in ipairs(ids) do
    local tally = w[i * 2 - 1] or ''
    local at, severity = string.match(tally, '^%d+ (%d+) %d+ (%d)')
    if at and tonumber(at) >= since then
      kinds[#kinds + 1] = id .. ' ' .. at .. ' ' .. severity .. (w[i * 2] == '' and ' waits' or '')
      if most > 0 and tonumber(severity) >= rank then candidates[#candidates + 1] = {key = key, id = id, tally = tally, at = tonumber(at)} end
    end
  end
  for i, monitor in ipairs(named) do
    local k = #ids * 2 + i * 2 - 1
    if w[k] and w[k + 1] then for _, text in ipairs({monitor, stateOf(w[k]), w[k + 1]}) do monitors[#monitors + 1] = text end end
  end
  for i = #ids * 2 + #named * 2 + 1, last do if w[i] then starts[#starts + 1] = w[i] end end
  for i, it in ipairs(traces) do if type(it) == 'number' then traces[i] = w[it] or '' end end
  return {{v[1] or '', v[2] or '', v[3] or '', v[4] or '', told, table.concat(kinds, '\\n')}, monitors, starts, traces}
end
local services = {}
for i = 2, #KEYS do
  local service = read(KEYS[i])
  if ARGV[2] == '1' then services[i - 1] = service end
end

-- The newest, whosever they are; the payloads of one service in one command.
table.sort(candidates, function(a, b) return a.at > b.at end)
local wanted, order, events = {}, {}, {}
for i = 1, math.min(#candidates, most) do
  local it = candidates[i]
  if not wanted[it.key] then wanted[it.key] = {}; order[#order + 1] = it.key end
  table.insert(wanted[it.key], it)
end
for _, key in ipairs(order) do
  local fields = {}
  for i, it in ipairs(wanted[key]) do fields[i] = 'p:' .. it.id end
  for i, payload in ipairs(redis.call('HMGET', key, unpack(fields))) do
    if payload then events[#events + 1] = wanted[key][i].tally; events[#events + 1] = payload end
  end
end
return {redis.call('HGET', KEYS[1], 'mutes') or '', events, services}
`;

const words = z.array(z.string());
const answer = z.tuple([z.string(), words, z.array(z.tuple([words, words, words, words]))]);

export function createSurveyVerbs(redis: Redis): SurveyVerbs {
  const look = script(redis, SURVEY);
  async function read(names: readonly string[], given: readonly unknown[]) {
    const [mutes, events, rows] = answer.parse(await look([HUB, ...names.map(serviceKey)], given));
    return { mutes: mutesOf(mutes), events, rows };
  }
  return {
    async survey({ services, now, since, lately }) {
      const names = services.slice(0, SERVICES);
      const from = names.length === 1 ? 0 : now - lately;
      const { mutes, rows } = await read(names, [from, 1, 0, 0, SAMPLES.field, pagesOf(SAMPLES, fresh(now)).join(" ")]);
      return { mutes, services: names.map((name, i) => surveyedOf(name, rows[i] ?? [[], [], [], []], since, now)) };
    },

    async lastTold({ services, since, rank, most }) {
      const { mutes, events } = await read(services.slice(0, SERVICES), [since, "", most, rank, "", ""]);
      const said = groups(events, 2).flatMap(
        ([tally = "", payload = ""]) => readable(() => saidOf(tally, payload)) ?? [],
      );
      return { mutes, said: said.sort((a, b) => b.tally.last - a.tally.last) };
    },
  };
}

type Row = z.infer<typeof answer>[2][number];

/** What one of its fields says does not keep the others from being told. */
function surveyedOf(service: string, row: Row, since: number, now: number): Surveyed {
  const [[registry, vitals, traffic = "", digest = "", told, kinds = ""], states, lives, traces] = row;
  const monitors = groups(states, 3).flatMap((it) => readable(() => standingOf(service, it)) ?? []);
  const starts = startsOf(lives.flatMap((it) => readable(() => lifeOf(it)) ?? []));
  const [, digested = 0, lost = 0] = digest.split(" ").map(Number);
  return {
    ...{ service, digested, lost, monitors, instances: instancesOf(monitors, starts, traces, now) },
    ...(registry && readable(() => registrySchema.parse(JSON.parse(registry)))),
    ...(vitals && readable(() => ({ vitals: JSON.parse(vitals) as Vitals }))),
    ...(starts.length > 0 && { started: Math.max(...starts.map(({ at }) => at)) }),
    seen: Math.max(Number(told), ...monitors.map(({ last }) => last)),
    traffic: trafficSince(traffic, since),
    kinds: kinds.split("\n").filter(Boolean).map(recentOf),
  };
}

/** What measures every five seconds, and tells it each minute, has told something in this time. */
const FRESH = 150_000;
const fresh = (now: number): Stretch => ({ from: now - FRESH, to: now });

/** The instances that beat or measured, those that did last first. */
function instancesOf(
  monitors: readonly Standing[],
  starts: readonly Life[],
  traces: readonly string[],
  now: number,
): readonly Instance[] {
  const size = 2 + pagesOf(SAMPLES, fresh(now)).length;
  const measured = new Map(groups(traces, size).map(([name = "", ...it]) => [name, it]));
  const beats = monitors.find(({ name }) => name === "")?.instances ?? {};
  const instances = [...new Set([...Object.keys(beats), ...measured.keys()])].map((name): Instance => {
    const [came = 0, ...pages] = measured.get(name) ?? [];
    const start = starts.findLast(({ instance }) => instance === name);
    const vitals = newestIn(pages, now);
    return {
      ...{ name, seen: Math.max(beats[name] ?? 0, Number(came)) },
      ...(start && { started: start.at, role: start.role }),
      ...(vitals && { vitals }),
    };
  });
  return instances.sort((a, b) => b.seen - a.seen);
}

function newestIn(pages: readonly string[], now: number): Vitals | undefined {
  const known = pages.map((page) => page || null);
  const newest = samplesOf(known, SAMPLES, SAMPLES.step, fresh(now)).at(-1);
  return newest && { at: newest.at, ...newest.high };
}

const WHYS: Readonly<Record<string, Standing["why"]>> = { s: "silent", t: "stuck", f: "failed" };

function standingOf(
  service: string,
  [name = "", state = "", expectation = ""]: readonly string[],
): Standing | undefined {
  const watched = watchedOf({ service, name }, [state, expectation]);
  const words = state.split(" ");
  const why = WHYS[words[14] ?? ""];
  return (
    watched && {
      ...watched.monitor,
      remindAt: Number(words[8]),
      lacksVitals: Number(words[9]) < 0,
      ...(why && { why }),
    }
  );
}

function recentOf(line: string): Recent {
  const [id = "", last, rank, waits] = line.split(" ");
  return {
    fingerprint: id.split("~")[0] ?? "",
    last: Number(last),
    rank: Number(rank),
    isWaiting: waits !== undefined,
  };
}

function saidOf(text: string, payload: string): Said {
  const [first = 0, last = 0, count = 1] = text.split(" ").map(Number);
  return { alert: JSON.parse(payload) as Alert, tally: { first, last, count } };
}

/** A process told that it starts or stops. */
interface Life {
  readonly at: number;
  readonly phase: "start" | "stop";
  readonly instance: string;
  readonly role?: string | undefined;
}

const lifeSchema = z.object({
  event: z.object({ at: z.number(), lifecycle: z.object({ phase: z.enum(["start", "stop"]) }) }),
  origin: z.object({ instance: z.string(), role: z.string().optional() }),
});

function lifeOf(payload: string): Life {
  const { event, origin } = lifeSchema.parse(JSON.parse(payload));
  return { at: event.at, phase: event.lifecycle.phase, ...origin };
}

/** The starts of what has not stopped since. */
function startsOf(lives: readonly Life[]): readonly Life[] {
  const stops = lives.filter(({ phase }) => phase === "stop");
  const isOver = ({ instance, at }: Life) => stops.some((stop) => stop.instance === instance && stop.at >= at);
  return lives.filter((life) => life.phase === "start" && !isOver(life));
}

/** A flat list as groups of so many. */
function groups(texts: readonly string[], size: number): readonly (readonly string[])[] {
  return texts.flatMap((_, i) => (i % size === 0 ? [texts.slice(i, i + size)] : []));
}

const registrySchema = z.object({
  runtime: z.string().optional(),
  release: z.string().optional(),
  env: z.string().optional(),
});
