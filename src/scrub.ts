/**
 * Takes secrets out of what is told: in the client before it leaves, in the hub again on arrival. No imports.
 *
 * This is part of the client, whose every byte counts: here is what JavaScript commonly prints. What is rarer, and what
 * only other languages print, the hub takes out alone. Rules of one's own cost those nothing who have none: bundlers leave
 * them out.
 *
 * Time is linear in the length of the text: no repetition can begin twice in the same stretch, or it is bounded.
 * Idempotent, and what it is given is never changed. UUIDs, hashes, paths, prose and numbers stay as they are.
 */

/** What a secret becomes. */
export const REDACTED = "[REDACTED]";

/** Names of what is secret. Several tokens are a number; a token's count, limit, usage, type, address are told. */
export const NAMES: string =
  /pass(?:w|ph)|_pass\b|pwd|secret|token(?!s|i|[-_]?(?:count|limit|type|ur|usage))|credential|signature|[cx]srf|session.?id|(?:api|private|access|account|signing).?key|authorization/
    .source;

/** Keys whose values are secret; `auth`, but not `author`. */
const KEY = RegExp(`${NAMES}|^pass$|tokens|bearer|auth(?!or(?!i))|session|cookie`, "i");

/** Secrets, and before them in group 1 what stays. */
const SECRETS: readonly RegExp[] = [
  /(cookie\W{0,4}[:=]\W{0,4})\w[^\s"'=]{0,99}=[^\r\n"']*/gi,
  /()-----BEGIN[A-Z ]*PRIVATE KEY.*?(?:-----END[A-Z ]*-----|$)/gs,
  // GitHub, GitLab, Slack, Stripe, OpenAI and Anthropic, Google, SendGrid, JWT, npm, Hugging Face, Shopify, DigitalOcean, AWS
  /()\b(?:gh[opsur]_|github_pat_|gl[a-z]{1,4}t-|xox[a-z]-|xapp-|[rs]k_\w{4}_|whsec_|sk-|AIza|ya29\.|SG\.|eyJ|npm_|hf_|shpat_|dop_v1_|A[KS]IA(?=\w{16}\b))(?=[\w.-]{0,40}[A-Z\d])[\w.-]{16,}/g,
  // `password = `, `"token":`, and with any scheme `Authorization: Basic `; but not `token: must be` and `token:12:5`.
  // Then what is in quotes, escaped ones too, or a word; but not `undefined`, which tells more than it hides
  RegExp(
    String.raw`((?:${NAMES})[\w-]{0,30}\\?["']?\s{0,9}(?:[=:]\s?(?:basic|bearer|(?<=ion..?)[\w-]+(?=\s[a-z]*[^a-z\s]))\s|:?=>?\s{0,9}|:\s?(?![a-z]+ \w+\b(?![:=])|\d+[:)]))(?:[[\s]{0,9}(\\?["']))?)(?:(?:(?!\2)(?:\\.|.))+|(?!undefined\b|null\b)[^\s"'\\,;&(){}]+)`,
    "gi",
  ),
  /(bearer\s)(?=[a-z]*[^a-z\s"'\\,;&(){}]\w)[^\s"'\\,;&(){}]+/gi, // but not "the bearer of this letter"
  /(:\/\/[^\s:/@]{0,100}:)[^\s/?#"]{1,256}(?=@)/g,
  // The key of a snitchbot service, of a Slack or Discord webhook, of a Telegram bot; a UUID has 36
  /(\/s\/[\w.-]+\.|\/(?:services|webhooks)\/[\w/]{1,40}\/|\d{6}:(?=[\w-]{34,35}(?![\w-])))[\w-]{22,68}(?![\w-])/g,
  /(\b(?:key|sig)=)(?=[\w+/%-]{0,40}\d)(?=[\w+/%-]{0,40}[A-Z])[\w+/%-]{16,}/g, // hashes have no capitals, names no digits
];

/** The text without its secrets. */
export function scrubText(text: string): string {
  return SECRETS.reduce((rest, secret) => rest.replace(secret, `$1${REDACTED}`), text);
}

/** What one entry of a JSON-like value becomes. Fits `JSON.stringify`. */
export interface Scrub {
  (key: string, value: unknown): unknown;
  /** Names of keys that only sound secret: the hub is told, which looks again. */
  readonly allow?: readonly string[];
}

/**
 * Hides an entry as a whole when its key names a secret, and the secrets inside when it is a text. Booleans and null stay,
 * they tell nothing; so do numbers of tokens.
 */
export function scrubEntry(key: string, value: unknown): unknown {
  if (value == null || typeof value === "boolean") return value;
  if (KEY.test(key) && !(typeof value === "number" && /tokens/i.test(key))) return REDACTED;
  return typeof value === "string" ? scrubText(value) : value;
}

/**
 * A copy of a JSON-like value without its secrets, in keys neither. What lies deeper than twelve levels becomes `…`.
 *
 * @param entry what an entry becomes, and with an empty key what a key becomes
 */
export function scrubValue(value: unknown, entry: Scrub = scrubEntry, depth = 12): unknown {
  const scrub = (key: string, inner: unknown): unknown => {
    const clean = entry(key, inner);
    return typeof clean === "object" ? scrubValue(clean, entry, depth - 1) : clean;
  };
  if (typeof value !== "object" || value === null) return entry("", value);
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.map((inner) => scrub("", inner));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [String(entry("", key)), scrub(key, inner)]));
}

/** What is secret here and nowhere else, and what only looks so. */
export interface ScrubRules {
  /** Further secrets: names of keys, in any case, and patterns of what texts may hold, found each time without `g` too. */
  readonly redact?: readonly (string | RegExp)[];

  /**
   * What stays as it is: names of keys, in any case, and patterns of what texts may hold. It outdoes `redact`. The hub, which
   * looks again, heeds the names only.
   */
  readonly allow?: readonly (string | RegExp)[];
}

/** A {@link scrubEntry} with rules of one's own. What lies under an allowed key is looked at by its own keys. */
export function createScrub({ redact = [], allow = [] }: ScrubRules): Scrub {
  const secrets = patternsOf(redact);
  const allowed = patternsOf(allow);
  const scrub = (key: string, value: unknown): unknown => {
    if (isNamed(allow, key)) return value;
    const name = isNamed(redact, key) ? "secret" : key;
    if (typeof value !== "string") return scrubEntry(name, value);
    const hide = (text: string) => secrets.reduce((rest, secret) => rest.replace(secret, () => REDACTED), text);
    return scrubAround(value, allowed, (text) => String(scrubEntry(name, hide(text))));
  };
  return Object.assign(scrub, { allow: allow.filter((rule) => typeof rule === "string") });
}

/** Whether one of the rules is this name. */
export function isNamed(rules: readonly (string | RegExp)[], key: string): boolean {
  return rules.some((rule) => typeof rule === "string" && rule.toLowerCase() === key.toLowerCase());
}

/** Copies, since a pattern remembers where it was. */
function patternsOf(rules: readonly (string | RegExp)[]): readonly RegExp[] {
  return rules.flatMap((rule) => (typeof rule === "string" ? [] : RegExp(rule, rule.flags.replace(/g|$/, "g"))));
}

/** Scrubs what stands between the parts that are allowed. */
function scrubAround(text: string, [allowed, ...others]: readonly RegExp[], scrub: (text: string) => string): string {
  if (!allowed) return text && scrub(text);
  let clean = "";
  let from = 0;
  for (const { 0: kept, index } of text.matchAll(allowed)) {
    clean += scrubAround(text.slice(from, index), others, scrub) + kept;
    from = index + kept.length;
  }
  return clean + scrubAround(text.slice(from), others, scrub);
}
