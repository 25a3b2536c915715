/** A look at services, for who asks in the chat: all that an answer needs in one call. */
import * as z from "zod";
import type { Vitals } from "../../event.ts";
import type { Alert } from "../alert.ts";
import type { Mute } from "../mute.ts";
import type { Recent, Said, Standing, Survey, Surveyed } from "../survey.ts";
import { HUB, serviceKey } from "./keys.ts";
import { watchedOf } from "./monitors.ts";
import { mutesOf } from "./mutes.ts";
import { type Redis, readable, script } from "./redis.ts";
import { trafficSince } from "./traffic.ts";

/** What is looked at. */
export interface Sight {
  /** One service; absent for all of them, as many as {@link SERVICES} at a time. */
  readonly service?: string | undefined;
  /** How many of all are left out, in order of the alphabet. @default 0 */
  readonly skip?: number | undefined;
  readonly now: number;
}

/** What was told last. */
export interface LastTold {
  /** The newest first. */
  readonly said: readonly Said[];
  /** How many services there are in all. */
  readonly total: number;
  readonly mutes: readonly Mute[];
}

export interface SurveyVerbs {
  /**
   * Looks at one service, or at many: then without runs, instances and starts, and with the kinds of the last `lately`
   * milliseconds only. Traffic is counted from `since` on, in whole slots. Four commands at most for one service; for many
   * two, one for each, and another for each that has told something lately or has monitors with names.
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
 * Reads services. The keys of their hashes come from the hub's, so they cannot be among KEYS: Upstash may hold its lock for
 * longer then, but only when a person asks.
 */
export const SURVEY: string = /* lua */ `
-- KEYS  1 hub hash
-- ARGV  1 what the services' keys begin with  2 a service, or '' for all  3 how many of all to leave out  4 how many to read
--       5 since when kinds count  6 '1' for services, '' for events  7 how many events  8 their least severity
-- Returns the mutes, how many services there are, the events: tally  payload, the services, each as three lists: name  registry  vitals  traffic
--         digest  last batch  kinds, a line of 'id last severity [waits]' for each; its monitors: name  state  expectation; its starts
local since, most, rank = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
local hub, names, mutes = redis.call('HGETALL', KEYS[1]), {}, ''
for i = 1, #hub, 2 do
  if hub[i] == 'mutes' then mutes = hub[i + 1] end
  if string.sub(hub[i], 1, 5) == 'name:' then names[#names + 1] = hub[i + 1] end
end
table.sort(names)
local one = ARGV[2] ~= ''
local first, last = tonumber(ARGV[3]) + 1, math.min(#names, tonumber(ARGV[3]) + tonumber(ARGV[4]))
local chosen = one and {ARGV[2]} or {unpack(names, first, last)}

-- Of many only the words of a state that tell how it stands.
local words = string.rep('%S+ ', 10)
local function stateOf(line) return one and line or string.gsub(line, '^(' .. words .. ').-(%S+)$', '%1- - - - %2') end

local candidates = {}
local function read(name)
  local key = ARGV[1] .. name
  local v = redis.call('HMGET', key, 'reg', 'vitals', 'traffic', 'more', 'bucket', 'ring', 'monitors', 'b:', 'bc:')
  local told, ask, kinds, monitors, starts = string.match(v[5] or '', ' (%d+)$') or '0', {}, {}, {}, {}
  local ids, named, lives = {}, {}, {}
  for id in string.gmatch(v[6] or '', '%S+') do
    if tonumber(told) >= since then ids[#ids + 1] = id end
    if one and string.find(id, '^[^~]+%.') then lives[#lives + 1] = id end
  end
  if ARGV[6] == '1' then
    for monitor in string.gmatch(v[7] or '', '([^,]*),') do if monitor ~= '' then named[#named + 1] = monitor end end
    if v[8] and v[9] then monitors = {'', stateOf(v[8]), v[9]} end
  end
  local function put(prefix, id) ask[#ask + 1] = prefix .. id end
  for _, id in ipairs(ids) do put('d:', id); put('c:', id) end
  for _, monitor in ipairs(named) do put('b:', monitor); put('bc:', monitor) end
  for i = math.max(1, #lives - 4), #lives do put('p:', lives[i]) end
  local w = #ask > 0 and redis.call('HMGET', key, unpack(ask)) or {}
  for i, id in ipairs(ids) do
    local tally = w[i * 2 - 1] or ''
    local at, severity = string.match(tally, '^%d+ (%d+) %d+ (%d)')
    if at and tonumber(at) >= since then
      kinds[#kinds + 1] = id .. ' ' .. at .. ' ' .. severity .. (w[i * 2] == '' and ' waits' or '')
      if most > 0 and tonumber(severity) >= rank then candidates[#candidates + 1] = {name = name, id = id, tally = tally, at = tonumber(at)} end
    end
  end
  for i, monitor in ipairs(named) do
    local k = #ids * 2 + i * 2 - 1
    if w[k] and w[k + 1] then for _, text in ipairs({monitor, stateOf(w[k]), w[k + 1]}) do monitors[#monitors + 1] = text end end
  end
  for i = #ids * 2 + #named * 2 + 1, #ask do if w[i] then starts[#starts + 1] = w[i] end end
  return {{name, v[1] or '', v[2] or '', v[3] or '', v[4] or '', told, table.concat(kinds, '\\n')}, monitors, starts}
end
local services = {}
for i, name in ipairs(chosen) do
  local service = read(name)
  if ARGV[6] == '1' then services[i] = service end
end

-- The newest, whosever they are; the payloads of one service in one command.
table.sort(candidates, function(a, b) return a.at > b.at end)
local wanted, order, events = {}, {}, {}
for i = 1, math.min(#candidates, most) do
  local it = candidates[i]
  if not wanted[it.name] then wanted[it.name] = {}; order[#order + 1] = it.name end
  table.insert(wanted[it.name], it)
end
for _, name in ipairs(order) do
  local fields = {}
  for i, it in ipairs(wanted[name]) do fields[i] = 'p:' .. it.id end
  for i, payload in ipairs(redis.call('HMGET', ARGV[1] .. name, unpack(fields))) do
    if payload then events[#events + 1] = wanted[name][i].tally; events[#events + 1] = payload end
  end
end
return {mutes, #names, events, services}
`;

const words = z.array(z.string());
const answer = z.tuple([z.string(), z.number(), words, z.array(z.tuple([words, words, words]))]);

export function createSurveyVerbs(redis: Redis): SurveyVerbs {
  const look = script(redis, SURVEY);
  async function read({ service = "", skip = 0 }: Sight, given: readonly unknown[]) {
    const [mutes, total, events, services] = answer.parse(
      await look([HUB], [serviceKey(""), service, skip, SERVICES, ...given]),
    );
    return { mutes: mutesOf(mutes), total, events, services };
  }
  return {
    async survey(sight) {
      const { now, since, lately, service } = sight;
      const { mutes, total, services } = await read(sight, [service ? 0 : now - lately, 1, 0, 0]);
      return { mutes, total, services: services.flatMap((it) => readable(() => surveyedOf(it, since)) ?? []) };
    },

    async lastTold(sight) {
      const { mutes, total, events } = await read(sight, [sight.since, "", sight.most, sight.rank]);
      const said = groups(events, 2).flatMap(
        ([tally = "", payload = ""]) => readable(() => saidOf(tally, payload)) ?? [],
      );
      return { mutes, total, said: said.sort((a, b) => b.tally.last - a.tally.last) };
    },
  };
}

type Row = z.infer<typeof answer>[3][number];

function surveyedOf([fields, monitors, starts]: Row, since: number): Surveyed {
  const [service = "", registry, vitals, traffic = "", digest = "", told, kinds = ""] = fields;
  const standings = groups(monitors, 3).flatMap((it) => readable(() => standingOf(service, it)) ?? []);
  const [, digested = 0, lost = 0] = digest.split(" ").map(Number);
  const started = starts.flatMap((it) => readable(() => startOf(it)) ?? []).at(-1);
  return {
    ...{ service, digested, lost, monitors: standings },
    ...(registry && registrySchema.parse(JSON.parse(registry))),
    ...(vitals && { vitals: JSON.parse(vitals) as Vitals }),
    ...(started !== undefined && { started }),
    seen: Math.max(Number(told), ...standings.map(({ last }) => last)),
    traffic: trafficSince(traffic, since),
    kinds: kinds.split("\n").filter(Boolean).map(recentOf),
  };
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

const lifeSchema = z.object({
  event: z.object({ at: z.number(), lifecycle: z.object({ phase: z.enum(["start", "stop"]) }) }),
});

function startOf(payload: string): number | undefined {
  const { at, lifecycle } = lifeSchema.parse(JSON.parse(payload)).event;
  return lifecycle.phase === "start" ? at : undefined;
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
