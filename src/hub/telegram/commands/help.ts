/** `/help`: every command, or how one is written. */
import { answerOf, renderUsage } from "../render/answer.ts";
import { code, type Line, line } from "../render/tree.ts";
import type { Command, Reply } from "./command.ts";

/** A command that tells of all the others in their order, what is asked most first, and of itself. */
export function helpOn(others: readonly Command[]): Command {
  const help: Command = {
    name: "help",
    summary: "Show every command, or how one is written",
    usage: "[command]",
    hasOwnWords: true,
    example: "/help mute",
    async run({ words: [word] }): Promise<Reply> {
      const about = all.find(({ name }) => name === word?.replace(/^\//, "").toLowerCase());
      if (about) return { kind: "message", message: renderUsage(about, about.summary) };
      return word === undefined ? { kind: "message", message: list() } : { kind: "usage", why: `There is no /${word}` };
    },
  };
  const all = [...others, help];
  const list = () =>
    answerOf([
      ...all.map(lineOf),
      line("In a topic all of this is about its service; elsewhere name one, or it is about all."),
    ]);
  return help;
}

/** `/mute [what] <how long>  Keep quiet for a while` */
function lineOf({ name, usage, summary }: Command): Line {
  return line(`/${name}`, ...(usage === "" ? [] : [" ", code(usage)]), `  ${summary}`);
}
