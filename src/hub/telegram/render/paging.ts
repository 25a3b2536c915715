/** Lists that are too long for a message. */
import { askButton, type PressButton } from "./callback.ts";

/** Which part of a list is shown: so many from the first on, of so many in all. */
export interface Part {
  readonly first: number;
  readonly size: number;
  readonly total: number;
}

/** One row that leads to the parts before and after, where there are any; each asks the command again, from `+20` on. */
export function pageButtons(
  command: string,
  words: readonly string[],
  { first, size, total }: Part,
  service?: string,
): readonly (readonly PressButton[])[] {
  const to = (text: string, from: number) => askButton(text, command, [...words, `+${from}`], service) ?? [];
  const before = first > 0 ? to("◀️ back", Math.max(0, first - size)) : [];
  const after = first + size < total ? to(`${total - first - size} more ▶️`, first + size) : [];
  const row = [before, after].flat();
  return row.length > 0 ? [row] : [];
}
