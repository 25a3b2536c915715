/** Which chat is told, where the hub was given none: the first one that shows the claim code. */
import type { Delivery } from "./delivery.ts";
import { type Keyring, sameText } from "./keys.ts";
import type { Outbox } from "./outbox.ts";
import { report } from "./report.ts";
import type { Seam } from "./seam.ts";
import type { Store } from "./store/store.ts";
import type { Incoming, Said } from "./telegram/bot.ts";
import { renderBound } from "./telegram/render/welcome.ts";

export interface Claims {
  /** Whether somebody shows a code, right or wrong: `/start <code>`, which is also what Telegram's links say. */
  isClaim(it: Incoming): it is Said;
  /** Binds the chat when its code is right, unless one is bound; then all that waited is told. Else silence. */
  claim(it: Said, seam: Seam): Promise<void>;
}

export interface ClaimParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly delivery: Delivery;
  readonly outbox: Outbox;
  /** The chat that the hub was given: then there is nothing to claim. */
  readonly given: number | undefined;
  readonly allowed: readonly number[];
  readonly clock: () => number;
}

/** As much of `derive("claim")` as a person can be asked to copy; Telegram's links take 64 characters. */
export const CLAIM_LENGTH: number = 32;

export function createClaims(parts: ClaimParts): Claims {
  const { store, keyring, delivery, outbox, given, allowed, clock } = parts;

  async function isRight({ words: [code = ""], userId }: Said): Promise<boolean> {
    if (given !== undefined || (allowed.length > 0 && !allowed.includes(userId))) return false;
    return sameText(code, (await keyring.derive("claim")).slice(0, CLAIM_LENGTH));
  }

  return {
    isClaim: (it): it is Said => it.kind === "said" && it.name === "start" && it.words.length > 0,

    async claim(it, seam) {
      if (!(await isRight(it))) return;
      const { updateId, chatId, messageId, threadId, isPrivate } = it;
      const claimed = await store.bind({ now: clock(), updateId, chatId });
      if (claimed === "seen" || claimed === "taken") return;
      delivery.turnTo(chatId);
      const message = renderBound(isPrivate);
      await delivery.answer({ chatId, threadId, replyTo: messageId }, { kind: "message", message });
      if (claimed === "bound") seam.waitUntil(outbox.sweep(clock()).catch(report));
    },
  };
}
