/** Lists that are too long for a message. */
import { askButton, type PressButton } from "./callback.ts";

/** Which part of a list is shown. */
export interface Part {
  /** How many come before it. */
  readonly first: number;
  /** How many there are in all. */
  readonly total: number;
}

/** A part of a list of services, of which only some were looked at. */
export interface ServicePart extends Part {
  /** How many come before those that were looked at. */
  readonly from: number;
}

/**
 * One row that leads to the parts of `size` before and after, where there are any; each asks the command
 * again, of all services or of one, from `+20` on.
 */
export function pageButtons(
  command: string,
  words: readonly string[],
  { first, total }: Part,
  size: number,
  service?: string,
): readonly (readonly PressButton[])[] {
  const of = service === undefined ? ["*"] : [];
  const to = (text: string, from: number) => askButton(text, command, [...of, ...words, `+${from}`], service) ?? [];
  const before = first > 0 ? to("◀️ back", Math.max(0, first - size)) : [];
  const after = first + size < total ? to(`${total - first - size} more ▶️`, first + size) : [];
  const row = [before, after].flat();
  return row.length > 0 ? [row] : [];
}
