/** What Node, Deno and Bun have in common: a process that lives on, reads its environment and is told to stop. */
import process from "node:process";
import { ConfigError, createHub, type Seam } from "../src/hub/hub.ts";

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

  function keep(work: Promise<unknown>): Promise<void> {
    const kept: Promise<void> = work
      .then(
        () => undefined,
        (error: unknown) => console.error("snitchbot:", error instanceof Error ? error.message : error),
      )
      .finally(() => works.delete(kept));
    works.add(kept);
    return kept;
  }

  return {
    port: Number(process.env.PORT || 8787),
    fetch: (request, clientIp) => hub.fetch(request, { waitUntil: keep, clientIp } satisfies Seam),
    tick: () => keep(hub.tick(Date.now())),
    stopBy(close) {
      const stop = async () => {
        await close();
        await Promise.all(works);
        process.exit(0);
      };
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
    },
  };
}

function hubOrExit() {
  try {
    if (!/^\d{0,5}$/.test(process.env.PORT ?? "")) throw new ConfigError(["PORT: not a port's number, such as 8787"]);
    return createHub(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return process.exit(1);
  }
}
