/** What a person reads who asked for something. */
import { askButton, type Button } from "./callback.ts";
import type { Message } from "./message.ts";
import { code, fitted, line, type Node } from "./tree.ts";

/** A message from a tree, and the rows of its buttons. */
export function answerOf(nodes: readonly Node[], buttons: readonly (readonly Button[])[] = []): Message {
  return { ...fitted(nodes), buttons };
}

/** How a command is used, as far as a person has to know it. */
export interface Manual {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly example: string;
}

/** Something was not understood: why, then how it is written, with an example to tap and copy. */
export function renderUsage({ name, usage, example }: Manual, why: string): Message {
  const whole = `/${name}${usage === "" ? "" : ` ${usage}`}`;
  return answerOf([line(`🤔 ${why}.`), line("Usage: ", code(whole)), line("Such as: ", code(example))]);
}

/** No service is called so; each of the nearest names is a button that asks the same of it. */
export function renderUnknown(
  word: string,
  near: readonly string[],
  command: string,
  words: readonly string[],
): Message {
  const rows = near.flatMap((name) => {
    const button = askButton(name, command, words, name) ?? askButton(name, command, [], name);
    return button ? [[button]] : [];
  });
  const question = rows.length > 0 ? "Did you mean:" : "No service has a name like it; /services lists them.";
  return answerOf([line("🤔 There is no service ", code(word), "."), line(question)], rows);
}

/** No command is called so; the nearest are buttons. */
export function renderNoCommand(name: string, near: readonly string[]): Message {
  const buttons = near.flatMap((it) => askButton(`/${it}`, it, []) ?? []);
  return answerOf(
    [line(`🤔 There is no command /${name}; /help lists what there is.`)],
    buttons.length > 0 ? [buttons] : [],
  );
}

/** Said once to who asks faster than anybody reads. */
export function renderHasty(seconds: number): Message {
  return answerOf([line(`⏳ That was a lot at once. Ask again in ${seconds} s.`)]);
}

/** The store did not answer in the middle of it. */
export function renderAway(): Message {
  return answerOf([line("⚠️ The store does not answer. Ask again in a moment.")]);
}

/** A fault of ours kept us from answering. */
export function renderBroken(): Message {
  return answerOf([line("⚠️ I could not answer that: a fault of mine. The hub's log says more.")]);
}
