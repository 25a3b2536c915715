/** Which promises can be kept here. */
import { protect, runtime } from "./ambient.ts";
import type { Core } from "./core.ts";
import type { Diagnosis } from "./options.ts";
import { findStorage } from "./storage.ts";

/** Looks at the runtime around us. */
export function doctor(core: Core): Diagnosis {
  return {
    runtime: String(runtime),
    address: !!core.address(),
    waitUntil: core.isResident || protect(Promise.resolve(), core.owners()),
    asyncContext: !!findStorage(),
    clock: runtime !== "Cloudflare-Workers",
    process: core.isResident,
  };
}
