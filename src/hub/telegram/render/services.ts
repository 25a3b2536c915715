/** Which services there are. */

import type { Survey } from "../../survey.ts";
import { askButton, type PressButton } from "./callback.ts";
import { counted } from "./frames.ts";
import { RULE } from "./heartbeat.ts";
import type { Message } from "./message.ts";
import { pageButtons, type ServicePart } from "./paging.ts";
import { KEEP, oneLine } from "./pairs.ts";
import { SIGNS } from "./standing.ts";
import { headOf, type Judged, judged, renderNothing, SERVICES_SHOWN, shownOf } from "./status.ts";
import { bold, fitted, type Line, line } from "./tree.ts";
import { ago } from "./units.ts";

const MOST_RELEASE = 24;
/** Those that are asked about by a button, two to a row. */
const BUTTONS = 6;

/** The services, the most urgent of those that were looked at first. */
export function renderServices(survey: Survey, part: ServicePart, now: number): Message {
  if (part.total === 0) return renderNothing();
  const all = judged(survey, now);
  const shown = shownOf(all, part);
  const nodes = [line(headOf(all, part.total)), line(RULE), ...shown.map((it) => serviceLine(it, now))];
  return {
    ...fitted(nodes),
    buttons: [...serviceButtons(shown), ...pageButtons("services", [], part, SERVICES_SHOWN)],
  };
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
