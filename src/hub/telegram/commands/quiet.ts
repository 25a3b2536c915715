/** `/quiet`: hours in which only what is critical makes a sound. */
import { hoursText, quietTime, readHours } from "../../quiet.ts";
import { renderNoQuiet, renderNoZone, renderQuiet } from "../render/quiet.ts";
import type { Ask, Command, Means, Reply } from "./command.ts";

export const quiet: Command = {
  name: "quiet",
  summary: "Set hours in which only what is critical makes a sound",
  usage: "[from-to [time zone] | off]",
  hasOwnWords: true,
  example: "/quiet 23:00-07:00 Europe/Berlin",
  async run(ask, { store }) {
    const [word] = ask.words;
    if (word === undefined) {
      const kept = await store.quiet();
      return { kind: "message", message: kept ? renderQuiet(kept, ask.now) : renderNoQuiet(false) };
    }
    if (!/^(?:off|no|none|never|stop)$/i.test(word)) return keep(ask, store);
    return { kind: "message", message: renderNoQuiet(await store.endQuiet()) };
  },
};

async function keep({ words, now }: Ask, store: Means["store"]): Promise<Reply> {
  const hours = readHours(words);
  if (!("kind" in hours)) {
    const kept = { hours: hoursText(hours), ...quietTime(hours, now) };
    await store.keepQuiet(kept);
    return { kind: "message", message: renderQuiet(kept, now) };
  }
  switch (hours.kind) {
    case "unclear":
      return { kind: "usage", why: "From when to when? 23:00-07:00, say" };
    case "whole day":
      return { kind: "usage", why: "That would be the whole day; /mute keeps all quiet for a while" };
    case "zone":
      return { kind: "message", message: renderNoZone(hours.word, hours.hours, hours.near) };
  }
}
