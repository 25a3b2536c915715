/**
 * A payment service that logs with pino: lines go to standard output as ever, warnings and worse to the chat as well.
 * They are told as pino writes them, so what it redacts stays redacted.
 *
 *     node examples/loggers/pino.js
 */
import process from "node:process";
import pino from "pino";
import { snitch } from "snitchbot";
import { snitchStream } from "snitchbot/pino";

const log = pino(
  { name: "payments", redact: ["card.number"] },
  pino.multistream([{ stream: process.stdout }, { level: "warn", stream: snitchStream(snitch) }]),
);

/** @param {{ number: string, expires: string }} card */
function charge(card) {
  if (card.expires < "2026-11") throw new RangeError("the card has expired");
  log.info({ card }, "charged");
}

const card = { number: "4111 1111 1111 1111", expires: "2025-12" };
try {
  charge(card);
} catch (err) {
  log.error({ err, card, order: 1043 }, "payment failed");
}
