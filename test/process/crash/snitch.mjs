// All that the programs know of snitchbot. `without` among their arguments leaves it away.
import { randomUUID } from "node:crypto";
import process from "node:process";
import { createResident } from "../../../dist/src/process/resident.js";

const address = globalThis.Deno ? Deno.env.get("SNITCHBOT_URL") : process.env.SNITCHBOT_URL;

/** A client that keeps what it is told until its process ends. */
function createCore(resident) {
  const instance = randomUUID();
  const head = () => ({ instance, ...resident.head() });
  const parcels = [];
  let untold = [];
  return {
    tell({ thrown = [], title, ...tale }) {
      const [error] = thrown.map((it) => ({
        type: it?.name ?? typeof it,
        message: String(it?.message ?? it),
        stack: it?.stack,
      }));
      untold.push({ ...tale, at: Date.now(), title: title ?? `${error.type}: ${error.message}`, error });
    },
    address: () => address,
    head,
    remains() {
      if (untold.length > 0) parcels.push(JSON.stringify({ v: 1, id: randomUUID(), ...head(), events: untold }));
      untold = [];
      return parcels;
    },
  };
}

/** Another client, made by this copy of the package or by another one. */
export function createSnitch(make = createResident) {
  const resident = make();
  const core = createCore(resident);
  return {
    init: (options) => resident.begin(core, { anomalies: false, heartbeat: false, watchdog: false, ...options }),
    capture: (error) => core.tell({ kind: "error", severity: "error", thrown: [error] }),
  };
}

export const snitch = process.argv.includes("without") ? { init() {}, capture() {} } : createSnitch();
