import type { Clock } from "./clock.ts";
import { tooMany } from "./refusal.ts";

/**
 * Telegram's patience: 20 calls a minute in a group, one a second with a burst of five in a private chat, thirty a
 * second in all. Sends, edits, deletions, typing and new topics share it. Who calls while being punished is punished
 * longer. Off until a test enables it.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #spent = new Map<string, number[]>();
  /** When a private chat's calls would all be through, had they come at one a second. */
  readonly #through = new Map<number, number>();
  readonly #penalties = new Map<number, { until: number; seconds: number }>();
  #isEnabled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enable(): void {
    this.#isEnabled = true;
  }

  disable(): void {
    this.#isEnabled = false;
    this.#spent.clear();
    this.#through.clear();
    this.#penalties.clear();
  }

  /** Counts a call; throws 429 when it is one too many. */
  spend(method: string, chatId: number): void {
    if (!this.#isEnabled || !isCounted(method)) return;
    this.#punish(chatId);
    const now = this.#clock.now();
    const through = Math.max(this.#through.get(chatId) ?? now, now);
    const waitInChat = chatId < 0 ? this.#wait(`${chatId}`, 20, 60_000) : through - (burst - 1) * 1000 - now;
    const wait = Math.max(this.#wait("all", 30, 1000), waitInChat);
    if (wait > 0) throw this.#penalty(chatId, Math.ceil(wait / 1000));
    this.#note("all");
    this.#note(`${chatId}`);
    this.#through.set(chatId, through + 1000);
  }

  /** Milliseconds until one more call fits into `most` per `window`. */
  #wait(key: string, most: number, window: number): number {
    const now = this.#clock.now();
    const recent = (this.#spent.get(key) ?? []).filter((at) => at > now - window);
    this.#spent.set(key, recent);
    return recent.length < most ? 0 : (recent.at(-most) as number) + window - now;
  }

  #note(key: string): void {
    this.#spent.get(key)?.push(this.#clock.now());
  }

  /** A call during a penalty doubles what is left of it. */
  #punish(chatId: number): void {
    const penalty = this.#penalties.get(chatId);
    if (penalty && penalty.until > this.#clock.now()) throw this.#penalty(chatId, Math.min(penalty.seconds * 2, 6000));
  }

  #penalty(chatId: number, seconds: number): Error {
    this.#penalties.set(chatId, { until: this.#clock.now() + seconds * 1000, seconds });
    return tooMany(seconds);
  }
}

/** How many calls a private chat takes at once. */
const burst = 5;

/** Answering a pressed button is free. */
function isCounted(method: string): boolean {
  return /^(send|edit(?!Forum)|delete(?!Webhook|My|Forum)|createForumTopic)/.test(method);
}
