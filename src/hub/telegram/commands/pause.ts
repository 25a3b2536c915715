/** `/pause` and `/resume`: a monitor that nobody has to hear of. */
import type { Status } from "../../monitor.ts";
import type { Tuning } from "../../store/store.ts";
import { answerOf } from "../render/answer.ts";
import { askButton } from "../render/callback.ts";
import { code, line } from "../render/tree.ts";
import type { Ask, Command, Means, Reply } from "./command.ts";

export const pause: Command = {
  name: "pause",
  summary: "Silence a monitor until it is resumed",
  usage: "<service> [monitor]",
  example: "/pause orders-api nightly-etl",
  run: (ask, means) => tuned(ask, means, "pause", "resume", "⏸ Paused: nobody hears of it until /resume."),
};

export const resume: Command = {
  name: "resume",
  summary: "Expect beats of a paused monitor again",
  usage: "<service> [monitor]",
  example: "/resume orders-api nightly-etl",
  run: (ask, means) => tuned(ask, means, "resume", "pause", "▶️ Resumed: it is expected from its next beat on."),
};

/** The last word is the monitor; without one it is the service's own. */
async function tuned(
  { service, services, words, now }: Ask,
  { store }: Means,
  kind: "pause" | "resume",
  opposite: "pause" | "resume",
  done: string,
): Promise<Reply> {
  const name = words[0]?.toLowerCase() ?? "";
  const of = service ?? (services.length === 1 ? services[0] : undefined);
  if (of === undefined)
    return name === ""
      ? { kind: "usage", why: "Of which service? Name it, then the monitor" }
      : { kind: "unknown", word: name };
  const tuning: Tuning = { kind };
  const status: Status | undefined = await store.tune({ service: of, name }, tuning, now);
  const monitor = name === "" ? of : `${of}/${name}`;
  if (status === undefined) {
    const words = line("🤔 There is no monitor ", code(monitor), "; /monitors lists them.");
    return { kind: "message", message: answerOf([words]) };
  }
  const button = askButton(`/${opposite}`, opposite, name === "" ? [] : [name], of);
  return { kind: "message", message: answerOf([line(code(monitor), `  ${done}`)], button && [[button]]) };
}
