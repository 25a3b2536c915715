/** What a hub is made of, put together once. */

import { createClaims } from "./claims.ts";
import type { Config } from "./config.ts";
import { createDashboard } from "./dashboard.ts";
import { createDecisions } from "./decisions.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import { createDesk, type Desk } from "./desk.ts";
import { createDigest } from "./digest.ts";
import { createFallback, type Fallback } from "./fallback.ts";
import { createGate, type Gate } from "./gate.ts";
import { createKeyring, type Keyring } from "./keys.ts";
import { createNews } from "./news.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createPresses } from "./presses.ts";
import type { World } from "./seam.ts";
import { createGuard } from "./store/guard.ts";
import { connect, createStore, type Store } from "./store/store.ts";
import { createSummary } from "./summary.ts";
import { createTelegram } from "./telegram/api.ts";
import { COMMANDS } from "./telegram/commands/commands.ts";
import { createTopics } from "./topics.ts";

export interface Parts {
  readonly config: Config;
  readonly clock: () => number;
  readonly fetch: typeof fetch;
  readonly keyring: Keyring;
  readonly store: Store;
  readonly gate: Gate;
  readonly delivery: Delivery;
  readonly outbox: Outbox;
  readonly fallback: Fallback;
  readonly desk: Desk;
}

export function assemble(config: Config, world: World): Parts {
  const clock = world.clock ?? Date.now;
  const redis = connect(config.redis.url, config.redis.token);
  const { token, apiRoot, chatId, loudFrom, allowedUsers: allowed } = config.telegram;
  const store = createStore(redis, { isShared: world.isResident, isBound: chatId === undefined });
  const keyring = createKeyring(config.secret);
  const reach = { token, apiRoot, ...(world.fetch && { fetch: world.fetch }) };
  const telegram = createTelegram(reach);
  const topics = createTopics(store, telegram, clock);
  const delivery = createDelivery({ store, telegram, topics, chatId, loudFrom, clock });
  const news = createNews(store, delivery);
  const tellDigest = createDigest(store, delivery, clock);
  const sumUp = createSummary(store, delivery);
  const lookAt = createDashboard(store, delivery);
  const outbox = createOutbox({ store, delivery, news, tellDigest, sumUp, lookAt, clock });
  const claims = createClaims({ store, keyring, delivery, outbox, given: chatId, allowed, clock });
  const presses = createPresses({ store, delivery, decide: createDecisions(store, clock), clock });
  const means = { store, isGiven: chatId !== undefined };
  return {
    config,
    clock,
    fetch: world.fetch ?? ((...request: Parameters<typeof fetch>) => fetch(...request)),
    keyring,
    store,
    gate: createGate(keyring, createGuard(redis)),
    delivery,
    outbox,
    fallback: createFallback(delivery, clock),
    desk: createDesk({
      ...{ store, telegram, delivery, claims, presses, means, given: chatId, allowed, clock },
      commands: COMMANDS,
    }),
  };
}
