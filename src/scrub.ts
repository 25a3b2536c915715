/**
 * Takes secrets out of what is told: in the client before it leaves, in the hub again on arrival. No imports.
 *
 * Time is linear in the length of the text: no repetition can begin twice in the same stretch, or it is bounded.
 * Idempotent, and what it is given is never changed. UUIDs, hashes, paths, prose and numbers stay as they are.
 */

/** What a secret becomes. */
export const REDACTED = "[REDACTED]";

/** Names of what is secret. Several tokens are a number; so are a token's count and limit. */
const NAMES =
  /pass(?:word|wd|phrase)|_pass\b|pwd|secret|token(?!s|iz|[-_]?(?:count|limit|type|usage))|credential|signature|[cx]srf|session[-_]?id|(?:api|private|access|account|signing)[-_ ]?key|authorization/;

/** Keys whose values are secret; `auth`, but not `author`. */
const KEY = anyOf("i", NAMES, /^pass$|tokens|bearer|auth(?!or(?!i))|session|cookie/);

/** Secrets that are known by their own look. */
const LOOK = anyOf(
  "g",
  /-----BEGIN[A-Z ]*PRIVATE KEY[\s\S]*?(?:-----END[A-Z ]*-----|$)/,
  /\b(?:github_pat_|glpat-|xox[a-z]-|xapp-|[rs]k_(?:live|test)_|whsec_|sk-|AIza|ya29\.|SG\.|eyJ)[\w.-]{16,}/, // GitHub, GitLab, Slack, Stripe, OpenAI and Anthropic, Google, SendGrid, JWT
  /\b(?:gh[opsur]_|npm_|hf_|shpat_|dop_v1_|A[KS]IA)[A-Za-z\d]{16,}/, // GitHub, npm, Hugging Face, Shopify, DigitalOcean, AWS
  /\b(?:bot)?\d{6,12}:[\w-]{34,35}(?![\w-])/, // Telegram; a UUID has 36
);

/** `password = `, `"token":`, `Authorization: Bearer `; but not `token: must be` and `token:12:5`. */
const LABEL =
  `(?:${NAMES.source})[\\w-]{0,30}\\\\?["']?\\s{0,9}` +
  "(?:[=:]\\s?(?:basic|bearer|digest|token|apikey|negotiate)\\s|:?=>?\\s{0,9}|:\\s?(?![a-z]+ [a-z]+\\b(?![:=])|\\d+[:)]))";

/** Secrets that are known by what stands before them; that stays, being in groups. */
const PLACE = anyOf(
  "gi",
  new RegExp(`(${LABEL})(?:(\\[?)(?<quote>\\\\?["'])(?:(?!\\k<quote>)(?:\\\\.|.))+|[^\\s"'\\\\,;&(){}]+)`),
  /(\bbearer\s)(?=[a-z]*[^a-z\s"',;]\w)[^\s"',;]+/, // but not "the bearer of this letter"
  /(cookie["']?\s?[:=]\s?["']?)[^\s"'=]{1,100}=[^\r\n"']*/,
  /(:\/\/[^\s:/@]{0,100}:)[^\s/?#]{1,256}(?=@)/,
  /(\/s\/[a-z\d][\w-]{0,62}(?:\.\d{1,9})?\.)[\w-]{22}(?![\w-])/, // a snitchbot key
  /(\b(?:key|sig)\s?=\s?)(?![\da-f-]+\b)(?=[a-z_+/-]*\d)[\w+/-]{16,}/,
);

function anyOf(flags: string, ...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map((pattern) => pattern.source).join("|"), flags);
}

/** The text without its secrets. */
export function scrubText(text: string): string {
  return text.replace(LOOK, REDACTED).replace(PLACE, (_, ...groups) => groups.slice(0, -3).join("") + REDACTED);
}

/**
 * One entry of a JSON-like value: hidden as a whole when its key names a secret, without the secrets inside when it is
 * a text. Booleans and null stay, they tell nothing. Fits `JSON.stringify`.
 */
export function scrubEntry(key: string, value: unknown): unknown {
  if (isSecret(key, value)) return REDACTED;
  return typeof value === "string" ? scrubText(value) : value;
}

/** A copy of a JSON-like value without its secrets. What lies deeper than twelve levels becomes `…`. */
export function scrubValue(value: unknown, depth = 12): unknown {
  const scrub = (key: string, inner: unknown): unknown => {
    const clean = scrubEntry(key, inner);
    return typeof clean === "object" ? scrubValue(clean, depth - 1) : clean;
  };
  if (typeof value !== "object" || value === null) return scrubEntry("", value);
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.map((inner) => scrub("", inner));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [scrubText(key), scrub(key, inner)]));
}

function isSecret(key: string, value: unknown): boolean {
  if (value == null || typeof value === "boolean") return false;
  if (typeof value === "number" && /tokens/i.test(key)) return false; // how many, not which
  return KEY.test(key);
}
