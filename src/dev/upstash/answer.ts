/** Redis replies → HTTP answers, by the rules of Upstash's REST API. */
import type { Call } from "./call.ts";
import type { Database } from "./database.ts";
import { RedisError, type Reply } from "./resp.ts";

/** An HTTP answer; `body` is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** How strings are written; `base64` is what `@upstash/redis` asks for. */
export type Encoding = "utf8" | "base64";

/** Runs a call and answers it. */
export async function answerTo(database: Database, call: Call, encoding: Encoding): Promise<Answer> {
  const replies =
    call.kind === "transaction" ? await database.transaction(call.commands) : await database.pipeline(call.commands);
  if (replies instanceof RedisError) return refusal(400, replies.message);
  const items = replies.map((reply) =>
    reply instanceof RedisError ? { error: reply.message } : { result: toResult(reply, encoding) },
  );
  if (call.kind !== "single") return { status: 200, body: items };
  return { status: replies[0] instanceof RedisError ? 400 : 200, body: items[0] };
}

/** A whole result: its status OK is never encoded, not even where every other string is. */
function toResult(reply: Reply, encoding: Encoding): unknown {
  return reply === "OK" ? reply : toJson(reply, encoding);
}

/** A reply as JSON; bytes that are no UTF-8 survive only as base64. */
export function toJson(reply: Reply, encoding: Encoding): unknown {
  if (reply === null || typeof reply === "number") return reply;
  if (Array.isArray(reply)) return reply.map((item) => toJson(item, encoding));
  if (reply instanceof Buffer) return reply.toString(encoding);
  if (reply instanceof RedisError) return reply.message;
  // A big integer is a string in JSON, so it is encoded like one.
  return Buffer.from(`${reply}`).toString(encoding);
}

/** An answer that says why there is no result. */
export function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}
