/**
 * The second look for secrets, on arrival. The client has taken out what JavaScript commonly prints. Here follow the
 * rarer kinds, which would be too dear in bytes there, and what comes from elsewhere: the output of jobs in any language,
 * whose senders scrub nothing.
 *
 * It promises what `src/scrub.ts` does: linear time, idempotent, what it is given is never changed.
 */
import type { Event } from "../event.ts";
import { isNamed, NAMES, REDACTED, scrubEntry, scrubValue } from "../scrub.ts";

/** Keys whose values are secret, besides those the client knows. */
const KEY = /^(?:pin|pan|otp|ssn|sid|cvv2?|cvc2?|jwt|dsn)$|card.?(?:num|no\b)|connection.?string|webhook.?url/i;

/** Secrets, and before them in group 1 what stays. */
const SECRETS: readonly RegExp[] = [
  // Twilio, Mailgun, Google OAuth, PyPI, Docker, RubyGems, Databricks, Doppler, Vault, Grafana, New Relic
  /()\b(?:(?:SK|key-)(?=[\da-f]{32}\b)|GOCSPX-|1\/\/0|pypi-|dckr_[op]at_|rubygems_|dapi(?=[\da-f]{32})|dp\.[a-z]{2,5}\.|hv[bs]\.|glsa_|NRA[KL]-)(?=[\w.+/=-]{0,40}\d)[\w.+/=-]{16,}/g,
  // Groq, xAI, Replicate, Perplexity, Pinecone, Brevo, Resend, Linear, Notion, Supabase, Figma, Sentry, Atlassian, Postman, Shopify, Square, PlanetScale
  /()\b(?:gsk_|xai-|r8_|pplx-|pcsk_|xkeysib-|re_(?=\w{8}_)|lin_api_|ntn_|sbp_|figd_|sntry[su]_|ATATT|PMAK-|shp(?:ca|pa|ss)_|sq0[a-z]{3}-|pscale_[a-z]{2,6}_)(?=[\w.+/=-]{0,40}\d)[\w.+/=-]{16,}/g,
  /()\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])/g, // a Discord bot
  // What a command is told; but not "--token is missing", "--token <token>"
  RegExp(String.raw`((?:^|\s)--?(?:[\w-]{0,30}-)?(?:${NAMES})[=\s]["']?)(?![-<[]|[a-z]+ [a-z])[^\s"']+`, "gim"),
  /(\s(?:-u|--user)[=\s]["']?[^\s:"']{1,100}:)(?!\/\/)[^\s"']+/g,
  // .netrc, .npmrc
  /(\blogin\s\S{1,100}\spassword\s)\S+/g,
  /(_auth=)\S+/g,
  // What other languages print: XML, PHP, Go
  RegExp(String.raw`(<[\w:-]{0,30}(?:${NAMES})[\w-]{0,30}>)[^<]+(?=</)`, "gi"),
  RegExp(String.raw`((?:${NAMES})[\w-]{0,30}\]\s=>\s)[^\r\n]+`, "gi"),
  RegExp(String.raw`((?:${NAMES})[\w-]{0,30}:)\[[^[\]\r\n]+\]`, "gi"),
  // A header of several parts
  /(authorization:\s?(?:digest|hawk|oauth|aws4-hmac-sha256)\s)[^\r\n]+/gi,
  // Passwords in addresses where nobody encoded them, and of Go's MySQL driver
  /(\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|smtps?|sqlserver):\/\/[^\s:/@]{0,100}:)[^\s"'<>]{1,300}(?=@[\w.[-])/gi,
  /(\w:)[^\s:@/]{1,200}(?=@(?:tcp|unix)\()/g,
];

/** What may be credentials of HTTP's scheme Basic, and may be a word of a sentence. */
const BASIC = /(\bbasic\s)[a-z\d+/]{8,}={0,2}/gi;

/** What may be a payment card's number, in the groups in which it is printed or in one; no part of a longer number. */
const CARD =
  /()(?<![\w.,-]|\d )(?:(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|5\d\d|4[4-9]\d|2\d\d)|35\d\d)([ -]?)\d{4}\2\d{4}\2\d{4}|3[47]\d\d([ -]?)\d{6}\3\d{5}|3[0689]\d\d([ -]?)\d{6}\4\d{4})(?![\w-]|[.,]\d| \d)/g;

/** An event without its secrets, the rarer ones too. What `allow` names only sounds secret, as its client says. */
export function scrubEvent(event: Event, allow: readonly string[] = []): Event {
  const entry = (key: string, value: unknown): unknown => scrubMore(isNamed(allow, key) ? "" : key, value);
  return scrubValue(event, entry) as Event;
}

/** A job's output without its secrets. */
export function scrubOutput(text: string): string {
  return String(scrubMore("", text));
}

/** Looks again where something was found: what is hidden now may have stood between a name and its value. */
function scrubMore(key: string, value: unknown): unknown {
  const clean = scrubOnce(key, value);
  return clean === value ? clean : scrubOnce(key, clean);
}

/** The client's patterns are the second: of a header of several parts they would hide the first part only. */
function scrubOnce(key: string, value: unknown): unknown {
  const isText = typeof value === "string";
  if (KEY.test(key) && (isText || typeof value === "number")) return REDACTED;
  if (!isText) return scrubEntry(key, value);
  const rest = SECRETS.reduce((rest, secret) => rest.replace(secret, `$1${REDACTED}`), value);
  const clean = String(scrubEntry(key, rest.replace(BASIC, hideIf(isCredentials))));
  return clean.replace(CARD, hideIf(isLuhn));
}

/** For `replace`: hides what is found after group 1 when a closer look says that it is a secret. */
function hideIf(isSecret: (found: string) => boolean): (all: string, kept: string) => string {
  return (all, kept) => (isSecret(all.slice(kept.length)) ? kept + REDACTED : all);
}

/** Whether it is base64 of `user:password`. */
function isCredentials(base64: string): boolean {
  try {
    return atob(base64).includes(":");
  } catch {
    return false;
  }
}

/** Whether the last digit is right for the others; it is for one number of ten. @see ISO/IEC 7812-1, annex B */
function isLuhn(card: string): boolean {
  const digits = [...card.replace(/\D/g, "")].reverse().map(Number);
  const sum = digits.reduce((sum, digit, place) => sum + (place % 2 ? (digit * 2) % 9 || digit : digit), 0);
  return sum % 10 === 0;
}
