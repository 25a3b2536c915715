/** `/mute`, `/unmute`, `/mutes`: silence for a while. */
import type { Mute, Scope } from "../../store/store.ts";
import { answerOf } from "../render/answer.ts";
import { askButton } from "../render/callback.ts";
import { renderUnmuted } from "../render/message.ts";
import { clip } from "../render/text.ts";
import { code, type Line, line, type Span } from "../render/tree.ts";
import { clock, grouped, lasting } from "../render/units.ts";
import type { Ask, Command, Reply } from "./command.ts";
import { spanIn } from "./words.ts";

const MINUTE = 60_000;
const LEAST = MINUTE;
const MOST = 30 * 24 * 60 * MINUTE;
const ALL = /^(?:all|everything)$/i;
const FILLER = /^for$/i;
const FINGERPRINT = /^[\da-f]{8}$/i;
/** Characters of a word that are repeated to who wrote it. */
const MOST_WORD = 24;
/** A button each; what is beyond is listed all the same. */
const MOST_BUTTONS = 20;

export const mute: Command = {
  name: "mute",
  summary: "Keep quiet for a while; what is critical still comes",
  usage: "[service or fingerprint] <how long>",
  example: "/mute orders-api 1h",
  async run(ask, { store }) {
    const { ms, rest } = spanIn(ask.words);
    const scope = scopeOf(ask, rest);
    const isTimeMeant = ms === undefined && ask.service !== undefined;
    if ("kind" in scope && scope.kind === "unknown" && isTimeMeant) return noTime(scope.word);
    if ("kind" in scope) return scope;
    if (ms === undefined) return { kind: "usage", why: "For how long? 5m, 1h or 2 days, say" };
    if (ms < LEAST || ms > MOST) return { kind: "usage", why: "A mute lasts from a minute to 30 days" };
    const until = ask.now + ms;
    if (!(await store.mute(scope, until, ""))) return { kind: "usage", why: "Too much is muted already; see /mutes" };
    const button = unmuteButton("🔔 unmute", scope);
    const muted = line("🔕 Muted until ", clock(until, ask.now), `, for ${lasting(ms)}: `, ...nameOf(scope));
    const nodes = [muted, line("What is critical, and starts and stops, still come.")];
    return { kind: "message", message: answerOf(nodes, button && [[button]]) };
  },
};

export const unmute: Command = {
  name: "unmute",
  summary: "End a mute, and hear how much it swallowed",
  usage: "[service or fingerprint]",
  example: "/unmute orders-api",
  async run(ask, { store }) {
    const scope = scopeOf(ask, ask.words);
    if ("kind" in scope) return scope;
    const ended = await store.unmute(scope);
    if (ended) return { kind: "message", message: renderUnmuted([ended]) };
    const words = line(...nameOf(scope), " is not muted; /mutes lists what is.");
    return { kind: "message", message: answerOf([words]) };
  },
};

export const mutes: Command = {
  name: "mutes",
  summary: "List what is muted, until when, and what it swallowed",
  usage: "",
  example: "/mutes",
  async run({ service, now }, { store }) {
    const all = (await store.mutes()).filter(({ until }) => until > now);
    const some = all.filter((it) => service === undefined || it.service === undefined || it.service === service);
    if (some.length === 0) return { kind: "message", message: answerOf([line("🔔 Nothing is muted.")]) };
    const buttons = some.slice(0, MOST_BUTTONS).flatMap((it) => unmuteButton(`🔔 ${labelOf(it)}`, it) ?? []);
    const nodes = [line("🔕 Muted:"), ...some.map((it) => lineOf(it, now))];
    return {
      kind: "message",
      message: answerOf(
        nodes,
        buttons.map((it) => [it]),
      ),
    };
  },
};

/** What a mute is to be about. One word may be a fingerprint; any other should have been a service. */
function scopeOf({ service }: Ask, words: readonly string[]): Scope | Reply {
  const fingerprint = words.find((word) => FINGERPRINT.test(word))?.toLowerCase();
  const isAll = words.some((word) => ALL.test(word));
  const other = words.find((word) => ![FINGERPRINT, ALL, FILLER].some((it) => it.test(word)));
  if (other !== undefined && /^\d/.test(other)) return noTime(other);
  if (other !== undefined) return { kind: "unknown", word: other };
  return { ...(service !== undefined && !isAll && { service }), ...(fingerprint !== undefined && { fingerprint }) };
}

/** A word that should have been a time, or where one is known already, a service. */
function noTime(word: string): Reply {
  return { kind: "usage", why: `"${clip(word, MOST_WORD)}" is no time` };
}

/** `shop · a1b2c3d4 until 14:00 UTC × 27  Error: …` */
function lineOf(it: Mute, now: number): Line {
  const { until, swallowed, title } = it;
  const words = `${swallowed > 0 ? ` × ${grouped(swallowed)}` : ""}${title ? `  ${title}` : ""}`;
  return line(...nameOf(it), " until ", clock(until, now), words);
}

function nameOf({ service, fingerprint }: Scope): Span[] {
  if (fingerprint === undefined) return [service ?? "everything"];
  return [...(service === undefined ? [] : [`${service} · `]), code(fingerprint)];
}

function labelOf({ service, fingerprint }: Scope): string {
  return fingerprint ?? service ?? "everything";
}

function unmuteButton(text: string, { service, fingerprint }: Scope): ReturnType<typeof askButton> {
  const words = fingerprint === undefined ? [] : [fingerprint];
  return askButton(text, "unmute", service === undefined ? ["*", ...words] : words, service);
}
