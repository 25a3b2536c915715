import { alarmsOn, type Clock } from "./clock.ts";
import type { Reader } from "./reader.ts";
import type { Change, World } from "./world.ts";

const keepAlive = 15_000;

/** Server-sent events with everything that a reader sees happen in the chats. */
export class ChatStream {
  readonly #world: World;
  readonly #clock: Clock;
  readonly #open = new Set<() => void>();

  constructor(world: World, clock: Clock) {
    this.#world = world;
    this.#clock = clock;
  }

  /** One reader's stream, until the reader leaves or the stand-in stops. */
  response(reader: Reader): Response {
    let close = () => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        close = this.#follow(reader, controller);
      },
      cancel: () => close(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
  }

  /** Ends every stream. */
  stop(): void {
    for (const close of [...this.#open]) close();
  }

  #follow(reader: Reader, controller: ReadableStreamDefaultController<Uint8Array>): () => void {
    const alarms = alarmsOn(this.#clock);
    const write = (text: string) => controller.enqueue(encoder.encode(text));
    const beat = () => {
      write(": still here\n\n");
      alarms.after(keepAlive, beat);
    };
    write("retry: 1000\n\n");
    alarms.after(keepAlive, beat);
    const unwatch = this.#world.watch((change: Change) => {
      const seen = reader.see(change);
      if (seen) write(`data: ${JSON.stringify(seen)}\n\n`);
    });

    const close = () => {
      if (!this.#open.delete(close)) return;
      unwatch();
      alarms.stop();
      try {
        controller.close();
      } catch {
        // The reader has left already.
      }
    };
    this.#open.add(close);
    return close;
  }
}

const encoder: TextEncoder = new TextEncoder();
