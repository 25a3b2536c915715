#!/usr/bin/env node
/** `snitchbot`: what a person does at a terminal to run a hub. */
import process from "node:process";
import { createBadges } from "./hub/badge.ts";
import { createKeyring } from "./hub/keys.ts";
import { setupCalls } from "./hub/telegram/setup.ts";
import { VERSION } from "./version.ts";

const USAGE = `snitchbot <command>

  dev                       the whole product on this machine; needs no account
  key <service> [n]         prints the service's address (generation n of its key; 1 by default)
  badge <service> [monitor] prints the address of a badge that shows how it is
  setup <hub>               points the bot's webhook at a hub, such as https://hub.example.dev, and fills its menu
  doctor <hub>              looks whether a hub, its store, its cron and its chat are well

key and badge need the hub's SNITCHBOT_SECRET, setup its TELEGRAM_BOT_TOKEN as well. SNITCHBOT_HUB stands in for <hub>.`;

/** A cron that has not come for so long does not come, milliseconds. */
const LATE = 180_000;

const commands: Readonly<Record<string, (...given: (string | undefined)[]) => Promise<void>>> = {
  async dev() {
    const stand = await import("./dev/dev.ts").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
      throw new Error("dev: the stand-ins come with the repository, not with the package; clone it");
    });
    await stand.dev();
  },

  async key(service, generation = "1") {
    if (service === undefined) throw new Error("key: whose? Such as: snitchbot key orders-api");
    if (!/^[1-9]\d{0,5}$/.test(generation)) throw new Error(`key: "${generation}" is no generation; they count from 1`);
    const key = await createKeyring(secret()).issue(service, Number(generation));
    console.log(`SNITCHBOT_URL=${anyHub("key")}/s/${key}`);
  },

  async badge(service, name = "") {
    if (service === undefined) throw new Error("badge: whose? Such as: snitchbot badge orders-api nightly-etl");
    console.log(`${anyHub("badge")}/badge/${await createBadges(secret()).issue(service, name)}.svg`);
  },

  async setup(given) {
    const hub = hubOf(given, "setup");
    const keyring = createKeyring(secret());
    const token = variable("TELEGRAM_BOT_TOKEN", "@BotFather gives one");
    const calls = setupCalls(hub, await keyring.derive("webhook"));
    for (const [method, body] of calls) await askTelegram(token, method, body);
    const { username } = await askTelegram(token, "getMe", {});
    const [bearer, claim] = [await keyring.derive("tick"), (await keyring.derive("claim")).slice(0, 32)];
    console.log(`The bot's webhook is ${hub}/telegram`);
    console.log("Where TELEGRAM_CHAT_ID is not set, the first chat that comes by one of these links is told:");
    console.log(`  yours    https://t.me/${username}?start=${claim}`);
    console.log(`  a group  https://t.me/${username}?startgroup=${claim}`);
    console.log(`Where the platform has no cron, call each minute:`);
    console.log(`  curl -H "Authorization: Bearer ${bearer}" ${hub}/tick`);
  },

  async doctor(given) {
    const hub = hubOf(given, "doctor");
    const { status, answer } = await ask(`${hub}/health`, `doctor: ${hub}`);
    const age = typeof answer.lastTick === "number" ? Date.now() - answer.lastTick : Number.POSITIVE_INFINITY;
    const ticked = age === Number.POSITIVE_INFINITY ? "never: no cron calls /tick" : `${Math.round(age / 1_000)} s ago`;
    const unbound =
      answer.channel === "unbound" ? "unbound: set TELEGRAM_CHAT_ID, or show the bot its claim code" : answer.channel;
    for (const [name, value] of Object.entries({ ...answer, lastTick: ticked, channel: unbound })) {
      console.log(`${name.padEnd(10)} ${typeof value === "object" ? JSON.stringify(value) : value}`);
    }
    if (status !== 200 || age > LATE || answer.channel !== "ok") process.exitCode = 1;
  },
};

/** One call to the Bot API; whatever is not well is told. */
async function askTelegram(token: string, method: string, body: object): Promise<Record<string, unknown>> {
  const root = (process.env.TELEGRAM_API_ROOT ?? "https://api.telegram.org").replace(/\/+$/, "");
  const { answer } = await ask(`${root}/bot${token}/${method}`, `setup: ${root}`, body);
  if (answer.ok !== true) throw new Error(`setup: Telegram answered "${answer.description}" to ${method}`);
  return Object(answer.result);
}

/** The JSON at an address; whatever else is there is told in a line that begins with `whose`. */
async function ask(
  url: string,
  whose: string,
  body?: object,
): Promise<{ readonly status: number; readonly answer: Record<string, unknown> }> {
  const post = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const reply = await fetch(url, post).catch((error: Error & { cause?: { code?: string } }) => {
    throw new Error(`${whose} does not answer (${error.cause?.code ?? error.message})`);
  });
  const answer = await reply.json().catch(() => undefined);
  if (typeof answer !== "object" || answer === null) throw new Error(`${whose} is something else: it answers no JSON`);
  return { status: reply.status, answer };
}

function variable(name: string, mend: string): string {
  const value = process.env[name]?.trim();
  if (!value) throw new Error(`${name}: missing; ${mend}`);
  return value;
}

function secret(): string {
  const found = variable("SNITCHBOT_SECRET", "it is the hub's own");
  if (found.length < 32) throw new Error("SNITCHBOT_SECRET: shorter than 32 characters; it is the hub's own");
  return found;
}

/** The hub that an address is of, as far as it is known. */
function anyHub(command: string): string {
  return process.env.SNITCHBOT_HUB ? hubOf(undefined, command) : "https://<your hub>";
}

function hubOf(given: string | undefined, command: string): string {
  const hub = given ?? process.env.SNITCHBOT_HUB;
  if (!hub) throw new Error(`${command}: which hub? Such as: snitchbot ${command} https://hub.example.dev`);
  if (!/^https?:\/\/[^/]/.test(hub)) throw new Error(`${command}: "${hub}" is no address; it begins with https://`);
  return hub.replace(/\/+$/, "");
}

/** Runs one command; answers the exit code. */
async function run(name = "", ...given: string[]): Promise<number> {
  if (name === "--version") console.log(VERSION);
  else if (["", "help", "--help", "-h"].includes(name)) console.log(USAGE);
  else {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new Error(`snitchbot: there is no command "${name}"\n\n${USAGE}`);
    await command(...given);
  }
  return Number(process.exitCode ?? 0);
}

try {
  process.exitCode = await run(...process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Whatever dev's parts left open must not keep the terminal.
if (process.argv[2] === "dev") process.exit();
