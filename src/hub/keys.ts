/** Keys and tokens, all derived from one secret by HMAC-SHA256: nothing to store, nothing to look up. */

/** What a key said, once its mac was right. */
export interface ServiceKey {
  readonly service: string;
  /** Counts from 1; once a later one was used, the store refuses the earlier. */
  readonly generation: number;
}

/** Derives and verifies; made once per hub, since importing the secret costs more than using it. */
export interface Keyring {
  /** What `purpose` is protected by: `webhook`, `tick` or `claim`. */
  derive(purpose: "webhook" | "tick" | "claim"): Promise<string>;
  /** The key of a service, as it stands in `SNITCHBOT_URL`. Throws when the name is not one. */
  issue(service: string, generation?: number): Promise<string>;
  /** Who a key belongs to; `undefined` when it is malformed or forged. */
  verify(key: string): Promise<ServiceKey | undefined>;
}

const REMEMBERED = 1_000;

/** How a service is called, and each of its monitors. */
export const NAME: RegExp = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const KEY = /^([a-z0-9][a-z0-9_-]{0,62})(?:\.([1-9]\d{0,5}))?\.([A-Za-z0-9_-]{22})$/;

export function createKeyring(secret: string): Keyring {
  const hmac = createSigner(secret);
  /** Keys that were right before: a service shows the same one again and again. */
  const good = new Map<string, ServiceKey>();
  /** Asked for with each update and each tick. */
  const derived = new Map<string, Promise<string>>();

  async function mac(service: string, generation: number): Promise<string> {
    return base64url((await hmac(`service:${service}:${generation}`)).subarray(0, 16));
  }

  return {
    derive(purpose) {
      const known = derived.get(purpose) ?? hmac(purpose).then(base64url);
      derived.set(purpose, known);
      return known;
    },
    async issue(service, generation = 1) {
      if (!NAME.test(service)) {
        throw new Error(`"${service}" is no service name: 1 to 63 of a-z 0-9 _ -, the first a letter or digit`);
      }
      const signed = await mac(service, generation);
      return generation === 1 ? `${service}.${signed}` : `${service}.${generation}.${signed}`;
    },
    async verify(key) {
      const known = good.get(key);
      if (known) return known;
      const [, service, written, given] = KEY.exec(key) ?? [];
      if (service === undefined || given === undefined || written === "1") return undefined;
      const generation = Number(written ?? 1);
      if (!sameText(given, await mac(service, generation))) return undefined;
      if (good.size >= REMEMBERED) good.clear();
      good.set(key, { service, generation });
      return { service, generation };
    },
  };
}

/** HMAC-SHA256 under one secret, which is imported when the first message is signed. */
export function createSigner(secret: string): (message: string) => Promise<Uint8Array> {
  const text = new TextEncoder();
  let imported: Promise<CryptoKey> | undefined;

  return async (message) => {
    imported ??= crypto.subtle.importKey("raw", text.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", await imported, text.encode(message)));
  };
}

/** Compares in a time that does not tell where two texts differ. */
export function sameText(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) difference |= given.charCodeAt(i) ^ expected.charCodeAt(i);
  return difference === 0;
}

/** Unpadded. */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
