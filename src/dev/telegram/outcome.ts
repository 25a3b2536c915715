import { type Call, canonical, Parameters } from "./call.ts";
import { isObject, parsed, present } from "./json.ts";

/** What came of posting an update. */
export type Outcome =
  | { readonly kind: "taken"; readonly reply?: Call }
  /** `after`: seconds the bot asks for. */
  | { readonly kind: "failed"; readonly why: string; readonly after?: number };

/** What the bot's response means. */
export async function outcomeOf(response: Response): Promise<Outcome> {
  const body = await response.text();
  if (response.ok) return { kind: "taken", ...present({ reply: replyOf(body, response.headers) }) };
  const after = Number(response.headers.get("retry-after") ?? Number.NaN);
  return {
    kind: "failed",
    why: `Wrong response from the webhook: ${`${response.status} ${response.statusText}`.trim()}`,
    ...(Number.isFinite(after) ? { after: Math.min(Math.max(after, 0), 3600) } : {}),
  };
}

/** The method a bot calls by answering the webhook with it. Its result is told to nobody. */
function replyOf(body: string, headers: Headers): Call | undefined {
  const type = headers.get("content-type") ?? "";
  const fields = type.startsWith("application/x-www-form-urlencoded")
    ? Object.fromEntries(new URLSearchParams(body))
    : parsed(body);
  if (!isObject(fields) || typeof fields.method !== "string") return undefined;
  if (/^(get|setwebhook$|deletewebhook$|close$|logout$)/i.test(fields.method)) return undefined;

  const { method, ...parameters } = fields;
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const texts = Object.entries(parameters).map(([name, value]) => [name, text(value)] as const);
  return { method: canonical(method as string), parameters: new Parameters(new Map(texts)) };
}

/** Telegram's words for a post that found nobody. */
export function connectionError(error: unknown): string {
  const cause = error instanceof Error && isObject(error.cause) ? error.cause : {};
  return cause.code === "ECONNREFUSED" ? "Connection refused" : "Connection reset by peer";
}
