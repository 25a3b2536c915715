/** Text as Telegram keeps it. What it would rewrite is rewritten here first, so that what was sent is what an edit compares. */

/** Most code points of a message. */
export const MOST_TEXT: number = 4096;
/** Most entities of a message; Telegram silently ignores the rest. */
export const MOST_ENTITIES: number = 100;

/** What is said when nothing that can be seen is left: Telegram refuses an empty message. */
const SILENCE = "(no text)";

/** A stretch of text with a meaning. Offsets and lengths count UTF-16 units. */
export type Entity =
  | {
      readonly type: "bold" | "italic" | "code" | "blockquote" | "expandable_blockquote";
      readonly offset: number;
      readonly length: number;
    }
  | { readonly type: "pre"; readonly offset: number; readonly length: number; readonly language?: string }
  | {
      readonly type: "date_time";
      readonly offset: number;
      readonly length: number;
      /** Seconds since 1970. */
      readonly unix_time: number;
      readonly date_time_format: TimeFormat;
    };

/** How a reader sees a time: `r` relative ("3 minutes ago"), `T` with seconds, `dT` with the date before it. */
export type TimeFormat = "r" | "T" | "dT";

/** Text with its entities, in order, none of them empty or beyond the text. */
export interface Formatted {
  readonly text: string;
  readonly entities: readonly Entity[];
}

/**
 * Text as Telegram cleans it: no carriage returns, direction marks or combining lines, a space for each control
 * character, and U+FFFD for half a surrogate pair, which it would refuse.
 */
export function clean(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/\r|[\u2028-\u202e]|\u030a|\u0333|\u033f/g, "")
    .replace(/(?!\n)\p{Cc}/gu, " ");
}

/** Characters as Telegram counts them: code points, not UTF-16 units. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >> 10 === 0x37) count--; // low surrogates
  return count;
}

/** A text of at most `most` UTF-16 units, with an ellipsis where it was cut. Never ends in half a surrogate pair. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const isPair = text.charCodeAt(most - 2) >> 10 === 0x36;
  return `${text.slice(0, isPair ? most - 2 : most - 1).trimEnd()}…`;
}

/** Without blanks at either end, as Telegram trims it; never empty. */
export function trimmed({ text, entities }: Formatted): Formatted {
  const kept = text.trim();
  if (isInvisible(kept)) return { text: SILENCE, entities: [] };
  const start = text.length - text.trimStart().length;
  return { text: kept, entities: within(entities, start, start + kept.length) };
}

/** Cut down to `limit` code points; its entities are cut along. */
export function clipped(whole: Formatted, limit: number): Formatted {
  const { text, entities } = { ...whole, entities: whole.entities.slice(0, MOST_ENTITIES) };
  if (codePoints(text) <= limit) return { text, entities };
  const kept = [...text.slice(0, limit * 2)]
    .slice(0, limit - 1)
    .join("")
    .trimEnd();
  return { text: `${kept}…`, entities: within(entities, 0, kept.length) };
}

function within(entities: readonly Entity[], start: number, end: number): Entity[] {
  return entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start);
    const length = Math.min(entity.offset + entity.length, end) - from;
    return length > 0 ? [{ ...entity, offset: from - start, length }] : [];
  });
}

/** What only looks like text to Telegram: blanks, joiners, tags. */
function isInvisible(text: string): boolean {
  return /^[\s\p{Cf}\u2800\ufffc\u{e0000}-\u{e007f}]*$/u.test(text);
}
