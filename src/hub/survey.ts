/** What is known of services at one moment, for whoever asks in the chat. Types only. */
import type { Vitals } from "../event.ts";
import type { Alert, Tally } from "./alert.ts";
import type { Monitor } from "./monitor.ts";
import type { Mute } from "./mute.ts";

/** One look at services. */
export interface Survey {
  readonly services: readonly Surveyed[];
  /** All mutes, those too whose end nobody has told yet. */
  readonly mutes: readonly Mute[];
}

/** A service. */
export interface Surveyed {
  readonly service: string;
  readonly runtime?: string | undefined;
  readonly release?: string | undefined;
  readonly env?: string | undefined;
  /** Its last sign of life, an event or a beat; 0 for none. */
  readonly seen: number;
  /** When the newest of its processes told that it starts; unknown where many are looked at. */
  readonly started?: number;
  /** The newest sample of any of its processes. */
  readonly vitals?: Vitals;
  /** Its processes that beat or measured, those that did last first; unknown where many services are looked at. */
  readonly instances: readonly Instance[];
  /** How much happened in the window that was asked for. */
  readonly traffic: Traffic;
  /** What was told since a time, in no order. */
  readonly kinds: readonly Recent[];
  /** Its monitors, its own first. */
  readonly monitors: readonly Standing[];
  /** Alerts that went into the digest and are not told yet. */
  readonly digested: number;
  /** Events that its client gave up, which the digest has not told yet. */
  readonly lost: number;
}

/** A process of a service. */
export interface Instance {
  readonly name: string;
  /** Its last beat, or when vitals of it last came. */
  readonly seen: number;
  /** When it told that it starts, where that is still known, and as what. */
  readonly started?: number;
  readonly role?: string | undefined;
  /** Its newest sample, where it measured something in the last minutes. */
  readonly vitals?: Vitals;
}

/** How often something happened, what was muted or merged too. Each event is counted once: what is slow is not a warning as well. */
export interface Traffic {
  readonly errors: number;
  readonly warnings: number;
  readonly slow: number;
  readonly watchdog: number;
}

/** One kind of event that was told of late. */
export interface Recent {
  readonly fingerprint: string;
  /** When it last happened, milliseconds since 1970. */
  readonly last: number;
  /** 0 to 3, as severities go: the worst in its window. */
  readonly rank: number;
  /** Telegram does not have its message yet. */
  readonly isWaiting: boolean;
}

/** A monitor, and what only who asks for it needs to know. */
export interface Standing extends Monitor {
  /** When the chat is reminded that it is down; 0 for never. */
  readonly remindAt: number;
  /** What it went down by, while it is down. */
  readonly why?: "silent" | "stuck" | "failed";
  /** It beats, but its vitals no longer come, and that was told. */
  readonly lacksVitals: boolean;
}

/** An event that was told, as often as it happened in its window. */
export interface Said {
  readonly alert: Alert;
  readonly tally: Tally;
}
