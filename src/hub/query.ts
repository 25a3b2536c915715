/** A pressed button that waits to be answered: it is, once, and not too late. */
import type { Telegram } from "./telegram/api.ts";
import { TOAST } from "./telegram/render/toast.ts";

export interface Query {
  /** Tells who pressed it; only the first answer counts. Never rejects. */
  answer(words: string): Promise<void>;
  /** Nobody answers it any more. */
  close(): void;
}

/** Telegram's apps show a pressed button as waiting; after so long they are told that it goes on. Milliseconds. */
const SOON = 1_500;

/** `isOurs` where it is known that the press comes from the chat that we serve; others may have no sign of us. */
export function openQuery(telegram: Telegram, queryId: string, isOurs: boolean): Query {
  let isOver = false;
  const timer = isOurs ? setTimeout(() => answer(TOAST.atIt), SOON) : undefined;

  async function answer(words: string): Promise<void> {
    if (isOver) return;
    close();
    await telegram.answer(queryId, words);
  }

  function close(): void {
    isOver = true;
    clearTimeout(timer);
  }

  return { answer, close };
}
