/** Real Telegram for a hub that it cannot reach: fetches updates and hands them to the webhook's address. */
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";

export interface PollingOptions {
  readonly apiRoot: string;
  readonly botToken: string;
  /** Where updates go, and what proves that they come from us. */
  readonly webhook: string;
  readonly secretToken: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onTrouble: (words: string) => void;
}

const answer = z.object({ ok: z.boolean(), description: z.string().optional(), result: z.unknown() });
const updates = z.array(z.looseObject({ update_id: z.int() }));

/** Polls until it is told to stop. What fails is tried again; an update counts as taken once the hub has answered. */
export async function poll(options: PollingOptions): Promise<void> {
  const { apiRoot, botToken, webhook, secretToken, signal, onTrouble } = options;
  const headers = { "content-type": "application/json", "x-telegram-bot-api-secret-token": secretToken };
  for (let offset = 0; !signal.aborted; ) {
    try {
      const reply = await fetch(`${apiRoot}/bot${botToken}/getUpdates?timeout=50&offset=${offset}`, { signal });
      const { ok, description, result } = answer.parse(await reply.json());
      if (!ok) throw new Error(description);
      for (const update of updates.parse(result)) {
        const taken = await fetch(webhook, { method: "POST", headers, body: JSON.stringify(update), signal });
        if (!taken.ok) throw new Error(`the hub answered ${taken.status}`);
        offset = update.update_id + 1;
      }
    } catch (error) {
      if (signal.aborted) return;
      onTrouble(`polling: ${error instanceof Error ? error.message.replaceAll(botToken, "…") : "failed"}`);
      await delay(3_000, undefined, { signal }).catch(() => undefined);
    }
  }
}
