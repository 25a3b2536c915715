/** What the buttons below alerts and monitors do. */
import type { Decide } from "./decisions.ts";
import type { Delivery } from "./delivery.ts";
import { serviceId } from "./fingerprint.ts";
import type { Query } from "./query.ts";
import { report } from "./report.ts";
import type { Caller, Entered, Kept, Mute, Store } from "./store/store.ts";
import type { Pressed } from "./telegram/bot.ts";
import {
  type AlertCallback,
  type AlertVerb,
  type Callback,
  type MonitorCallback,
  mutedButtons,
  unmutedButtons,
} from "./telegram/render/callback.ts";
import { titleIn } from "./telegram/render/message.ts";
import { mutedToast, stillMutedToast, TOAST, unmutedToast } from "./telegram/render/toast.ts";
import { traceFile, traceMessage } from "./telegram/render/trace.ts";

/** An update that was taken in. */
type In = Entered & { readonly kind: "in" };

export interface Presses {
  /** Whether a button takes a call to Telegram; what it does to the store it does without one, too. */
  callOf(callback: Callback | undefined): Caller["call"];
  /** The name behind an id that a button carries. */
  serviceOf(id: string, entered: In): string | undefined;
  /** Does what a button stands for, and tells the person. Never rejects. */
  press(press: Press): Promise<void>;
}

/** A press that was taken in. */
export interface Press {
  readonly it: Pressed;
  readonly query: Query;
  readonly callback: AlertCallback | MonitorCallback;
  readonly entered: In;
}

export interface PressParts {
  readonly store: Store;
  readonly delivery: Delivery;
  readonly decide: Decide;
  readonly clock: () => number;
}

const MINUTE = 60_000;

const MUTES: Readonly<Partial<Record<AlertVerb, number>>> = {
  m5m: 5 * MINUTE,
  m1h: 60 * MINUTE,
  m24h: 24 * 60 * MINUTE,
};
const CALLING: readonly Callback["verb"][] = ["trace", "m5m", "m1h", "m24h", "unmute", "ask"];

/** What was pressed below an alert, of a service that is known. */
interface Alerted {
  readonly it: Pressed;
  readonly query: Query;
  readonly service: string;
  readonly fingerprint: string;
  readonly granted: boolean;
}

export function createPresses({ store, delivery, decide, clock }: PressParts): Presses {
  /** Telegram's own server may be too old for what only one person sees; that is tried once. */
  let canWhisper = true;

  async function mute({ it, query, service, fingerprint, granted }: Alerted, ms: number): Promise<void> {
    const until = clock() + ms;
    const isMuted = await store.mute({ service, fingerprint }, until, titleIn(it.text ?? "", fingerprint));
    await query.answer(isMuted ? mutedToast(until) : TOAST.full);
    if (isMuted && granted) await delivery.putButtons(it, mutedButtons(it.buttons, until, fingerprint, service));
  }

  async function unmute({ it, query, service, fingerprint, granted }: Alerted): Promise<void> {
    const mute = await store.cutShort(service, fingerprint, clock());
    await query.answer(mute ? unmutedToast(mute.swallowed) : TOAST.notMuted);
    if (granted) await delivery.putButtons(it, unmutedButtons(it.buttons, fingerprint, service));
  }

  async function tellMute({ query, service, fingerprint }: Alerted): Promise<void> {
    const isAbout = (mute: Mute) => mute.fingerprint === fingerprint && (mute.service ?? service) === service;
    const found = (await store.mutes()).find((mute) => isAbout(mute) && mute.until > clock());
    await query.answer(found ? stillMutedToast(found.until, found.swallowed) : TOAST.notMuted);
  }

  async function trace({ it, query, service, fingerprint, granted }: Alerted): Promise<void> {
    if (!granted) return query.answer(TOAST.noCall);
    const [kept] = await store.read([{ kind: "message", service, id: fingerprint }], it.chatId);
    await query.answer(kept ? "" : TOAST.noLonger);
    if (kept) await tellTrace(it, kept);
  }

  async function tellTrace(
    { chatId, threadId, messageId, userId, queryId, isPrivate }: Pressed,
    { alert }: Kept,
  ): Promise<void> {
    const message = traceMessage(alert);
    const answer = message ? ({ kind: "message", message } as const) : traceFile(alert);
    const to = { chatId, threadId, replyTo: messageId };
    if (canWhisper && !isPrivate) {
      const outcome = await delivery.answer({ ...to, onlyFor: { userId, queryId } }, answer);
      if (outcome.kind !== "refused" && outcome.kind !== "gone") return;
      canWhisper = false;
      await delivery.own([clock()]); // one call was granted, two are made
    }
    await delivery.answer(to, answer);
  }

  async function pressAlert(verb: AlertVerb, alerted: Alerted): Promise<void> {
    if (verb === "trace") return trace(alerted);
    if (verb === "unmute") return unmute(alerted);
    if (verb === "muted") return tellMute(alerted);
    return mute(alerted, MUTES[verb] ?? MINUTE);
  }

  function serviceOf(id: string, { services }: In): string | undefined {
    return services.find((name) => serviceId(name) === id);
  }

  async function act(press: Press): Promise<void> {
    const { it, query, callback, entered } = press;
    const service = serviceOf(callback.service, entered);
    if (service === undefined) return query.answer(TOAST.noLonger);
    if ("monitor" in callback) {
      const { verb, monitor, offer } = callback;
      return query.answer(await decide(verb, service, monitor, offer));
    }
    const { verb, fingerprint } = callback;
    return pressAlert(verb, { it, query, service, fingerprint, granted: entered.granted });
  }

  return {
    callOf: (callback) => (callback && CALLING.includes(callback.verb) ? "may" : "none"),
    serviceOf,
    async press(press) {
      try {
        await act(press);
      } catch (error) {
        report(error);
        await press.query.answer(TOAST.storeLost);
      }
    },
  };
}
