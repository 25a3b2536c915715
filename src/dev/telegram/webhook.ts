import type { WebhookInfo } from "@grammyjs/types";
import type { Call } from "./call.ts";
import type { Clock } from "./clock.ts";
import { present } from "./json.ts";
import { connectionError, type Outcome, outcomeOf } from "./outcome.ts";
import type { Pending, Updates } from "./updates.ts";

/** Where updates are posted to, and how. */
export interface WebhookSettings {
  readonly url: string;
  readonly secret?: string;
  readonly maxConnections: number;
  readonly ip?: string;
}

const readTimeout = 60_000;
const lifetime = 24 * 60 * 60_000;

/**
 * Posts updates to the bot: one at a time for each chat, again when it is not answered with 2xx (with the same
 * number, after the pause its `Retry-After` asks for), for a day.
 */
export class Webhook {
  readonly #updates: Updates;
  readonly #clock: Clock;
  readonly #fetch: typeof fetch;
  readonly #onReply: (call: Call) => Promise<void>;
  #settings: WebhookSettings | undefined;
  #lastError: { readonly date: number; readonly message: string } | undefined;
  /** Chats with an update under way or waiting to be repeated. */
  #busy = new Map<number, { readonly isWaiting: boolean }>();
  #failures = new Map<number, number>();
  #idle: (() => void)[] = [];
  readonly #posts = new Set<AbortController>();

  constructor(updates: Updates, clock: Clock, post: typeof fetch, onReply: (call: Call) => Promise<void>) {
    this.#updates = updates;
    this.#clock = clock;
    this.#fetch = post;
    this.#onReply = onReply;
    updates.onAdd = () => this.#pump();
  }

  get isSet(): boolean {
    return this.#settings !== undefined;
  }

  set(settings: WebhookSettings | undefined): void {
    this.#settings = settings;
    this.#lastError = undefined;
    this.restart();
  }

  /** Forgets what is under way and begins again with what is pending. */
  restart(): void {
    for (const post of this.#posts) post.abort();
    this.#busy = new Map();
    this.#failures = new Map();
    this.#pump();
  }

  info(): WebhookInfo {
    return {
      url: this.#settings?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: this.#updates.pending.length,
      ...present({
        max_connections: this.#settings?.maxConnections,
        ip_address: this.#settings?.ip,
        last_error_date: this.#lastError?.date,
        last_error_message: this.#lastError?.message,
        allowed_updates: this.#updates.allowed.length > 0 ? this.#updates.allowed : undefined,
      }),
    } as WebhookInfo;
  }

  /** Resolves when nothing is under way: every update was answered, or waits to be repeated. */
  idle(): Promise<void> {
    return this.#isUnderWay() ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  #isUnderWay(): boolean {
    return [...this.#busy.values()].some(({ isWaiting }) => !isWaiting);
  }

  #pump(): void {
    const settings = this.#settings;
    for (const pending of settings ? [...this.#updates.pending] : []) {
      if (this.#busy.size >= (settings?.maxConnections ?? 0)) break;
      if (!this.#busy.has(pending.chatId)) void this.#deliver(pending, settings as WebhookSettings);
    }
    if (this.#isUnderWay()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #deliver(pending: Pending, settings: WebhookSettings): Promise<void> {
    const busy = this.#busy;
    busy.set(pending.chatId, { isWaiting: false });
    const outcome = await this.#post(pending, settings);
    if (busy !== this.#busy) return; // Set anew meanwhile: this delivery is nobody's business any more.

    if (outcome.kind === "taken") {
      if (outcome.reply) await this.#onReply(outcome.reply);
      this.#done(pending);
    } else {
      this.#lastError = { date: Math.floor(this.#clock.now() / 1000), message: outcome.why };
      this.#repeat(pending, outcome.after);
    }
    this.#pump();
  }

  #done({ update, chatId }: Pending): void {
    this.#updates.confirm(update.update_id);
    this.#failures.delete(update.update_id);
    this.#busy.delete(chatId);
  }

  #repeat(pending: Pending, after: number | undefined): void {
    const failures = (this.#failures.get(pending.update.update_id) ?? 0) + 1;
    const pause = (after ?? Math.min(2 ** (failures - 1), 60)) * 1000;
    if (this.#clock.now() + pause > pending.at + lifetime) {
      this.#done(pending);
      return;
    }
    const busy = this.#busy;
    this.#failures.set(pending.update.update_id, failures);
    busy.set(pending.chatId, { isWaiting: true });
    this.#clock.after(pause, () => {
      busy.delete(pending.chatId);
      if (busy === this.#busy) this.#pump();
    });
  }

  async #post({ update }: Pending, { url, secret }: WebhookSettings): Promise<Outcome> {
    const post = new AbortController();
    this.#posts.add(post);
    const cancel = this.#clock.after(readTimeout, () => post.abort());
    const headers = { "content-type": "application/json", ...present({ "x-telegram-bot-api-secret-token": secret }) };
    try {
      const body = JSON.stringify(update);
      const request = new Request(url, { method: "POST", headers, body, signal: post.signal });
      const response = await Promise.race([this.#fetch(request), aborted(post.signal)]);
      return await outcomeOf(response);
    } catch (error) {
      return { kind: "failed", why: post.signal.aborted ? "Read timeout expired" : connectionError(error) };
    } finally {
      this.#posts.delete(post);
      cancel();
    }
  }
}

/** Rejects at the abort, for a bot in this process that does not listen to it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
