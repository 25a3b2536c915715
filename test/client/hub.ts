/** A hub that only listens: it keeps what a client sends, and answers what the test wants. */
import type { Batch, Event } from "../../src/event.ts";
import type { Snitch, SnitchOptions } from "../../src/mod.ts";
import { createSnitch } from "../../src/mod.ts";

export const ADDRESS = "https://hub.test/s/orders-api.kJ3x-9QpLm_2RtYw8ZbN4A";

export interface Request {
  readonly url: string;
  readonly init: RequestInit;
  readonly body: string;
  readonly batch: Batch;
}

export interface Listener {
  readonly snitch: Snitch;
  readonly requests: readonly Request[];
  /** What the hub says to the next requests. */
  answer: () => Response | Promise<Response>;
  events(): Event[];
  /** The first event, once everything is sent. */
  first(): Promise<Event>;
  /** Occurrences told: the sum of all counts. */
  told(): number;
  /** Occurrences given up, as the hub was told. */
  dropped(): number;
}

export const accepted = (body: object = {}): Response => Response.json({ accepted: 1, ...body }, { status: 202 });

/** A client with a hub of its own. */
export function listen(options: SnitchOptions = {}): Listener {
  const requests: Request[] = [];
  const listener: Listener = {
    snitch: createSnitch({
      url: ADDRESS,
      async fetch(url, init) {
        const body = String(init.body);
        requests.push({ url, init, body, batch: JSON.parse(body) });
        return listener.answer();
      },
      ...options,
    }),
    requests,
    answer: accepted,
    events: () => requests.flatMap(({ batch }) => batch.events),
    async first() {
      await listener.snitch.flush();
      const [event] = listener.events();
      if (!event) throw new Error("nothing was sent");
      return event;
    },
    told: () => listener.events().reduce((sum, { count = 1 }) => sum + count, 0),
    dropped: () => requests.reduce((sum, { batch }) => sum + (batch.dropped ?? 0), 0),
  };
  return listener;
}
