/**
 * An importer that logs with winston: one more transport, which tells warnings and worse.
 *
 *     node examples/loggers/winston.js
 */
import { snitch } from "snitchbot";
import { snitchLog } from "snitchbot/winston";
import winston from "winston";
import Transport from "winston-transport";

const { combine, label, simple, splat } = winston.format;

const logger = winston.createLogger({
  format: combine(label({ label: "import" }), splat(), simple()),
  transports: [new winston.transports.Console(), new Transport({ log: snitchLog(snitch) })],
});

const rows = ["4711;teapot;12.90", "4712;cup", "4713;spoon;2.20"];

for (const row of rows) {
  const [id, name, price] = row.split(";");
  if (price) logger.info("imported %s", name);
  else logger.warn("no price for %s", name, { id });
}
