/** What can go wrong between a hub and its Redis, on demand. */
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { refusal } from "./answer.ts";
import { Refusal } from "./call.ts";
import { sendAnswer } from "./http.ts";

/** One thing that goes wrong; `times` is for how many requests, by default all until {@link Faults.clear}. */
export type Fault = FaultKind & { readonly times?: number };

type FaultKind =
  /** The connection is reset before anything is read. */
  | { readonly kind: "outage" }
  /** An answer with this status; `body` is HTML as a proxy sends it, and without it the answer is a JSON error. */
  | { readonly kind: "status"; readonly status: number; readonly body?: string }
  /** The right answer, `ms` milliseconds late. */
  | { readonly kind: "latency"; readonly ms: number }
  /** No answer, ever; the connection stays open. */
  | { readonly kind: "hang" }
  /** The commands run, then the connection is cut: applied, but the answer was lost. */
  | { readonly kind: "lost" }
  /** The month's commands are used up. Whether a pipeline fails as a whole, as here, no live database has shown us. */
  | { readonly kind: "quota" };

const times = z.int().positive().exactOptional();

const schema: z.ZodType<readonly Fault[]> = z.preprocess(
  (input) => (Array.isArray(input) ? input : [input]),
  z.array(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.enum(["outage", "hang", "lost", "quota"]), times }),
      z.object({
        kind: z.literal("status"),
        status: z.int().min(200).max(599),
        body: z.string().exactOptional(),
        times,
      }),
      z.object({ kind: z.literal("latency"), ms: z.int().min(0), times }),
    ]),
  ),
);

/** One fault or a list of them, as `POST /sim/faults` takes it. Throws a {@link Refusal} when it is neither. */
export function readFaults(json: unknown): readonly Fault[] {
  const faults = schema.safeParse(json);
  if (faults.success) return faults.data;
  throw new Refusal(400, z.prettifyError(faults.error));
}

/** The faults ahead: each request takes the first, and one that has been taken its `times` makes room for the next. */
export class Faults {
  #ahead: { readonly fault: Fault; left: number }[] = [];

  /** Replaces the faults ahead by these, in this order. */
  set(...faults: readonly Fault[]): void {
    this.#ahead = faults.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }));
  }

  /** All is well again, for the requests to come. */
  clear(): void {
    this.set();
  }

  /** The fault of the next request. */
  take(): Fault | undefined {
    const first = this.#ahead[0];
    if (!first) return undefined;
    first.left--;
    if (first.left <= 0) this.#ahead.shift();
    return first.fault;
  }
}

/** Lets a fault happen; true when it was the answer, false when the right one is still due. */
export async function inflict(fault: Fault, response: ServerResponse, stopping: AbortSignal): Promise<boolean> {
  switch (fault.kind) {
    case "outage":
      response.socket?.resetAndDestroy();
      return true;
    case "status":
      if (fault.body === undefined) sendAnswer(response, refusal(fault.status, "ERR simulated fault"));
      else response.writeHead(fault.status, { "content-type": "text/html" }).end(fault.body);
      return true;
    case "latency":
      await delay(fault.ms, undefined, { signal: stopping });
      return false;
    case "hang":
      return true;
    case "lost":
      return false;
    case "quota":
      sendAnswer(response, refusal(400, "ERR max requests limit exceeded"));
      return true;
  }
}
