#!/usr/bin/env node
/** `snitchbot`: what a person does at a terminal to run a hub. */
import process from "node:process";
import { type Config, ConfigError, readConfig } from "./hub/config.ts";
import { createKeyring } from "./hub/keys.ts";

const USAGE = `snitchbot <command>

  dev                       the whole product on this machine; needs no account
  key <service> [n]         prints the service's address (generation n of its key; 1 by default)
  setup <hub>               points the bot's webhook at a hub, such as https://hub.example.dev
  doctor <hub>              looks whether a hub, its store, its cron and its chat are well

key and setup read the hub's environment (SNITCHBOT_SECRET, TELEGRAM_BOT_TOKEN, …); SNITCHBOT_HUB stands in for <hub>.`;

/** What Telegram should tell us of. */
const UPDATES = ["message", "callback_query", "my_chat_member"];

const commands: Readonly<Record<string, (...given: (string | undefined)[]) => Promise<void>>> = {
  async dev() {
    const stand = await import("./dev/dev.ts").catch(() => undefined);
    if (!stand) throw new Error("dev: the stand-ins come with the repository, not with the package; clone it");
    await stand.dev();
  },

  async key(service, generation = "1") {
    if (service === undefined) throw new Error("key: whose? Such as: snitchbot key orders-api");
    if (!/^[1-9]\d{0,5}$/.test(generation)) throw new Error(`key: "${generation}" is no generation; they count from 1`);
    const key = await createKeyring(secret()).issue(service, Number(generation));
    console.log(`SNITCHBOT_URL=${process.env.SNITCHBOT_HUB?.replace(/\/+$/, "") ?? "https://<your hub>"}/s/${key}`);
  },

  async setup(given) {
    const hub = hubOf(given, "setup");
    const { telegram, secret } = config();
    const keyring = createKeyring(secret);
    const body = { url: `${hub}/telegram`, secret_token: await keyring.derive("webhook"), allowed_updates: UPDATES };
    const answer = await fetch(`${telegram.apiRoot}/bot${telegram.token}/setWebhook`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { ok, description } = (await answer.json()) as { ok: boolean; description?: string };
    if (!ok) throw new Error(`setup: Telegram answered "${description}"`);
    console.log(`The bot's webhook is ${body.url}`);
    console.log(
      `Where the platform has no cron, call each minute: curl -H "Authorization: Bearer ${await keyring.derive("tick")}" ${hub}/tick`,
    );
  },

  async doctor(given) {
    const hub = hubOf(given, "doctor");
    const answer = await fetch(`${hub}/health`);
    const health = (await answer.json()) as Record<string, unknown>;
    for (const [name, value] of Object.entries(health)) console.log(`${name.padEnd(10)} ${value}`);
    if (!answer.ok) process.exitCode = 1;
  },
};

function config(): Config {
  return readConfig(process.env);
}

function secret(): string {
  const found = process.env.SNITCHBOT_SECRET?.trim() ?? "";
  if (found.length < 32)
    throw new Error("SNITCHBOT_SECRET: missing or shorter than 32 characters; it is the hub's own");
  return found;
}

function hubOf(given: string | undefined, command: string): string {
  const hub = given ?? process.env.SNITCHBOT_HUB;
  if (!hub || !/^https?:\/\//.test(hub))
    throw new Error(`${command}: which hub? Such as: snitchbot ${command} https://hub.example.dev`);
  return hub.replace(/\/+$/, "");
}

const [name = "", ...given] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.log(USAGE);
  process.exitCode = name === "" || name === "help" || name === "--help" ? 0 : 1;
} else {
  try {
    await command(...given);
  } catch (error) {
    console.error(error instanceof ConfigError || error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
  // Whatever a part left open must not keep the terminal.
  if (name === "dev") process.exit();
}
