/**
 * Takes secrets out of what is told: in the client before it leaves, in the hub again on arrival. No imports.
 *
 * Time is linear in the length of the text: no repetition can begin twice in the same stretch, or it is bounded.
 * Idempotent, and what it is given is never changed. UUIDs, hashes, paths, prose and numbers stay as they are.
 */

/** What a secret becomes. */
export const REDACTED = "[REDACTED]";

/** What to take out beside the built-in names and patterns. */
export interface Redact {
  /** Parts of key names, in any case: `"iban"` takes out `customerIban`. */
  readonly keys?: readonly string[];
  /** What these match in any text; all of it, with or without `g`. */
  readonly patterns?: readonly RegExp[];
}

/** Names of what is secret. Several tokens are a number. */
const NAMES =
  /pass(?:word|wd|phrase)|pwd|secret|token(?!s)|credential|signature|[cx]srf|(?:api|private|access|signing)[-_ ]?key|authorization/;

/** Keys whose values are secret; `auth`, but not `author`. */
const KEY = anyOf("i", NAMES, /tokens|bearer|auth(?!or(?!i))|session|cookie/);

/** Secrets that are known by their own look. */
const LOOK = anyOf(
  "g",
  /-----BEGIN[A-Z ]*PRIVATE KEY[\s\S]*?(?:-----END[A-Z ]*-----|$)/,
  /\b(?:AKIA|ASIA)[A-Z\d]{16}\b/,
  /\b(?:github_pat_|glpat-|xox[a-z]-|xapp-|[rs]k_(?:live|test)_|whsec_|sk-|AIza|ya29\.|SG\.)[\w.-]{16,}/, // GitHub, GitLab, Slack, Stripe, OpenAI and Anthropic, Google, SendGrid
  /\b(?:gh[opsur]|npm|hf)_[A-Za-z\d]{20,}/, // GitHub, npm, Hugging Face
  /\beyJ[\w-]{10,}(?:\.[\w-]+){0,2}/, // JWT
  /\b(?:bot)?\d{6,12}:[\w-]{34,35}(?![\w-])/, // Telegram; a UUID has 36
);

/** `password = `, `"token":`, `Authorization: Bearer `; but not `token: must be` and `token:12:5`. */
const LABEL =
  `(?:${NAMES.source})[\\w-]{0,30}\\\\?["']?\\s?` +
  "(?:[=:]\\s?(?:basic|bearer|digest|token)\\s|=\\s?|:\\s?(?![a-z]+ [a-z]+\\b(?![:=])|\\d+[:)]))";

/** Secrets that are known by what stands before them; that stays, being in groups. */
const PLACE = anyOf(
  "gi",
  new RegExp(`(${LABEL})(?:(\\\\?["'])[^"'\\\\\\n]+|[^\\s"'\\\\,;&(){}]+)`),
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
export function scrubText(text: string, redact?: Redact): string {
  return (redact?.patterns ?? [])
    .reduce(
      (rest, { source, flags }) => rest.replaceAll(new RegExp(source, `${flags.replace("g", "")}g`), REDACTED),
      text,
    )
    .replace(LOOK, REDACTED)
    .replace(PLACE, (_, ...groups) => groups.slice(0, -2).join("") + REDACTED);
}

/**
 * One entry of a JSON-like value: hidden as a whole when its key names a secret, without the secrets inside when it is
 * a text. Booleans and null stay, they tell nothing. Fits `JSON.stringify`.
 */
export function scrubEntry(key: string, value: unknown, redact?: Redact): unknown {
  if (isSecret(key, value, redact)) return REDACTED;
  return typeof value === "string" ? scrubText(value, redact) : value;
}

/** A copy of a JSON-like value without its secrets. What lies deeper than twelve levels becomes `…`. */
export function scrubValue(value: unknown, redact?: Redact, depth = 12): unknown {
  const scrub = (key: string, inner: unknown): unknown => {
    const clean = scrubEntry(key, inner, redact);
    return typeof clean === "object" ? scrubValue(clean, redact, depth - 1) : clean;
  };
  if (typeof value !== "object" || value === null) return scrubEntry("", value, redact);
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.map((inner) => scrub("", inner));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [scrubText(key, redact), scrub(key, inner)]));
}

function isSecret(key: string, value: unknown, redact: Redact | undefined): boolean {
  if (value == null || typeof value === "boolean") return false;
  if (typeof value === "number" && /tokens/i.test(key)) return false; // how many, not which
  return KEY.test(key) || !!redact?.keys?.some((part) => key.toLowerCase().includes(part.toLowerCase()));
}
