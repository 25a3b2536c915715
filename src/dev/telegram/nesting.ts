import type { MessageEntity } from "@grammyjs/types";

/**
 * The entities as Telegram keeps them, sorted and properly nested: styles of one kind are merged, cut where other
 * entities begin and end, and dropped inside code; of two links, code blocks or times that overlap the later one goes.
 *
 * @see https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp fix_entities
 */
export function nested(entities: readonly MessageEntity[]): MessageEntity[] {
  const sorted = inOrder(entities.filter((entity) => entity.length > 0));
  if (isNested(sorted)) return sorted;

  const quotes = apart(sorted.filter((entity) => rankOf(entity) === "quote"));
  const wholes = apart(sorted.filter((entity) => rankOf(entity) === "whole" || rankOf(entity) === "code"));
  const frame = inOrder([...wholes.filter((whole) => !quotes.some((quote) => crosses(whole, quote))), ...quotes]);
  const styles = styleNames.flatMap((style) => cut(merged(sorted.filter(({ type }) => type === style)), frame));
  return inOrder([...frame, ...styles]);
}

const styleNames: readonly string[] = ["bold", "italic", "underline", "strikethrough", "spoiler"];
const priorities: Readonly<Record<string, number>> = {
  blockquote: 0,
  expandable_blockquote: 0,
  pre: 11,
  code: 20,
  date_time: 30,
  text_link: 49,
  text_mention: 49,
  bold: 90,
  italic: 91,
  underline: 92,
  strikethrough: 93,
  spoiler: 94,
  custom_emoji: 99,
};

type Rank = "style" | "quote" | "code" | "whole";

/** A time counts as code: it bears no style, and styles around it are cut. */
function rankOf({ type }: MessageEntity): Rank {
  if (styleNames.includes(type)) return "style";
  if (type === "blockquote" || type === "expandable_blockquote") return "quote";
  return type === "code" || type === "pre" || type === "date_time" ? "code" : "whole";
}

const endOf = (entity: MessageEntity): number => entity.offset + entity.length;
const priorityOf = (entity: MessageEntity): number => priorities[entity.type] ?? 50;

function inOrder(entities: readonly MessageEntity[]): MessageEntity[] {
  return entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length || priorityOf(a) - priorityOf(b));
}

/** Whether sorted entities may stay as they are. */
function isNested(sorted: readonly MessageEntity[]): boolean {
  const open: MessageEntity[] = [];
  const styleEnds = new Map<string, number>();
  for (const entity of sorted) {
    while (open.length > 0 && entity.offset >= endOf(open.at(-1) as MessageEntity)) open.pop();
    if (!mayStandIn(open, entity)) return false;
    if (rankOf(entity) === "style") {
      if ((styleEnds.get(entity.type) ?? -1) >= entity.offset) return false;
      styleEnds.set(entity.type, endOf(entity));
    }
    open.push(entity);
  }
  return true;
}

function mayStandIn(open: readonly MessageEntity[], entity: MessageEntity): boolean {
  const parent = open.at(-1);
  if (!parent) return true;
  const around = open.map(rankOf);
  const rank = rankOf(entity);
  if (endOf(entity) > endOf(parent) || rankOf(parent) === "code" || around.includes("style")) return false;
  if (rank === "code") return around.every((outer) => outer === "quote");
  if (rank === "whole") return !around.includes("whole");
  if (rank === "quote") return !around.includes("whole") && !around.includes("quote");
  return true;
}

/** Those that begin after the one kept before has ended. */
function apart(sorted: readonly MessageEntity[]): MessageEntity[] {
  let end = 0;
  return sorted.filter((entity) => {
    if (entity.offset < end) return false;
    end = endOf(entity);
    return true;
  });
}

function crosses(entity: MessageEntity, quote: MessageEntity): boolean {
  const meets = entity.offset < endOf(quote) && quote.offset < endOf(entity);
  return meets && (entity.offset < quote.offset || endOf(entity) > endOf(quote));
}

function merged(sameStyle: readonly MessageEntity[]): MessageEntity[] {
  const runs: MessageEntity[] = [];
  for (const entity of sameStyle) {
    const last = runs.at(-1);
    if (last && entity.offset <= endOf(last)) last.length = Math.max(endOf(last), endOf(entity)) - last.offset;
    else runs.push({ ...entity });
  }
  return runs;
}

/** Cuts runs of one style at the edges of the frame, and drops the pieces that lie in code. */
function cut(runs: readonly MessageEntity[], frame: readonly MessageEntity[]): MessageEntity[] {
  const codes = frame.filter((entity) => rankOf(entity) === "code");
  return runs.flatMap((run) => {
    const inner = frame.flatMap((entity) => [entity.offset, endOf(entity)]);
    const edges = [...new Set([run.offset, endOf(run), ...inner])]
      .filter((edge) => run.offset <= edge && edge <= endOf(run))
      .sort((a, b) => a - b);
    return edges
      .slice(1)
      .map((edge, index) => ({ ...run, offset: edges[index] as number, length: edge - (edges[index] as number) }))
      .filter((piece) => !codes.some((code) => code.offset <= piece.offset && piece.offset < endOf(code)));
  });
}
