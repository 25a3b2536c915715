/** What Node, Deno and Bun have in common: a process that lives on, reads its environment and is told to stop. */
import process from "node:process";
import { ConfigError, createHub, type Hub, pollInto } from "../src/hub/hub.ts";

/** A hub in a process of its own. */
export interface Resident {
  /** `PORT`, by default 8787. */
  readonly port: number;
  fetch(request: Request, clientIp: string | undefined): Promise<Response>;
  /** One run of the cron; never rejects. */
  tick(): Promise<void>;
  /** On SIGINT and SIGTERM: closes the door, ends what is under way, exits 0. */
  stopBy(close: () => Promise<unknown>): void;
}

/** Opens the hub of this process. A faulty environment ends it with exit code 1 and one message. */
export function openResident(): Resident {
  const hub = hubOrExit();
  const works = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  const say = (error: unknown): void => console.error("snitchbot:", error instanceof Error ? error.message : error);

  function keep(work: Promise<unknown>): Promise<void> {
    const kept: Promise<void> = work.then(() => undefined, say).finally(() => works.delete(kept));
    works.add(kept);
    return kept;
  }

  // A port that is taken shows only here, on every runtime in its own way.
  process.once("uncaughtException", (error: NodeJS.ErrnoException) => {
    const isTaken = error.code === "EADDRINUSE" || error.name === "AddrInUse";
    console.error(isTaken ? `PORT: ${port} is taken by another program` : error);
    process.exit(1);
  });

  const port = Number(process.env.PORT || 8787);
  keep(pollInto(hub, process.env, keep, stopping.signal));

  return {
    port,
    fetch: (request, clientIp) => hub.fetch(request, { waitUntil: keep, clientIp }),
    tick: () => keep(hub.tick(Date.now())),
    stopBy(close) {
      const stop = async (): Promise<void> => {
        stopping.abort();
        await close();
        await Promise.all(works);
        process.exit(0);
      };
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
    },
  };
}

function hubOrExit(): Hub {
  try {
    return createHub(process.env, { isResident: true });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return process.exit(1);
  }
}
