/** The hub's environment, read once. Every fault is reported at once, and no value is ever printed. */
import * as z from "zod";
import type { Severity } from "../event.ts";

/** What the hub was told by its environment. */
export interface Config {
  /** `SNITCHBOT_SECRET`: every key and token is derived from it. */
  readonly secret: string;
  readonly redis: { readonly url: string; readonly token: string };
  readonly telegram: {
    readonly token: string;
    /** Where alerts go; without it they wait in the outbox until a chat is bound. */
    readonly chatId?: number;
    /** Who may command; empty means every member of the bound chat. */
    readonly allowedUsers: readonly number[];
    readonly apiRoot: string;
    readonly mode: "webhook" | "polling";
    /** The lowest severity that makes a sound. */
    readonly loudFrom: Severity;
  };
  /** A second bearer that `/tick` accepts; Vercel sends it. */
  readonly cronSecret?: string;
  /** Where a hub that is a process of its own listens. */
  readonly port: number;
  /** A dead-man address that every good tick pings. */
  readonly watcherUrl?: string;
}

/** The environment does not make a hub. The message names each faulty variable and its mend, never a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`snitchbot cannot start:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

const missing = (mend: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? mend : undefined),
});
const userIds = /^\s*\d+(\s*[\s,]\s*\d+)*\s*$/;
const httpUrl = (mend: string): z.ZodURL => z.url({ protocol: /^https?$/, hostname: /../, error: mend });

const environment = z.object({
  SNITCHBOT_SECRET: z
    .string(missing("missing; make one with `openssl rand -base64 36`"))
    .min(32, "shorter than 32 characters; make one with `openssl rand -base64 36`"),
  UPSTASH_REDIS_REST_URL: httpUrl(
    "missing or not an http(s) address; copy it from the database's REST section at Upstash",
  ),
  UPSTASH_REDIS_REST_TOKEN: z.string("missing; copy it from the database's REST section at Upstash"),
  TELEGRAM_BOT_TOKEN: z
    .string(missing("missing; @BotFather gives one"))
    .regex(/^\d+:[\w-]{20,}$/, "not of the form 123456:ABC…; copy it again from @BotFather"),
  TELEGRAM_CHAT_ID: z
    .string()
    .regex(/^-?\d{1,15}$/, "not a chat's number, such as -1001234567890, or of a person, such as 4242")
    .optional(),
  TELEGRAM_ALLOWED_USERS: z.string().regex(userIds, "not a list of user ids, such as 4242,77; numbers only").optional(),
  TELEGRAM_API_ROOT: httpUrl("not an http(s) address; leave it out for https://api.telegram.org").default(
    "https://api.telegram.org",
  ),
  TELEGRAM_MODE: z
    .enum(["webhook", "polling"], "neither webhook nor polling; leave it out for webhook")
    .default("webhook"),
  SNITCHBOT_LOUD: z
    .enum(["info", "warning", "error", "critical"], "not info, warning, error or critical; leave it out for error")
    .default("error"),
  CRON_SECRET: z.string().min(16, "shorter than 16 characters; anyone could guess it").optional(),
  PORT: z.coerce.number("not a port's number, such as 8787").int().min(1).max(65_535).optional(),
  SNITCHBOT_WATCHER_URL: httpUrl("not an http(s) address; leave it out when nothing watches the hub").optional(),
});

/** Reads the environment; throws {@link ConfigError} with every fault in it. Empty and blank values count as absent. */
export function readConfig(env: Readonly<Record<string, unknown>>): Config {
  const found = environment.safeParse(given(env));
  if (!found.success)
    throw new ConfigError(found.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
  const it = found.data;
  return {
    secret: it.SNITCHBOT_SECRET,
    redis: { url: new URL(it.UPSTASH_REDIS_REST_URL).href.replace(/\/+$/, ""), token: it.UPSTASH_REDIS_REST_TOKEN },
    telegram: {
      token: it.TELEGRAM_BOT_TOKEN,
      ...(it.TELEGRAM_CHAT_ID !== undefined && { chatId: Number(it.TELEGRAM_CHAT_ID) }),
      allowedUsers: it.TELEGRAM_ALLOWED_USERS?.match(/\d+/g)?.map(Number) ?? [],
      apiRoot: it.TELEGRAM_API_ROOT.replace(/\/+$/, ""),
      mode: it.TELEGRAM_MODE,
      loudFrom: it.SNITCHBOT_LOUD,
    },
    port: it.PORT ?? 8787,
    ...(it.CRON_SECRET !== undefined && { cronSecret: it.CRON_SECRET }),
    ...(it.SNITCHBOT_WATCHER_URL !== undefined && { watcherUrl: it.SNITCHBOT_WATCHER_URL }),
  };
}

/** The non-blank strings of the environment, with the names that Vercel's store integration gives. */
function given(env: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(env).flatMap(([name, value]) =>
    typeof value === "string" && value.trim() !== "" ? [[name, value.trim()] as const] : [],
  );
  const named = Object.fromEntries(texts);
  return {
    ...named,
    ...(named.UPSTASH_REDIS_REST_URL === undefined &&
      named.KV_REST_API_URL && { UPSTASH_REDIS_REST_URL: named.KV_REST_API_URL }),
    ...(named.UPSTASH_REDIS_REST_TOKEN === undefined &&
      named.KV_REST_API_TOKEN && { UPSTASH_REDIS_REST_TOKEN: named.KV_REST_API_TOKEN }),
  };
}
