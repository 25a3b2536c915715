// What several services send, and what they are answered: new kinds, repeats, criticals, storms.
import { setTimeout as delay } from "node:timers/promises";
import { fingerprintOf } from "../../dist/src/hub/fingerprint.js";
import { batchOf, many } from "../events.mjs";
import { addressOf } from "../stand.mjs";

const SERVICES = ["orders-api", "shop", "worker-1", "billing", "search"];
const CLIENTS_EACH = 2;
/** Milliseconds between a client's batches, at most; a storm does not wait. */
const PAUSE = 4_000;
/** How long a client waits for an answer: as long as our own. */
const PATIENCE = 5_000;

/** Dice that fall the same way for the same seed: `roll(6)` is 0 to 5. */
export function diceOf(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const event = (title, severity, count = 1) => ({
  ...{ kind: "notify", severity, at: Date.now(), title, fingerprint: title, count },
});

/** What one client has to tell, batch by batch: mostly repeats. */
function* newsOf(name, roll) {
  const usual = () =>
    [event("Cache miss", "info"), event("Slow query", "warning"), event("No price", "error")][roll(3)];
  for (let n = 0; ; n++) {
    const chance = roll(100);
    if (chance < 60) yield { events: many(1 + roll(5), usual) };
    else if (chance < 85) yield { events: [event(`Never seen ${name} ${n}`, "error")] };
    else if (chance < 98) yield { events: [event("Disk full", "critical", 1 + roll(3)), usual()] };
    else {
      const storm = 20 + roll(20);
      for (let i = 0; i < storm; i++)
        yield { events: many(50, () => event(`Storm ${roll(5)}`, "error")), isStorm: true };
    }
  }
}

/**
 * All clients of all services, sending to `hubs` until `until`. Each tries a batch again, under the same id, until it
 * is taken. Resolves with one entry for each batch: what was in it, and what came of it.
 */
export async function send(hubs, seed, until) {
  const ledger = [];
  const clients = SERVICES.flatMap((service, s) => many(CLIENTS_EACH, (c) => ({ service, name: `${s}${c}` })));
  const work = async ({ service, name }, i) => {
    const roll = diceOf(seed + i * 7_919);
    for (const { events, isStorm } of newsOf(name, roll)) {
      if (!isStorm) await delay(roll(PAUSE));
      if (Date.now() >= until) return;
      ledger.push(await deliver(hubs, service, events, roll));
    }
  };
  await Promise.all(clients.map(work));
  return ledger;
}

async function deliver(hubs, service, events, roll) {
  const body = batchOf(events);
  const entry = {
    id: JSON.parse(body).id,
    kinds: events.map((it) => [fingerprintOf(service, it), it.count]),
    tries: 1,
  };
  for (; ; entry.tries++) {
    const began = performance.now();
    const answer = await post(await addressOf(hubs[roll(hubs.length)].url, service), body);
    const ms = performance.now() - began;
    if (answer.status === 202) return { ...entry, ms, at: Date.now(), ...answer.said };
    if (answer.status < 500 && answer.status !== 0) throw new Error(`a hub answered ${answer.status}`);
    await delay(answer.after + roll(1_000));
  }
}

/** One try. Whoever is killed, or too late, answers 0. */
async function post(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE) });
    const said = await answer.json();
    return { status: answer.status, said, after: Number(answer.headers.get("retry-after") ?? 1) * 1_000 };
  } catch {
    return { status: 0, after: 1_000 };
  }
}
