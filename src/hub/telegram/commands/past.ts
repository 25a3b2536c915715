/** What commands that look back have in common: about which service, and how far. */
import type { Stretch } from "../../store/store.ts";
import { answerOf } from "../render/answer.ts";
import { askButton } from "../render/callback.ts";
import { code, line } from "../render/tree.ts";
import { grouped, lasting } from "../render/units.ts";
import type { Ask, Reply } from "./command.ts";
import { windowIn as readWindow } from "./window.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How far back the store knows what was measured. */
const LONGEST = 7 * DAY;
/** How far back one looks who does not say it. */
const USUAL = HOUR;
/** Telegram takes a hundred buttons; nobody looks through as many. */
const MOST_BUTTONS = 24;

/** Spans of time that buttons offer. */
export const WINDOWS: readonly number[] = [15 * MINUTE, HOUR, 6 * HOUR, DAY, LONGEST];

/** A span of time as a person, and a button, write it: `90m`, `7d`. */
export function windowText(ms: number): string {
  return lasting(ms).replaceAll(" ", "");
}

/** How long a time is asked for, within a minute and what the store knows, and the words that say something else. */
export function windowIn(words: readonly string[]): { readonly ms: number; readonly rest: readonly string[] } {
  const { window, rest } = readWindow(words);
  const ms = Math.min(LONGEST, Math.max(MINUTE, window?.ms ?? USUAL));
  return { ms, rest: rest.filter((word) => !/^of$/i.test(word)) };
}

/** The time that a window is about. */
export function stretchOf(ms: number, now: number): Stretch {
  return { from: now - ms, to: now };
}

/**
 * The one service that is meant. Else what the person reads: a word that should have been its name, or which there are to
 * choose from. `stranger` is a word that says nothing else.
 */
export function oneService({ name, words, service, services }: Ask, stranger: string | undefined): string | Reply {
  const [only, ...others] = services;
  if (service !== undefined) return service;
  if (stranger !== undefined) return { kind: "unknown", word: stranger };
  if (only === undefined) return { kind: "message", message: answerOf([line("🤷 No service has said anything yet.")]) };
  if (others.length === 0) return only;
  const buttons = services.slice(0, MOST_BUTTONS).flatMap((it) => askButton(it, name, words, it) ?? []);
  const rows = buttons.map((button) => [button]);
  const hidden = services.length - buttons.length;
  const rest =
    hidden > 0 ? [line(`${grouped(hidden)} more have no button: name one, as in `, code(`/${name} ${only}`))] : [];
  return { kind: "message", message: answerOf([line("🤔 Of which service?"), ...rest], rows) };
}
