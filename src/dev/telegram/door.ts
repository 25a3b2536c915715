import { type Answer, refused, respond } from "./answer.ts";
import { type Call, readCall, tableOf } from "./call.ts";
import type { Fault } from "./faults.ts";
import { otherMethods } from "./method-table.ts";
import { callbackMethods } from "./methods/callbacks.ts";
import { chatMethods } from "./methods/chats.ts";
import { commandMethods } from "./methods/commands.ts";
import { ephemeralMethods } from "./methods/ephemeral.ts";
import { fileMethods } from "./methods/files.ts";
import { messageMethods } from "./methods/messages.ts";
import type { Methods } from "./methods/method.ts";
import { pinMethods } from "./methods/pins.ts";
import { reactionMethods } from "./methods/reactions.ts";
import { topicMethods } from "./methods/topics.ts";
import { updateMethods } from "./methods/updates.ts";
import { Refusal } from "./refusal.ts";
import { connectionLost, spoiled, spoils, Unanswered } from "./spoiling.ts";
import { violationsOf } from "./strictness.ts";
import type { World } from "./world.ts";

/** One call that was made, as a test looks at it. */
export interface CallRecord {
  readonly method: string;
  /** Parameters as a person would write them: objects where the method takes JSON, a file as its name and size. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What the caller was told, or would have been had the answer not been lost; absent when the call was not served. */
  readonly answer?: Answer;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  /** The fault it met. */
  readonly fault?: Fault;
}

/** Where calls come in: reads them, lets faults and the limiter have their way, carries out, answers. */
export class Door {
  readonly calls: CallRecord[] = [];
  readonly #world: World;
  readonly #stops = new Set<() => void>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Serves a request to `/bot<token>/<method>`. */
  async serve(method: string, request: Request): Promise<Response> {
    let call: Call;
    try {
      call = await readCall(method, request);
    } catch (error) {
      return respond(refused(error));
    }
    const fault = this.#world.faults.take(call);
    if (fault?.delay) await this.#pause(fault.delay);
    const answer = await this.#carryOut(call, fault);
    if (fault?.hang) await this.#hang(request.signal);
    return answer && !fault?.lost ? respond(answer) : spoiled(fault ?? {});
  }

  /** Carries out the call that the bot made by answering its webhook. Nobody is told what came of it. */
  async reply(call: Call): Promise<void> {
    await this.#carryOut(call, this.#world.faults.take(call));
  }

  /** Does what a call asks for, unless its fault keeps it from being served at all, and takes it down. */
  async #carryOut(call: Call, fault: Fault | undefined): Promise<Answer | undefined> {
    const at = this.#world.clock.now();
    this.#world.violations.push(...violationsOf(call));
    const isServed = !fault || fault.lost || !spoils(fault);
    const answer = isServed ? await this.#answer(call) : undefined;
    const params = call.parameters.readable(call.method);
    this.calls.push({ method: call.method, params, ...(answer ? { answer } : {}), at, ...(fault ? { fault } : {}) });
    return answer;
  }

  async #answer(call: Call): Promise<Answer> {
    try {
      this.#world.limiter.spend(call.method, call.parameters.integer("chat_id"));
      return { ok: true, result: await methodOf(call)(this.#world, call.parameters) };
    } catch (error) {
      return refused(error);
    }
  }

  /** Breaks every connection that waits. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #pause(ms: number): Promise<void> {
    return this.#unlessStopped((resolve) => this.#world.clock.after(ms, resolve));
  }

  #hang(signal: AbortSignal): Promise<void> {
    return this.#unlessStopped((_, reject) => {
      const giveUp = () => reject(new Unanswered("the caller gave up", { cause: signal.reason }));
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp);
    });
  }

  #unlessStopped(wait: (resolve: () => void, reject: (reason: Unanswered) => void) => void): Promise<void> {
    let stop = () => {};
    const waiting = new Promise<void>((resolve, reject) => {
      stop = () => reject(connectionLost());
      this.#stops.add(stop);
      wait(resolve, reject);
    });
    return waiting.finally(() => this.#stops.delete(stop));
  }
}

const methods: ReadonlyMap<string, Methods[string]> = new Map(
  Object.entries({
    ...chatMethods,
    ...messageMethods,
    ...ephemeralMethods,
    ...reactionMethods,
    ...fileMethods,
    ...callbackMethods,
    ...pinMethods,
    ...topicMethods,
    ...commandMethods,
    ...updateMethods,
  }),
);

function methodOf(call: Call): Methods[string] {
  const method = tableOf(call.method) && methods.get(call.method);
  if (method) return method;
  if (otherMethods.includes(call.method)) {
    throw new Refusal(501, `Not Implemented: ${call.method} is not supported by the stand-in`);
  }
  throw new Refusal(404, "Not Found: method not found");
}
