/** How much happens in a service, counted with each batch in a field that is written with the others. */
import { RANK } from "../severity.ts";
import type { Traffic } from "../survey.ts";
import type { IntakeAlert } from "./inbox.ts";

const MINUTE = 60_000;

/**
 * Counts what a batch brings; part of the script that takes batches in. One field holds slots, the newest first, of `start
 * minutes errors warnings slow watchdog`, the start in minutes since 1970. A slot is five minutes long, an hour from the
 * third hour on, a day from the third day on, and goes when all of it is older than thirty days: about a hundred slots.
 */
export const TRAFFIC: string = /* lua */ `
local function trafficWith(text, now, given)
  local minute = math.floor(now / 60000)
  local newest = string.format('%d 5 ', minute - minute % 5)
  local a, b, c, d = string.match(given, '(%d+) (%d+) (%d+) (%d+)')
  local function slot(w, x, y, z) return string.format('%.0f %.0f %.0f %.0f', a + w, b + x, c + y, d + z) end
  local w, x, y, z, rest = string.match(text, '^' .. newest .. '(%d+) (%d+) (%d+) (%d+)(.*)$')
  if w then return newest .. slot(w, x, y, z) .. rest end
  -- A new slot begins: older ones are put together.
  local slots, last = {newest .. slot(0, 0, 0, 0)}, nil
  for start, w, x, y, z in string.gmatch(text, '(%d+) %d+ (%d+) (%d+) (%d+) (%d+)') do
    local age = minute - start
    local size = age < 120 and 5 or age < 2880 and 60 or 1440
    local head = string.format('%d %d ', start - start % size, size)
    if head ~= last then a, b, c, d = 0, 0, 0, 0 end
    if age < 44640 then slots[head == last and #slots or #slots + 1] = head .. slot(w, x, y, z) end
    a, b, c, d, last = a + w, b + x, c + y, d + z, head
  end
  return table.concat(slots, ' ')
end
`;

/** What a batch adds, as the script takes it: four numbers. */
export function trafficIn(alerts: readonly IntakeAlert[]): string {
  const sum = (kind: keyof Traffic): number =>
    alerts.filter((it) => kindOf(it) === kind).reduce((total, { count }) => total + count, 0);
  return [sum("errors"), sum("warnings"), sum("slow"), sum("watchdog")].join(" ");
}

/** The sum of all slots that end after a time: up to one slot more than was asked for. */
export function trafficSince(text: string, since: number): Traffic {
  const numbers = text.split(" ").map(Number);
  const sum = { errors: 0, warnings: 0, slow: 0, watchdog: 0 };
  for (let i = 0; i + 5 < numbers.length; i += 6) {
    const [start = 0, minutes = 0, errors = 0, warnings = 0, slow = 0, watchdog = 0] = numbers.slice(i, i + 6);
    if ((start + minutes) * MINUTE <= since) break;
    sum.errors += errors;
    sum.warnings += warnings;
    sum.slow += slow;
    sum.watchdog += watchdog;
  }
  return sum;
}

/** What an event counts as; that a process starts or stops counts as nothing. */
function kindOf({ rank, alert: { event } }: IntakeAlert): keyof Traffic | undefined {
  if (event.kind === "slow" || event.kind === "watchdog") return event.kind;
  if (event.kind === "lifecycle" || rank < RANK.warning) return undefined;
  return rank === RANK.warning ? "warnings" : "errors";
}
