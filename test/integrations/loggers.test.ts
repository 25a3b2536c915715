import { configure, getLogger, reset } from "@logtape/logtape";
import { createConsola } from "consola";
import pino from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import winston from "winston";
import Transport from "winston-transport";
import { snitchReporter } from "../../src/integrations/consola.ts";
import { console as consoleFor } from "../../src/integrations/console.ts";
import { snitchSink } from "../../src/integrations/logtape.ts";
import { snitchStream } from "../../src/integrations/pino.ts";
import { snitchLog } from "../../src/integrations/winston.ts";
import type { Snitch } from "../../src/mod.ts";
import { type Listener, listen } from "../client/hub.ts";

const error = new RangeError("insufficient funds");

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

/** A logger of each kind, told the same things. */
interface Logger {
  readonly name: string;
  /** Says it with an info, a warning with fields, an error with an error, and the worst that the logger has. */
  speak(snitch: Snitch): void | Promise<void>;
  readonly worst: "error" | "critical";
  /** The logger's own name. */
  readonly caller?: string;
}

const silent = { ...console, log() {}, info() {}, warn() {}, error() {} };

const loggers: readonly Logger[] = [
  {
    name: "console",
    worst: "error",
    speak(snitch) {
      const log = consoleFor(snitch, silent);
      log.info("it goes well");
      log.warn("stock of %s is low", "unicorns", { left: 3 });
      log.error("payment failed", error, { order: 7 });
      log.error("disk full");
    },
  },
  {
    name: "pino",
    worst: "critical",
    caller: "shop",
    speak(snitch) {
      const log = pino({ name: "shop", redact: ["card"] }, pino.multistream([{ stream: snitchStream(snitch) }]));
      log.info("it goes well");
      log.warn({ left: 3, card: "4111" }, "stock of %s is low", "unicorns");
      log.child({ order: 7 }).error(error, "payment failed");
      log.fatal("disk full");
    },
  },
  {
    name: "winston",
    worst: "critical",
    caller: "shop",
    speak(snitch) {
      const log = winston.createLogger({
        levels: winston.config.syslog.levels,
        format: winston.format.combine(
          winston.format.label({ label: "shop" }),
          winston.format.colorize(),
          winston.format.splat(),
        ),
        transports: [new Transport({ log: snitchLog(snitch) })],
      });
      log.info("it goes well");
      log.warning("stock of %s is low", "unicorns", { left: 3 });
      log.error("payment failed", { order: 7, error });
      log.crit("disk full");
    },
  },
  {
    name: "LogTape",
    worst: "critical",
    caller: "shop.orders",
    async speak(snitch) {
      await configure({
        sinks: { snitch: snitchSink(snitch) },
        loggers: [
          { category: "shop", sinks: ["snitch"] },
          { category: ["logtape", "meta"], lowestLevel: "error" },
        ],
      });
      const log = getLogger(["shop", "orders"]);
      log.info("it goes well");
      log.warn("stock of {what} is low", { what: "unicorns", left: 3 });
      log.error("payment failed", { order: 7, error });
      log.fatal("disk full");
    },
  },
  {
    name: "consola",
    worst: "critical",
    caller: "shop",
    speak(snitch) {
      const log = createConsola({ reporters: [snitchReporter(snitch)] }).withTag("shop");
      log.info("it goes well");
      log.warn("stock of %s is low", "unicorns", { left: 3 });
      log.error("payment failed", error, { order: 7 });
      log.fatal("disk full");
    },
  },
];

const hearing = async ({ speak }: Logger): Promise<Listener> => {
  const hub = listen();
  await hub.snitch.context({ traceId: "t-1" }, () => speak(hub.snitch));
  await hub.first();
  return hub;
};

describe.each(loggers)("$name", (logger) => {
  it("tells warnings and worse, with fields, error and context", async () => {
    const hub = await hearing(logger);
    const context = { traceId: "t-1", ...(logger.caller && { caller: logger.caller }) };
    const [warning, failure, worst] = hub.events();
    expect(warning).toMatchObject({
      severity: "warning",
      title: "stock of unicorns is low",
      extras: { left: 3 },
      context,
    });
    expect(failure).toMatchObject({
      severity: "error",
      title: "payment failed",
      extras: { order: 7 },
      error: {
        type: "RangeError",
        message: "insufficient funds",
        stack: expect.stringContaining("loggers.test.ts"),
      },
      context,
    });
    expect(worst).toMatchObject({ severity: logger.worst, title: "disk full", context });
    expect(worst).not.toHaveProperty("extras");
    expect(hub.snitch.stats().captured).toBe(3);
  });
});

describe("a line", () => {
  const say = async (...args: unknown[]) => {
    const hub = listen();
    consoleFor(hub.snitch, silent).error(...args);
    return hub.first();
  };

  it("of nothing but an error has its text as title", async () => {
    expect(await say(error)).toMatchObject({ title: "RangeError: insufficient funds", error: { type: "RangeError" } });
  });

  it("of nothing but fields has them as title", async () => {
    expect(await say({ order: 7 })).toMatchObject({ title: '{"order":7}', extras: { order: 7 } });
  });

  it("fills in what its signs stand for, and keeps what is left", async () => {
    const event = await say("%c%s has %d of %o, 100%%: %s", "color: red", "Ada", 3, { a: 1 });
    expect(event.title).toBe('Ada has 3 of {"a":1}, 100%: %s');
    expect((await say("a", 1, null, undefined, [2], { b: 3 })).title).toBe("a 1 null undefined");
  });

  it("keeps an error that a sign stands for", async () => {
    expect(await say("failed: %s", error)).toMatchObject({
      title: "failed: RangeError: insufficient funds",
      error: { type: "RangeError" },
    });
  });

  it("may be anything", async () => {
    for (const it of [undefined, null, Symbol("s"), Object.create(null), new Proxy({}, { get: () => error })])
      expect((await say(it)).kind).toBe("log");
  });
});

describe("a console", () => {
  it("prints as before, and is no other than the global one for all else", () => {
    const print = vi.spyOn(globalThis.console, "warn").mockReturnValue();
    const log = consoleFor(listen().snitch);
    log.warn("low", 3);
    expect(print.mock.calls).toEqual([["low", 3]]);
    expect(log.table).toBe(globalThis.console.table);
    expect(globalThis.console.error).not.toBe(log.error);
  });
});

describe("pino", () => {
  it("has redacted what is told", async () => {
    const hub = await hearing(loggers[1] as Logger);
    expect(hub.events()[0]?.extras).toEqual({ left: 3, card: "[Redacted]" });
  });

  it("may write what is no JSON", () => {
    const { snitch } = listen();
    for (const line of ["", "{", "null", "[]", '{"level":50,"err":"text"}', '{"level":{"toString":1}}'])
      expect(snitchStream(snitch).write(line)).toBeUndefined();
  });
});

describe("winston", () => {
  const log = (snitch: Snitch, ...formats: winston.Logform.Format[]) =>
    winston.createLogger({
      format: winston.format.combine(...formats),
      transports: [new Transport({ log: snitchLog(snitch) })],
    });

  it.each([
    ["as it is", []],
    ["as its format writes it", [winston.format.errors({ stack: true })]],
  ])("tells an error %s", async (_, formats) => {
    const hub = listen();
    log(hub.snitch, ...formats).error(new RangeError("insufficient funds"));
    const event = await hub.first();
    expect(event).toMatchObject({ title: "insufficient funds", error: { message: "insufficient funds" } });
    expect(event.error?.stack).toContain("loggers.test.ts");
  });

  it("tells the error beside a text", async () => {
    const hub = listen();
    log(hub.snitch).error("payment failed:", error);
    expect(await hub.first()).toMatchObject({ error: { type: "RangeError" }, severity: "error" });
  });
});

describe("LogTape", () => {
  it("makes one event of the lines of one template", async () => {
    const hub = listen();
    await configure({
      sinks: { snitch: snitchSink(hub.snitch) },
      loggers: [
        { category: "shop", sinks: ["snitch"] },
        { category: ["logtape", "meta"], lowestLevel: "error" },
      ],
    });
    const logger = getLogger("shop");
    for (const name of ["Ada", "Grace"]) logger.warn("{name} cannot pay", { name });
    for (const name of ["Ada", "Grace"]) logger.warn`${name} has no card: ${error}`;
    await hub.first();
    expect(hub.events().map(({ title, count }) => [title, count])).toEqual([
      ["Ada cannot pay", 2],
      ["Ada has no card: RangeError: insufficient funds", 2],
    ]);
    expect(hub.events()[1]?.error?.type).toBe("RangeError");
  });
});

describe("nothing is told for ever:", () => {
  it("what the client says of itself is not told", async () => {
    const hub = listen();
    consoleFor(hub.snitch, silent).warn("snitchbot: set SNITCHBOT_URL; `snitchbot key` prints it");
    expect(hub.snitch.stats().captured).toBe(0);
  });

  it("what is logged while a line is read and sent is not told", async () => {
    const log: { warn(text: string): void } = { warn: (text) => told.warn(text) };
    const hub = listen({
      beforeSend(event) {
        log.warn("looked at");
        return event;
      },
      async fetch() {
        log.warn("sent");
        return Response.json({}, { status: 202 });
      },
    });
    const told = consoleFor(hub.snitch, silent);
    told.warn("low", {
      get left() {
        log.warn("read");
        return 3;
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await hub.snitch.flush();
    expect(hub.snitch.stats()).toMatchObject({ captured: 1, sent: 1 });
  });
});
