/** A hub in this process, with a clock in the test's hand, between a real Redis and the strict Telegram. */
import { type BotApi, createBotApi } from "../src/dev/telegram/api.ts";
import type { SayOptions } from "../src/dev/telegram/people.ts";
import type { ChatMessage } from "../src/dev/telegram/room.ts";
import type { EngineKind } from "../src/dev/upstash/engine.ts";
import { startUpstash, type Upstash } from "../src/dev/upstash/front.ts";
import type { Batch, Event } from "../src/event.ts";
import { createHub, type Hub, type Ticked, type World } from "../src/hub/hub.ts";
import { alertsOf, ingest } from "../src/hub/ingest.ts";
import { createKeyring } from "../src/hub/keys.ts";
import { connect, createStore, type Scope } from "../src/hub/store/store.ts";

export const SECRET = "a-secret-for-tests-in-one-process-0123456789";
const SERVICE = "orders-api";

export interface Stand {
  readonly upstash: Upstash;
  readonly telegram: BotApi;
  /** Milliseconds since 1970; a test moves it. */
  now: number;
  /** An empty store, an empty chat, nothing wrong, and a hub that remembers nothing. */
  reset(): Promise<void>;
  /** Another hub on the same store, as another isolate would be. */
  open(env?: Readonly<Record<string, string>>, world?: World): Hub;
  /** Sends events and waits until all that the hub does afterwards has been done. */
  tell(events: readonly unknown[], how?: Tell): Promise<Response>;
  /** Sends any body, as {@link Stand.tell} does. */
  post(body: string, how?: Pick<Tell, "service" | "hub">): Promise<Response>;
  /** One ping of a service's `…/beat`, and all that the hub does afterwards. */
  beat(
    path?: string,
    init?: RequestInit & Pick<Tell, "service" | "hub"> & { readonly generation?: number },
  ): Promise<Response>;
  /** Presses a button of the alerts chat. Answers what the person is told. */
  press(messageId: number, button: string, by?: Hub): Promise<string>;
  /** Takes events in as a hub does that is killed right after its answer. */
  abandon(events: readonly Event[]): Promise<void>;
  /** Mutes for so many milliseconds from now. */
  mute(scope: Scope, ms: number, title: string): Promise<void>;
  /** A person writes into the alerts chat, or another. Answers what the person reads then, with its buttons; "" for silence. */
  ask(text: string, how?: SayOptions & { readonly chatId?: number; readonly hub?: Hub }): Promise<string>;
  /** Brings to a hub what Telegram has to say, as its webhook would. Answers with what status it was taken. */
  hear(by?: Hub): Promise<readonly number[]>;
  /** Brings one update to a hub, by default with the secret that Telegram knows. */
  update(update: unknown, by?: Hub, secret?: string): Promise<Response>;
  /** What `/health` says to a hub that has not been asked before. */
  health(): Promise<{ readonly status: number; readonly [field: string]: unknown }>;
  /** One run of the cron, `later` milliseconds from now. */
  tick(later?: number): Promise<Ticked>;
  /** What a person reads in the chat, oldest first. */
  texts(): string[];
  /** The sum of all counts that the chat shows: alerts, digests, and what mutes swallowed. */
  shown(): number;
  stop(): Promise<void>;
}

export interface Tell extends Partial<Batch> {
  readonly service?: string;
  /** Who takes it. @default always the same hub */
  readonly hub?: Hub;
}

/** @param engine default: the one that the environment asks for */
export async function openStand(engine?: EngineKind): Promise<Stand> {
  const upstash = await startUpstash(engine ? { engine } : {});
  const keyring = createKeyring(SECRET);
  let batches = 0;
  let heard = 0;
  const batchOf = <T>(events: readonly T[]) => ({
    v: 1 as const,
    id: `stand-batch-${++batches}`,
    instance: "i-1",
    events,
  });

  async function hear(by: Hub): Promise<number[]> {
    const answers: number[] = [];
    const updates = await stand.telegram.fetch(
      `http://telegram.test/bot${stand.telegram.token}/getUpdates?offset=${heard}`,
    );
    for (const update of (await updates.json()).result) {
      heard = update.update_id + 1;
      answers.push((await bring(update, by)).status);
    }
    return answers;
  }

  async function bring(update: unknown, by: Hub, secret?: string): Promise<Response> {
    const headers = { "x-telegram-bot-api-secret-token": secret ?? (await keyring.derive("webhook")) };
    const body = JSON.stringify(update);
    const works: Promise<unknown>[] = [];
    const request = new Request("http://hub.test/telegram", { method: "POST", headers, body });
    const answer = await by.fetch(request, { waitUntil: (work) => works.push(work) });
    await Promise.all(works);
    return answer;
  }

  const stand: Stand = {
    upstash,
    telegram: createBotApi({ now: () => stand.now }),
    now: Date.UTC(2026, 10, 21, 14, 18, 42),
    open(given = {}, world = {}) {
      const env = {
        SNITCHBOT_SECRET: SECRET,
        UPSTASH_REDIS_REST_URL: upstash.url,
        UPSTASH_REDIS_REST_TOKEN: upstash.token,
        TELEGRAM_BOT_TOKEN: stand.telegram.token,
        TELEGRAM_CHAT_ID: String(stand.telegram.alerts),
        TELEGRAM_API_ROOT: "http://telegram.test",
        ...given,
      };
      return createHub(env, { clock: () => stand.now, fetch: stand.telegram.fetch as typeof fetch, ...world });
    },
    async reset() {
      await upstash.command("FLUSHALL");
      upstash.faults.clear();
      stand.telegram.reset();
      heard = 0;
      hub = stand.open();
    },
    tell: (events, { service, hub, ...given } = {}) =>
      stand.post(JSON.stringify({ ...batchOf(events), ...given }), {
        ...(service && { service }),
        ...(hub && { hub }),
      }),
    async post(body, { service = SERVICE, hub: other = hub } = {}) {
      const url = `http://hub.test/s/${await keyring.issue(service)}`;
      const works: Promise<unknown>[] = [];
      const answer = await other.fetch(new Request(url, { method: "POST", body }), {
        waitUntil: (work) => works.push(work),
      });
      await Promise.all(works);
      return answer;
    },
    async beat(path = "", { service = SERVICE, hub: other = hub, generation = 1, ...init } = {}) {
      const works: Promise<unknown>[] = [];
      const request = new Request(`http://hub.test/s/${await keyring.issue(service, generation)}/beat${path}`, init);
      const answer = await other.fetch(request, { waitUntil: (work) => works.push(work) });
      await Promise.all(works);
      return answer;
    },
    async abandon(events) {
      const store = createStore(connect(upstash.url, upstash.token));
      const key = { service: SERVICE, generation: 1 };
      const batch = batchOf(events);
      await ingest(store, key, batch, alertsOf(key, batch, stand.now), stand.telegram.alerts, stand.now);
    },
    async mute(scope, ms, title) {
      await createStore(connect(upstash.url, upstash.token)).mute(scope, stand.now + ms, title);
    },
    async press(messageId, button, by = hub) {
      const answer = stand.telegram.press(stand.telegram.alerts, messageId, button);
      await hear(by);
      return (await answer)?.text ?? "";
    },
    async ask(text, { chatId = stand.telegram.alerts, hub: by = hub, ...how } = {}) {
      const asked = stand.telegram.say(chatId, text, how);
      await hear(by);
      const read = stand.telegram.messages(chatId).filter(({ message_id: id }) => id > asked.message_id);
      return read.map(readable).join("\n\n");
    },
    hear: (by = hub) => hear(by),
    update: (update, by = hub, secret) => bring(update, by, secret),
    async health() {
      const answer = await stand.open().fetch(new Request("http://hub.test/health"), { waitUntil: () => undefined });
      return { status: answer.status, ...(await answer.json()) };
    },
    tick(later = 0) {
      stand.now += later;
      return hub.tick(stand.now);
    },
    texts: () => stand.telegram.messages().flatMap(({ text }) => text ?? []),
    shown: () =>
      stand.texts().reduce((sum, text) => {
        if (/^(💡|⚠️ snitchbot|✅ Redis|👁)/u.test(text)) return sum; // what we say of ourselves
        const counted = /^.* × ([\d ]+)\n|^📦 ([\d ]+) more|^🔔 No longer muted; ([\d ]+) event/.exec(text);
        const [, times, more, swallowed] = counted ?? [];
        return sum + Number((times ?? more ?? swallowed ?? "1").replaceAll(" ", ""));
      }, 0),
    async stop() {
      stand.telegram.stop();
      await upstash.stop();
    },
  };
  let hub = stand.open();
  return stand;
}

/** A message as a person reads it, its buttons below it. */
export function readable({ text, caption, document, reply_markup }: ChatMessage): string {
  const rows = reply_markup?.inline_keyboard ?? [];
  const head = document ? `<${document.file_name}>` : undefined;
  const lines = [head, text ?? caption, ...rows.map((row) => row.map((button) => `[${button.text}]`).join(" "))];
  return lines.filter((it) => it !== undefined).join("\n");
}

export function notify(title: string, given: Partial<Event> = {}): Event {
  return { kind: "notify", severity: "error", at: Date.UTC(2026, 10, 21, 14, 18, 42), title, ...given };
}
