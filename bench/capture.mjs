// How long a capture holds its caller, what a storm does to the process, and what arrives of it.
import { measure, pick } from "./clients/rounds.mjs";
import { sideBySide } from "./clients/table.mjs";

const NAMES = ["none", "snitchbot", "with process", "@sentry/node", "@sentry/cloudflare", "toucan-js"];
const ROUNDS = 3;

const calm = await measure("calm", NAMES, ROUNDS);
const equal = await measure("equal", NAMES, ROUNDS);
const different = await measure("different", NAMES, ROUNDS);

/** A figure of every client; there is none without. */
const each = (results, figure) =>
  Object.fromEntries(
    Object.entries(results).flatMap(([name, result]) => (name === "none" ? [] : [[name, figure(result)]])),
  );
/** How much of what was captured the other side heard of, as an event or as a number. */
const told = (results) => each(results, ({ told, captured }) => (told / captured) * 100);

sideBySide("A capture: ten frames; its stack read before, as a logger does, or not; median of three processes", NAMES, [
  {
    what: "a new error, stack read before, µs",
    aim: "≤ 10",
    values: pick(calm, "read"),
    references: { "@sentry/node": 183, "@sentry/cloudflare": 269, "toucan-js": 330 },
  },
  { what: "a new error, stack not read yet, µs", values: pick(calm, "unread") },
  {
    what: "an equal error, stack read before, µs",
    aim: "≤ 3",
    values: pick(equal, "read"),
    references: { "@sentry/node": 93.6, "@sentry/cloudflare": 91.8, "toucan-js": 96.6 },
  },
  { what: "an equal error, stack not read yet, µs", values: pick(equal, "unread") },
  {
    what: "10,000 equal errors: longest block, ms",
    aim: "≤ 30",
    values: pick(equal, "block"),
    references: { "@sentry/node": 936, "@sentry/cloudflare": 918, "toucan-js": 965 },
  },
  { what: "equal ones told, %", aim: "100", values: told(equal), hasRatio: false },
  {
    what: "10,000 different errors: longest block, ms",
    aim: "≤ 200",
    values: pick(different, "block"),
    references: { "@sentry/node": 132, "@sentry/cloudflare": 1_030, "toucan-js": 809 },
  },
  { what: "… and RSS added at most, MB", aim: "≤ 60", values: pick(different, "peak") },
  {
    what: "different ones told, %",
    aim: "100",
    values: told(different),
    references: { "@sentry/node": 0.63, "@sentry/cloudflare": 2.56, "toucan-js": 0.64 },
    hasRatio: false,
  },
  {
    what: "an event told, µs of CPU in all",
    values: pick(calm, "cpu"),
    references: { "@sentry/node": 1_388, "@sentry/cloudflare": 2_537, "toucan-js": 1_133 },
  },
  {
    what: "an event told, bytes on the wire",
    aim: "≤ 900",
    values: each(calm, ({ bytes, events }) => bytes / events),
    references: { "@sentry/node": 11_484, "@sentry/cloudflare": 2_770, "toucan-js": 2_403 },
  },
]);
