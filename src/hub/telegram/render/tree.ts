/**
 * A message as a small tree. Nothing has to be escaped, and when it is too long whole nodes go, the least important
 * first, with a note of how many went.
 */
import {
  clean,
  clipped,
  codePoints,
  type Entity,
  type Formatted,
  MOST_ENTITIES,
  MOST_TEXT,
  type TimeFormat,
  trimmed,
} from "./text.ts";

/** A piece of a line. */
export type Span =
  | string
  | { readonly style: "bold" | "italic" | "code"; readonly text: string }
  /** Each reader sees it in their own zone; `text` is for those whose app cannot. */
  | { readonly style: "time"; readonly text: string; readonly unix: number; readonly format: TimeFormat };

/** What a message is made of, one below the other. */
export type Node = Line | Pre | Block;

interface Sheddable {
  /** Nodes with the lowest number go first when room is short. Without it a node stays. */
  readonly keep?: number | undefined;
  /** How many things go with it, for the note of its block. @default 1 */
  readonly weight?: number | undefined;
}

export interface Line extends Sheddable {
  readonly kind: "line";
  readonly spans: readonly Span[];
}

/** Monospaced lines that do not wrap into each other: a chart, a table, code. */
export interface Pre extends Sheddable {
  readonly kind: "pre";
  readonly text: string;
  readonly language?: string;
}

/** Nodes under a name, or in a quote. */
export interface Block extends Sheddable {
  readonly kind: "block";
  readonly name?: string;
  readonly quote?: "open" | "expandable";
  readonly nodes: readonly Node[];
  /** What was left out before; what has to be shed is added. @default 0 */
  readonly hidden?: number;
  /** Says how many were left out; "" says nothing. */
  readonly note?: (hidden: number) => string;
}

export const bold = (text: string): Span => ({ style: "bold", text });
export const italic = (text: string): Span => ({ style: "italic", text });
export const code = (text: string): Span => ({ style: "code", text });
export const line = (...spans: readonly Span[]): Line => ({ kind: "line", spans });

/** Lays a tree out in at most `limit` code points and a hundred entities. */
export function fitted(nodes: readonly Node[], limit: number = MOST_TEXT): Formatted {
  const whole = layout(nodes, new Set());
  return fits(whole, limit) ? whole : clipped(shortened(nodes, limit), limit);
}

/** Without as few nodes as it takes, or without all that may go. */
function shortened(nodes: readonly Node[], limit: number): Formatted {
  const order = sheddable(nodes)
    .reverse()
    .sort((a, b) => (a.keep ?? 0) - (b.keep ?? 0));
  const without = (count: number): Formatted => layout(nodes, new Set(order.slice(0, count)));
  let [least, most] = [0, order.length];
  while (least < most) {
    const middle = (least + most) >> 1;
    if (fits(without(middle), limit)) most = middle;
    else least = middle + 1;
  }
  return without(least);
}

function fits({ text, entities }: Formatted, limit: number): boolean {
  return entities.length <= MOST_ENTITIES && codePoints(text) <= limit;
}

function sheddable(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => {
    const inner = node.kind === "block" ? sheddable(node.nodes) : [];
    return node.keep === undefined ? inner : [node, ...inner];
  });
}

/** What is written so far. */
interface Page {
  text: string;
  readonly entities: Entity[];
}

function layout(nodes: readonly Node[], shed: ReadonlySet<Node>): Formatted {
  const page: Page = { text: "", entities: [] };
  for (const node of nodes) if (!shed.has(node)) write(page, node, shed, "");
  return trimmed({
    text: page.text,
    entities: page.entities.sort((a, b) => a.offset - b.offset || b.length - a.length),
  });
}

function write(page: Page, node: Node, shed: ReadonlySet<Node>, indent: string): void {
  if (node.kind === "line") writeLine(page, node.spans, indent);
  else if (node.kind === "pre") writePre(page, node);
  else writeBlock(page, node, shed, indent);
}

function writePre(page: Page, { text, language }: Pre): void {
  newLine(page);
  mark(page, text, (range) => ({ type: "pre", ...range, ...(language && { language }) }));
}

function writeBlock(page: Page, block: Block, shed: ReadonlySet<Node>, indent: string): void {
  const gone = block.nodes
    .filter((node) => shed.has(node))
    .reduce((sum, { weight = 1 }) => sum + weight, block.hidden ?? 0);
  const note = block.note?.(gone) ?? "";
  const left = block.nodes.filter((node) => !shed.has(node));
  if (left.length === 0 && note === "") return;
  if (block.name !== undefined) writeLine(page, [bold(block.name)], indent);
  if (block.quote) newLine(page);
  const offset = page.text.length;
  const inner = block.name === undefined ? indent : `${indent}  `;
  for (const node of left) write(page, node, shed, inner);
  if (note !== "") writeLine(page, [note], inner);
  const length = page.text.length - offset;
  if (block.quote && length > 0) {
    page.entities.push({ type: block.quote === "open" ? "blockquote" : "expandable_blockquote", offset, length });
  }
}

function writeLine(page: Page, spans: readonly Span[], indent: string): void {
  newLine(page);
  page.text += indent;
  for (const span of spans) writeSpan(page, span);
}

function writeSpan(page: Page, span: Span): void {
  if (typeof span === "string") page.text += clean(span);
  else if (span.style !== "time") mark(page, span.text, (range) => ({ type: span.style, ...range }));
  else
    mark(page, span.text, (range) => ({
      type: "date_time",
      ...range,
      unix_time: span.unix,
      date_time_format: span.format,
    }));
}

function newLine(page: Page): void {
  if (page.text !== "" && !page.text.endsWith("\n")) page.text += "\n";
}

/** Writes a text under an entity; blanks bear none. */
function mark(page: Page, text: string, entity: (range: { offset: number; length: number }) => Entity): void {
  const written = clean(text);
  // Not what it ends on: with a line break inside, it would touch the next line, and Telegram joins what touches.
  const { length } = written.trimEnd();
  if (written.trim() !== "") page.entities.push(entity({ offset: page.text.length, length }));
  page.text += written;
}
