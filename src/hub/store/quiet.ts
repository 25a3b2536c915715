/** The quiet hours, and what happens in them: counted with each batch, in a field that is written with the others. */
import type { Event } from "../../event.ts";
import type { IntakeAlert } from "./inbox.ts";
import { HUB, serviceKey, WHEEL } from "./keys.ts";
import { maybeTexts, type Redis, script, texts } from "./redis.ts";

/** What is kept of them in the hub's hash. */
export const QUIET_FIELDS: readonly string[] = ["quiet"];

/** The quiet hours of the chat. Each quiet time is worked out when the one before it ends, so that scripts need no time zones. */
export interface Quiet {
  /** As people write them: `23:00-07:00 Europe/Berlin`. */
  readonly hours: string;
  /** The quiet time that lasts, or comes next; milliseconds since 1970. */
  readonly from: number;
  /** When it is over. */
  readonly to: number;
}

/** What happened in a service while it was quiet, what was muted or merged too. */
export interface Night {
  readonly service: string;
  readonly kinds: readonly {
    readonly kind: Event["kind"];
    /** 0 to 3, as severities go. */
    readonly rank: number;
    readonly count: number;
  }[];
}

export interface QuietVerbs {
  quiet(): Promise<Quiet | undefined>;
  /** The quiet hours, and every service that is known: what a summary begins with. */
  quietAndServices(): Promise<{ readonly quiet: Quiet | undefined; readonly services: readonly string[] }>;
  /** Sets the quiet hours, in place of others. */
  keepQuiet(quiet: Quiet): Promise<void>;
  /** No hours are quiet any more. Answers whether any were. */
  endQuiet(): Promise<boolean>;
  /** What happened in these services in the quiet time that began at `from`. */
  nights(services: readonly string[], from: number): Promise<readonly Night[]>;
  /** A quiet time was summed up; the next one comes. Without effect when the hours were changed meanwhile. */
  quietOver(over: Quiet, next: Quiet): Promise<void>;
}

/** Adds what a batch brings to what happened in the quiet time that began at FROM; part of the script that takes batches in. */
export const NIGHT: string = /* lua */ `
-- Lines of 'kind severity count' below the time when it began.
local function nightWith(text, from, given)
  local counts, order, lines = {}, {}, {from}
  local function add(more)
    for of, count in string.gmatch(more, '(%a+ %d) (%d+)') do
      if not counts[of] then order[#order + 1] = of end
      counts[of] = (counts[of] or 0) + tonumber(count)
    end
  end
  if string.match(text, '^%d+') == from then add(text) end
  add(given)
  for _, of in ipairs(order) do lines[#lines + 1] = of .. ' ' .. string.format('%.0f', counts[of]) end
  return table.concat(lines, '\\n')
end
`;

/** A quiet time is over. Four commands at most. */
export const QUIET_OVER: string = /* lua */ `
-- KEYS  1 hub hash  2 wheel
-- ARGV  1 the hours as they were read  2 the same with the next quiet time  3 its end
-- Returns 1 when they were still the same
if redis.call('HGET', KEYS[1], 'quiet') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'quiet', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], 'q')
return 1
`;

export function createQuietVerbs(redis: Redis): QuietVerbs {
  const over = script(redis, QUIET_OVER);
  return {
    async quiet() {
      const [line] = maybeTexts.parse(await redis.hmget(HUB, "quiet"));
      return line == null ? undefined : quietOf(line);
    },

    async quietAndServices() {
      const flat = texts.parse((await redis.hgetall(HUB)) ?? []);
      const fields = flat.flatMap((field, i) => (i % 2 === 0 ? [[field, flat[i + 1] ?? ""] as const] : []));
      const line = fields.find(([field]) => field === "quiet")?.[1];
      const services = fields.filter(([field]) => field.startsWith("name:")).map(([, name]) => name);
      return { quiet: line === undefined ? undefined : quietOf(line), services };
    },

    async keepQuiet(quiet) {
      const pipeline = redis.pipeline().hset(HUB, { quiet: lineOf(quiet) });
      await pipeline.zadd(WHEEL, { score: quiet.to, member: "q" }).exec();
    },

    async endQuiet() {
      const [gone] = await redis.pipeline().hdel(HUB, "quiet").zrem(WHEEL, "q").exec<unknown[]>();
      return Number(gone) > 0;
    },

    async nights(services, from) {
      if (services.length === 0) return [];
      const pipeline = redis.pipeline();
      for (const service of services) pipeline.hmget(serviceKey(service), "night");
      const replies = await pipeline.exec<unknown[]>();
      return services.flatMap((service, i) => nightOf(service, from, maybeTexts.parse(replies[i])[0] ?? "") ?? []);
    },

    async quietOver(before, next) {
      await over([HUB, WHEEL], [lineOf(before), lineOf(next), next.to]);
    },
  };
}

/** What a batch adds, as the script takes it. */
export function nightIn(alerts: readonly IntakeAlert[]): string {
  return alerts.map(({ alert, rank, count }) => `${alert.event.kind} ${rank} ${count}`).join("\n");
}

const lineOf = ({ from, to, hours }: Quiet): string => `${from} ${to} ${hours}`;

function quietOf(line: string): Quiet {
  const [from, to, ...hours] = line.split(" ");
  return { from: Number(from), to: Number(to), hours: hours.join(" ") };
}

function nightOf(service: string, from: number, text: string): Night | undefined {
  const [began, ...lines] = text.split("\n");
  if (Number(began) !== from) return undefined;
  const kinds = lines.map((line) => {
    const [kind = "", rank, count] = line.split(" ");
    return { kind: kind as Event["kind"], rank: Number(rank), count: Number(count) };
  });
  return { service, kinds };
}
