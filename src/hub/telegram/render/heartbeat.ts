/** Notices of a monitor → one message. What a person reads when woken: what is down, since when, what it said last. */
import type { Severity } from "../../../event.ts";
import type { Monitor, Notice } from "../../monitor.ts";
import { RANK } from "../../severity.ts";
import { about } from "./expectation.ts";
import { counted } from "./frames.ts";
import { oneLine } from "./pairs.ts";
import { storiesOf } from "./stories.ts";
import type { Formatted } from "./text.ts";
import { fitted, line } from "./tree.ts";
import { clock } from "./units.ts";

/** Below the headline of a message. */
export const RULE: string = "━".repeat(18);
const MOST_NAME = 130;

const SEVERITIES: Readonly<Record<Notice["kind"], Severity>> = {
  silent: "error",
  stuck: "error",
  failed: "error",
  reminder: "error",
  lost: "warning",
  blind: "warning",
  up: "info",
  offer: "info",
};

/** How much notices matter: as much as the worst of them. */
export function severityOf(notices: readonly Notice[]): Severity {
  const severities = notices.map(({ kind }) => SEVERITIES[kind]);
  return severities.reduce((worst, it) => (RANK[it] > RANK[worst] ? it : worst), "info");
}

/** `orders-api/nightly-etl`; a service's own monitor is called like the service. */
export function nameOf({ service, name }: Monitor): string {
  return oneLine(name === "" ? service : `${service}/${name}`, MOST_NAME);
}

/**
 * All that is pending about a monitor, first how it stands now.
 *
 * `missed` is how many beats should have come while it was down, where it is up again.
 */
export function monitorMessage(monitor: Monitor, notices: readonly Notice[], now: number, missed = 0): Formatted {
  const [first = { title: "ℹ️", when: [], nodes: [] }, ...others] = storiesOf(monitor, notices, now, missed);
  return fitted([
    line(`${first.title} · ${nameOf(monitor)}`, ...first.when),
    line(RULE),
    ...first.nodes,
    ...others.flatMap(({ title, when, nodes }) => [line(title, ...when), ...nodes]),
  ]);
}

/** Nobody looked after beats from a time on, to a time; deadlines in between were put off. */
export function blindMessage(from: number, to: number, deadlines: number, now: number): Formatted {
  return fitted([
    line(
      `👁 snitchbot itself was blind for ${about(to - from)} (`,
      clock(from, now),
      " – ",
      clock(to, now),
      `): no tick came, or its store did not answer.${postponed(deadlines)}`,
    ),
  ]);
}

function postponed(deadlines: number): string {
  if (deadlines === 0) return "";
  const were = deadlines === 1 ? "was" : "were";
  return ` ${counted(deadlines, "deadline")} fell into that time and ${were} put off by as much.`;
}
