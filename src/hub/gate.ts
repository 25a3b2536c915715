/** Who may come in: every address of a service begins with its key. */
import { fault } from "./http.ts";
import type { Keyring, ServiceKey } from "./keys.ts";
import type { Seam } from "./seam.ts";
import type { Guard } from "./store/guard.ts";

export interface Gate {
  /** Whose key it is; without one the answer to its bearer. */
  admit(key: string, seam: Seam): Promise<ServiceKey | Response>;
  /** The same answer for every key that is not one; who shows many has to wait. */
  refuse(seam: Seam): Promise<Response>;
}

const BAD_KEY = "no valid key in this address; `snitchbot key <service>` prints one";

export function createGate(keyring: Keyring, guard: Guard): Gate {
  async function refuse({ clientIp = "unknown" }: Seam): Promise<Response> {
    const retryAfter = await guard(clientIp);
    if (retryAfter === 0) return fault({ status: 401, code: "bad_key", message: BAD_KEY });
    return fault({ status: 429, code: "slow_down", message: "too many bad keys from this address", retryAfter });
  }

  return {
    refuse,
    async admit(key, seam) {
      return (await keyring.verify(key)) ?? refuse(seam);
    },
  };
}
