import type { MessageEntity } from "@grammyjs/types";
import { nested } from "./nesting.ts";
import { badRequest } from "./refusal.ts";

/** Text with its entities; offsets and lengths count UTF-16 units. */
export interface Formatted {
  readonly text: string;
  readonly entities: readonly MessageEntity[];
}

/** Most characters (code points, not UTF-16 units) of a message and of a caption, and most entities of either. */
export const limits: { readonly text: number; readonly caption: number; readonly entities: number } = {
  text: 4096,
  caption: 1024,
  entities: 100,
};

/** The text of a message as Telegram keeps it: cleaned, trimmed, its entities in order. Refuses what it refuses. */
export function messageText(given: Formatted): Formatted {
  const text = kept(given);
  if (isBlank(text.text)) throw badRequest("text must be non-empty");
  if (codePoints(text.text) > limits.text) throw badRequest("message is too long");
  return text;
}

/** The same for a caption, which may be empty and is shorter. */
export function captionText(given: Formatted): Formatted {
  const caption = kept(given);
  if (codePoints(caption.text) > limits.caption) throw badRequest("message caption is too long");
  return caption;
}

// What only looks like text: blanks of every width, joiners, direction marks, tags.
const blank = /^[ \n\u00a0\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufeff\ufffc\u{e0000}-\u{e007f}]*$/u;
const isBlank = (text: string): boolean => blank.test(text);
const codePoints = (text: string): number => [...text].length;

function kept(given: Formatted): Formatted {
  if (/\p{Surrogate}/u.test(given.text)) throw badRequest("strings must be encoded in UTF-8");
  for (const entity of given.entities) checkRange(entity);
  const cleaned = clean(given.text, nested(given.entities));
  return trimmed(cleaned.text, nested(cleaned.entities));
}

function checkRange({ offset, length }: MessageEntity): void {
  const isWrong = (bound: number) => bound < 0 || bound > 1_000_000;
  if (isWrong(offset)) throw badRequest(`receive an entity with incorrect offset ${offset}`);
  if (isWrong(length)) throw badRequest(`receive an entity with incorrect length ${length}`);
}

/** Where a UTF-16 offset of the given text has come to lie, and where its character began, in bytes of UTF-8. */
interface Position {
  readonly offset: number;
  readonly byte: number;
}

/** Drops and replaces the characters Telegram will not have, and moves the entities along. */
function clean(text: string, entities: readonly MessageEntity[]): Formatted {
  const positions = new Map<number, Position>();
  let cleaned = "";
  let offset = 0;
  let byte = 0;
  for (const character of text) {
    positions.set(offset, { offset: cleaned.length, byte });
    cleaned += replacement(character);
    offset += character.length;
    byte += Buffer.byteLength(character);
    if (character.length === 2) positions.set(offset - 1, { offset: -1, byte });
  }
  positions.set(offset, { offset: cleaned.length, byte });
  return { text: cleaned, entities: entities.map((entity) => moved(entity, positions)) };
}

function moved(entity: MessageEntity, positions: ReadonlyMap<number, Position>): MessageEntity {
  const start = positions.get(entity.offset);
  const end = positions.get(entity.offset + entity.length);
  const name = `entity beginning at UTF-16 offset ${entity.offset}`;
  if (!start) throw badRequest(`entity begins after the end of the text at UTF-16 offset ${entity.offset}`);
  if (start.offset < 0) throw badRequest(`entity begins in a middle of a UTF-16 symbol at byte offset ${start.byte}`);
  if (!end) {
    throw badRequest(`${name} ends after the end of the text at UTF-16 offset ${entity.offset + entity.length}`);
  }
  if (end.offset < 0) throw badRequest(`${name} ends in a middle of a UTF-16 symbol at byte offset ${end.byte}`);
  return { ...entity, offset: start.offset, length: end.offset - start.offset };
}

function replacement(character: string): string {
  if (character === "\n") return character;
  if (character === "\r" || (character >= "\u2028" && character <= "\u202e")) return "";
  if (["\u030a", "\u0333", "\u033f"].includes(character)) return "";
  return character < " " ? " " : character;
}

/** Without the blanks at the end, and without those at the start that no entity covers. */
function trimmed(text: string, entities: readonly MessageEntity[]): Formatted {
  const end = text.replace(/[ \n]+$/, "").length;
  const within = entities
    .filter((entity) => entity.offset < end)
    .map((entity) => ({ ...entity, length: Math.min(entity.length, end - entity.offset) }));
  const blanks = /^[ \n]*/.exec(text)?.[0].length ?? 0;
  const start = Math.min(blanks, within[0]?.offset ?? end, end);
  return {
    text: text.slice(start, end),
    entities: within.slice(0, limits.entities).map((entity) => ({ ...entity, offset: entity.offset - start })),
  };
}
