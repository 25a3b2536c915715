/** The hub's memory, by verbs of its own. Only this room speaks to Redis. */
import { type ChatVerbs, createChatVerbs } from "./chats.ts";
import { createDashboardVerbs, type DashboardVerbs } from "./dashboard.ts";
import { createDeskVerbs, type DeskVerbs } from "./desk.ts";
import { createDigestVerbs, type DigestVerbs } from "./digest.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { createMonitorVerbs, type MonitorVerbs } from "./monitors.ts";
import { createMuteVerbs, type MuteVerbs } from "./mutes.ts";
import { createOutboxVerbs, type OutboxVerbs } from "./outbox.ts";
import { createQuietVerbs, type QuietVerbs } from "./quiet.ts";
import { type Redis, StoreError } from "./redis.ts";
import { createSurveyVerbs, type SurveyVerbs } from "./survey.ts";
import { createUpkeepVerbs, type UpkeepVerbs } from "./upkeep.ts";
import { createVitalsVerbs, type VitalsVerbs } from "./vitals.ts";

export type { Channel, Place } from "./chats.ts";
export type { Board, Look } from "./dashboard.ts";
export { ASKS, type Caller, type Claimed, type Entered } from "./desk.ts";
export type { Digest, Merged } from "./digest.ts";
export type { Answer, Intake, IntakeAlert, Taken, Verdict } from "./inbox.ts";
export { BUCKET, DIGEST_AFTER, LEASE, WINDOW } from "./inbox.ts";
export type { AlertPlace, Beat, Beaten, Heard, MonitorId, Slotted, Tuning, Watched } from "./monitors.ts";
export { MONITORS } from "./monitors.ts";
export type { Mute, Scope } from "./mutes.ts";
export type { Entry, Kept, MessageDue, Told, WindowDue } from "./outbox.ts";
export { NEWS_CALLS } from "./outbox.ts";
export type { Stretch } from "./pages.ts";
export type { Night, Quiet } from "./quiet.ts";
export { connect, StoreError } from "./redis.ts";
export type { LastTold, Sight } from "./survey.ts";
export { SERVICES } from "./survey.ts";
export type { Health } from "./upkeep.ts";

export interface Store
  extends Inbox,
    OutboxVerbs,
    ChatVerbs,
    DashboardVerbs,
    DeskVerbs,
    DigestVerbs,
    MuteVerbs,
    MonitorVerbs,
    QuietVerbs,
    SurveyVerbs,
    VitalsVerbs,
    UpkeepVerbs {}

/** How a hub uses its store. */
export interface StoreOptions {
  /** One request to Redis may serve many callers. @default false */
  readonly isShared?: boolean | undefined;
  /** The hub was given no chat: the store says which is bound. @default false */
  readonly isBound?: boolean;
}

/** Every failure of a verb becomes a {@link StoreError}. */
export function createStore(redis: Redis, { isShared = false, isBound = false }: StoreOptions = {}): Store {
  const verbs: Store = {
    ...createInbox(redis, isBound),
    ...createOutboxVerbs(redis, isBound),
    ...createChatVerbs(redis),
    ...createDashboardVerbs(redis),
    ...createDeskVerbs(redis),
    ...createDigestVerbs(redis),
    ...createMuteVerbs(redis),
    ...createMonitorVerbs(redis, isShared),
    ...createQuietVerbs(redis),
    ...createSurveyVerbs(redis),
    ...createVitalsVerbs(redis),
    ...createUpkeepVerbs(redis),
  };
  const safe = Object.entries(verbs).map(([name, verb]: [string, (...given: never[]) => Promise<unknown>]) => [
    name,
    (...given: never[]) =>
      verb(...given).catch((error: unknown) => {
        throw new StoreError(error);
      }),
  ]);
  return Object.fromEntries(safe) as Store;
}
