// What a client takes of a Node process before it does anything: time to start, and memory.
import { measure, pick } from "./clients/rounds.mjs";
import { sideBySide } from "./clients/table.mjs";

const NAMES = ["none", "snitchbot", "with process", "@sentry/node", "@sentry/cloudflare", "toucan-js", "@bugsnag/node"];

const start = await measure("start", NAMES, 10);
const kept = await measure("kept", ["none", "snitchbot", "@sentry/node", "@sentry/cloudflare", "toucan-js"], 1);

sideBySide("What a client takes of a Node process, median of ten", NAMES, [
  {
    what: "import and init, ms",
    aim: "≤ 5",
    values: pick(start, "ready"),
    references: { "@sentry/node": 626, "@sentry/cloudflare": 287, "toucan-js": 84, "@bugsnag/node": 45 },
  },
  {
    what: "RSS added by them, MB",
    aim: "≤ 3",
    values: pick(start, "rss"),
    references: { "@sentry/node": 75.6, "@sentry/cloudflare": 32.1, "toucan-js": 17.6, "@bugsnag/node": 14.9 },
  },
  { what: "RSS added once an event is told, MB", aim: "≤ 15 with process", values: pick(start, "rssTold") },
  { what: "heap kept of each of 3,000 requests, bytes", aim: "< 1000", values: pick(kept, "kept"), hasRatio: false },
]);
