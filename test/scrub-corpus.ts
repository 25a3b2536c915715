/**
 * Secrets of every kind, made up anew in each run: none of them stands in the repository, where a scanner, or a reader,
 * would have to ask whether it is real.
 */

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const HEX = "0123456789abcdef";
const WORD = `${UPPER}${UPPER.toLowerCase()}${DIGITS}`;

/** The same characters in every run, so that what fails once fails again. */
function alphabet(seed: number): (length: number, letters?: string) => string {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return (length, letters = WORD) => Array.from({ length }, () => letters[next(letters.length)]).join("");
}

const some = alphabet(20_240_501);
const base64 = (length: number): string => `${some(length - 4)}/+9=`;

/** A secret that is known by its own look, wherever it stands. */
export interface Secret {
  readonly kind: string;
  readonly secret: string;
}

const secret = (kind: string, ...parts: readonly string[]): Secret => ({ kind, secret: parts.join("") });
const begin = "-----BEGIN ";
const end = "-----END ";
const pem = (type: string): string =>
  `${begin}${type}PRIVATE KEY-----\n${some(64)}\n${base64(40)}\n${end}${type}PRIVATE KEY-----`;

/** What the client takes out. */
export const known: readonly Secret[] = [
  secret("AWS access key", "AK", "IA", some(16, UPPER)),
  secret("AWS key of a session", "AS", "IA", some(16, UPPER + DIGITS)),
  ...["p", "o", "u", "s", "r"].map((kind) => secret(`GitHub gh${kind} token`, "gh", kind, "_", some(36))),
  secret("GitHub fine-grained token", "github", "_pat_", some(22), "_", some(59)),
  secret("GitLab personal token", "glp", "at-", some(20)),
  secret("GitLab trigger token", "glp", "tt-", some(40, HEX)),
  secret("GitLab deploy token", "gld", "t-", some(20)),
  secret("Slack bot token", "xo", "xb-", some(12, DIGITS), "-", some(12, DIGITS), "-", some(24)),
  secret("Slack user token", "xo", "xp-", some(12, DIGITS), "-", some(12, DIGITS), "-", some(32, HEX)),
  secret("Slack app token", "xa", "pp-1-", some(11, UPPER), "-", some(13, DIGITS), "-", some(64, HEX)),
  secret("Stripe secret key", "sk", "_live_", some(24)),
  secret("Stripe restricted key", "rk", "_test_", some(24)),
  secret("Stripe webhook secret", "wh", "sec_", some(32)),
  secret("Google API key", "AI", "za", some(35)),
  secret("Google access token", "ya", "29.", some(60)),
  secret("npm token", "np", "m_", some(36)),
  secret("OpenAI key", "s", "k-", some(48)),
  secret("OpenAI project key", "s", "k-proj-", some(40), "-", some(40)),
  secret("Anthropic key", "s", "k-ant-api03-", some(80), "-", some(6), "AA"),
  secret("SendGrid key", "S", "G.", some(22), ".", some(43)),
  secret("Hugging Face token", "h", "f_", some(34)),
  secret("Shopify token", "shp", "at_", some(31, HEX), "7"),
  secret("DigitalOcean token", "dop", "_v1_", some(63, HEX), "7"),
  secret("Telegram token", some(10, DIGITS), ":", "AA", some(33)),
  secret("JWT", "ey", "J", some(30), ".", "ey", "J", some(60), ".", some(43)),
  secret("JWT without a signature", "ey", "J", some(30), ".", "ey", "J", some(60), "."),
  ...["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "].map((type) => secret(`${type}private key`, pem(type))),
];

/** What only the hub takes out. */
export const rare: readonly Secret[] = [
  secret("Twilio key", "S", "K", some(31, HEX), "7"),
  secret("Google client secret", "GOC", "SPX-", some(27), "7"),
  secret("Google refresh token", "1/", "/0", some(40)),
  secret("Discord bot token", "M", some(25), ".", some(6), ".", some(38)),
  secret("PyPI token", "py", "pi-AgEI", some(70)),
  secret("Docker token", "dckr", "_pat_", some(26), "7"),
  secret("Databricks token", "da", "pi", some(31, HEX), "7"),
  secret("Vault token", "hv", "s.", some(24), "7"),
  secret("Grafana token", "gl", "sa_", some(32), "_", some(8, HEX)),
  secret("New Relic key", "NR", "AK-", some(26, UPPER), "7"),
  secret("Groq key", "gs", "k_", some(51), "7"),
  secret("xAI key", "xa", "i-", some(79), "7"),
  secret("Brevo key", "xkey", "sib-", some(64, HEX), "-", some(16)),
  secret("Linear key", "lin", "_api_", some(39), "7"),
  secret("Supabase token", "sb", "p_", some(39, HEX), "7"),
  secret("Figma token", "fi", "gd_", some(39), "7"),
  secret("Sentry token", "sntry", "s_", some(60), "7"),
  secret("Square token", "sq", "0atp-", some(21), "7"),
  secret("PlanetScale token", "pscale", "_tkn_", some(42), "7"),
  secret("Resend key", "r", "e_", some(8), "_", some(23), "7"),
  secret("Mailgun key", "ke", "y-", some(31, HEX), "7"),
  secret("RubyGems key", "rubygems", "_", some(47, HEX), "7"),
  secret("Doppler token", "d", "p.pt.", some(42), "7"),
  secret("Replicate token", "r", "8_", some(36), "7"),
  secret("Perplexity key", "pp", "lx-", some(47), "7"),
  secret("Pinecone key", "pc", "sk_", some(60), "7"),
  secret("Notion token", "nt", "n_", some(42), "7"),
  secret("Atlassian token", "ATA", "TT3x", some(180), "7"),
  secret("Postman key", "PM", "AK-", some(24, HEX), "-", some(33, HEX), "7"),
  secret("Shopify app secret", "shp", "ss_", some(31, HEX), "7"),
  ...["4", "51", "2221", "37", "6011", "36", "3530"].map((prefix) => secret(`card ${prefix}…`, card(prefix))),
];

/** A number with this prefix, as long as its brand's, whose last digit is right. */
export function card(prefix: string): string {
  const length = prefix === "37" ? 15 : prefix === "36" ? 14 : 16;
  const rest = prefix + some(length - 1 - prefix.length, DIGITS);
  const sum = [...rest]
    .reverse()
    .map(Number)
    .reduce((sum, digit, place) => {
      const double = digit * 2;
      return sum + (place % 2 ? digit : double > 9 ? double - 9 : double);
    }, 0);
  return rest + ((10 - (sum % 10)) % 10);
}

const password = some(20);
const uuid = `${some(8, HEX)}-${some(4, HEX)}-4${some(3, HEX)}-a${some(3, HEX)}-${some(12, HEX)}`;
const mac = `${some(20)}_-`;

/** A text that has a secret in it, which is known by what stands before it: what must be gone. */
export interface Told {
  readonly kind: string;
  readonly text: string;
  readonly gone: string;
}

const told = (kind: string, before: string, gone: string, after = ""): Told => ({
  kind,
  text: before + gone + after,
  gone,
});

/** Where the client sees a secret. */
export const labelled: readonly Told[] = [
  told("AWS secret key", "AWS_SECRET_ACCESS_KEY=", base64(40)),
  told("AWS secret key in JSON", '{"SecretAccessKey": "', base64(40), '","Expiration":"2024-05-01"}'),
  told("AWS session token", "aws_session_token = ", base64(120)),
  told(
    "AWS presigned URL",
    "GET https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=",
    some(64, HEX),
    "&x=1",
  ),
  told("AWS signature", "Authorization: AWS4-HMAC-SHA256 SignedHeaders=host, Signature=", some(64, HEX)),
  told("Azure connection string", "AccountName=orders;AccountKey=", base64(88), ";EndpointSuffix=core.windows.net"),
  told("Azure service bus", "SharedAccessKeyName=Root;SharedAccessKey=", base64(44), ";EntityPath=orders"),
  told(
    "Azure SAS",
    "https://a.blob.core.windows.net/c?sv=2022-11-02&sig=",
    `${some(30)}%2B${some(10)}9A%3D`,
    "&se=2024",
  ),
  told(
    "Google service account's key id",
    '{"type":"service_account","private_key_id":"',
    some(40, HEX),
    '","client_id":"1"}',
  ),
  told("Upstash token", 'UPSTASH_REDIS_REST_TOKEN="', base64(60), '"'),
  told("Upstash address", "rediss://default:", some(32), "@eu1-sound-cat-1.upstash.io:6379"),
  told(
    "Postgres address",
    "connect postgres://orders:",
    password,
    "@db.example.dev:5432/orders?sslmode=require failed",
  ),
  told("password with an @ in an address", "mysql://root:", `${some(6)}@${some(6)}`, "@10.0.0.1/orders"),
  told("credentials in a web address", "fetch https://ada:", password, "@example.com/feed failed"),
  told("MongoDB address", "mongodb+srv://ada:", password, "@cluster0.example.net/?retryWrites=true"),
  told("SQL Server connection string", "Server=db,1433;User Id=sa;Password=", password, ";Encrypt=true"),
  told("cookie", "Cookie: sid=", password, "; theme=dark"),
  told("cookie of a server", "set-cookie: __Host-id=", password, "; Path=/; HttpOnly"),
  told("cookies as Node prints them", "'set-cookie': [ 'sid=", password, "; Path=/' ]"),
  told("cookie in JSON", '{"cookie":"a=1; sid=', password, '"}'),
  ...["Basic", "Bearer", "Token", "ApiKey", "Negotiate", "GenieKey", "Bot", "SharedKey"].map((scheme) =>
    told(`Authorization: ${scheme}`, `Authorization: ${scheme} `, password),
  ),
  told("Basic credentials of letters", "authorization: Basic ", some(16, UPPER), " was refused"),
  told("authorization without a scheme", "Authorization: ", password),
  told("authorization in JSON", '{"authorization":"Bearer ', password, '"}'),
  told("authorization as Node prints it", "{ authorization: 'Bearer ", password, "', host: 'x' }"),
  told("Proxy-Authorization", "Proxy-Authorization: Basic ", password),
  told("X-Api-Key", "x-api-key: ", password, "\r\nhost: x"),
  told("header as Node prints a list", "{ 'x-api-key': [ '", password, "' ] }"),
  told("X-Auth-Token", "X-Auth-Token: ", password),
  told("X-CSRF-Token", "X-CSRF-Token: ", password),
  told("bearer in a sentence", "sent bearer ", password, ", got 401"),
  told("Slack webhook", "POST https://hooks.slack.com/services/T0123/B0123/", some(24), " failed"),
  told("Discord webhook", "https://discord.com/api/webhooks/1234567890/", some(68)),
  told("snitchbot address", "https://hub.example.dev/s/orders-api.", mac, "/beat"),
  told("snitchbot address, rotated", "https://hub.example.dev/s/orders-api.12.", mac),
  told("query's token", "GET /me?access_token=", password, "&page=2"),
  told("query's key", "GET /maps?key=", `${some(20)}aB3`, "&q=x"),
  told("query's client secret", "POST /oauth?client_id=web&client_secret=", password),
  told("OAuth answer", '{"access_token":"', some(40), '","token_type":"bearer","expires_in":3600}'),
  told("environment variable", "export DB_PASSWORD='", password, "'"),
  told("variable with a short name", "SMTP_PASS=", password),
  told("variable of psql", "PGPASSWORD=", password, " psql -h db"),
  told("YAML", "db:\n  password: ", password, "\n  host: db"),
  told("quoted YAML", 'password: "', `${some(5)} ${some(5)}`, '"'),
  told("template's output", "Your new password is: password=", password, "."),
  told("JSON in JSON", String.raw`{\"api_key\":\"`, password, String.raw`\",\"a\":1}`),
  told("passphrase", "passphrase=", password),
  told("npm's settings", "//registry.npmjs.org/:_authToken=", uuid),
];

/** Where only the hub sees one. */
export const foreign: readonly Told[] = [
  told("XML", "<user>ada</user><password>", password, "</password>"),
  told("SOAP", "<wsse:Password>", password, "</wsse:Password>"),
  told("PHP array", "[password] => ", password, "\n[user] => ada"),
  told("Go header", "map[Authorization:[Bearer ", some(12, UPPER), "] Accept:[*/*]]"),
  told("Digest's answer", 'Authorization: Digest username="ada", response="', some(32, HEX), '"'),
  told("OAuth 1", 'Authorization: OAuth oauth_consumer_key="', password, '", oauth_nonce="1"'),
  told("bare Basic", "got 401 with Basic ", btoa(`ada:${password}`), ", giving up"),
  told("flag", "Command failed: deploy --api-token ", password, " --dry-run"),
  told("flag with =", "mysqldump --password=", password, " orders"),
  told("curl's user", "curl -sS -u ada:", password, " https://example.com"),
  told("Go's MySQL address", "dial ada:", password, "@tcp(db:3306)/orders"),
  told("password with a slash in an address", "postgres://ada:", `${some(5)}/${some(5)}#1`, "@db:5432/orders"),
  told("netrc", "machine example.com login ada password ", password),
  told("npm's old settings", "_auth=", base64(24)),
  told("card in groups", "card ", card("4").replace(/(.{4})(?=.)/g, "$1 "), " was declined"),
  told("card with dashes", "card=", card("51").replace(/(.{4})(?=.)/g, "$1-"), ", retry"),
];
