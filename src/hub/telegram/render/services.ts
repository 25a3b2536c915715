/** Which services there are. */

import type { Survey } from "../../survey.ts";
import { askButton, type PressButton } from "./callback.ts";
import { counted } from "./frames.ts";
import { RULE } from "./heartbeat.ts";
import type { Message } from "./message.ts";
import { pageButtons } from "./paging.ts";
import { KEEP, oneLine } from "./pairs.ts";
import { SIGNS } from "./standing.ts";
import { headOf, type Judged, judged, renderNothing, SERVICES_SHOWN } from "./status.ts";
import { bold, fitted, type Line, line } from "./tree.ts";
import { ago } from "./units.ts";

const MOST_RELEASE = 24;
/** Those that are asked about by a button, two to a row. */
const BUTTONS = 6;

/** Services from one on, the most urgent first; `skipped` and `at` as of {@link renderStatuses}. */
export function renderServices(survey: Survey, skipped: number, at: number, now: number): Message {
  if (survey.total === 0) return renderNothing();
  const all = judged(survey, now);
  const shown = all.slice(skipped - at, skipped - at + SERVICES_SHOWN);
  const nodes = [line(...headOf(all, survey.total)), line(RULE), ...shown.map((it) => serviceLine(it, now))];
  const part = { first: skipped, size: SERVICES_SHOWN, total: survey.total };
  return { ...fitted(nodes), buttons: [...serviceButtons(shown), ...pageButtons("services", [], part)] };
}

/** `🟢 orders-api · 1.2.3 · 2 monitors · 3m ago` */
function serviceLine({ service: { service, release, monitors, seen }, health }: Judged, now: number): Line {
  const facts = [
    release === undefined ? [] : [` · ${oneLine(release, MOST_RELEASE)}`],
    monitors.length > 0 ? [` · ${counted(monitors.length, "monitor")}`] : [],
    seen > 0 ? [" · ", ago(seen, now)] : [" · nothing yet"],
  ];
  return { ...line(`${SIGNS[health.colour]} `, bold(service), ...facts.flat()), keep: KEEP.place };
}

function serviceButtons(shown: readonly Judged[]): readonly (readonly PressButton[])[] {
  const buttons = shown.slice(0, BUTTONS).flatMap(({ service: { service }, health }) => {
    return askButton(`${SIGNS[health.colour]} ${service}`, "status", [], service) ?? [];
  });
  return buttons.flatMap((_, i) => (i % 2 === 0 ? [buttons.slice(i, i + 2)] : []));
}
