// What stands around a call that goes well: a watched function, and context that everything inside inherits.
import { measure, pick } from "./clients/rounds.mjs";
import { sideBySide } from "./clients/table.mjs";

const NAMES = ["none", "snitchbot", "with process", "@sentry/node", "@sentry/cloudflare"];

const calls = await measure("calls", NAMES, 3);

sideBySide(
  "A call that goes well, µs: watchSlow beside startSpan at a sample rate of 0; median of three processes",
  NAMES,
  [
    {
      what: "watched, sync",
      aim: "≤ 0.5",
      values: pick(calls, "sync"),
      references: { "@sentry/node": 26.4, "@sentry/cloudflare": 10.5 },
    },
    { what: "watched, async, awaited", aim: "≤ 0.5", values: pick(calls, "async") },
    { what: "with context of its own", values: pick(calls, "context") },
  ],
);
