/** Where it happened. */
import type { Frame } from "../../stack.ts";
import { KEEP, oneLine } from "./pairs.ts";
import { clip } from "./text.ts";
import { type Block, code, type Line, line, type Node, type Span } from "./tree.ts";
import { grouped } from "./units.ts";

const MOST_FRAMES = 3;
const MOST_FILE = 80;
const MOST_NAME = 60;
const MOST_CODE = 120;
/** Beyond this column a line is a bundle's, and only the column says where in it. */
const WIDE = 200;

/** The top frames that are the user's own, or the top ones of any when none is; the rest is counted. */
export function stackBlock(name: string, frames: readonly Frame[]): Block {
  const shown = telling(frames);
  const libraries = shown[0]?.kind === "user" ? frames.filter(({ kind }) => kind === "library").length : 0;
  const nodes = shown.slice(0, MOST_FRAMES).map((frame, i) => frameNode(frame, i === 0 ? KEEP.place : KEEP.frame));
  const hidden = Math.max(0, shown.length - MOST_FRAMES);
  return { kind: "block", name, nodes, hidden, note: (more) => restOf(more, libraries) };
}

/** The frames that tell something: the user's own, or all when none is. */
export function telling(frames: readonly Frame[]): readonly Frame[] {
  const own = frames.filter(({ kind }) => kind === "user");
  return own.length > 0 ? own : frames;
}

/** `src/db/pool.ts:47 in acquire()` */
export function placeSpans({ file, line: row, column, function: name }: Frame): Span[] {
  const isBundle = column !== undefined && column > WIDE;
  const path = file.length > MOST_FILE ? `…${file.slice(1 - MOST_FILE)}` : file;
  const place = code([path, row, isBundle ? column : undefined].filter((part) => part !== undefined).join(":"));
  return name === undefined ? [place] : [place, ` in ${clip(name, MOST_NAME)}()`];
}

function frameNode(frame: Frame, keep: number): Node {
  const source: Line[] = frame.code ? [{ ...line("  ", code(oneLine(frame.code, MOST_CODE))), keep: KEEP.code }] : [];
  return { kind: "block", keep, nodes: [line(...placeSpans(frame)), ...source] };
}

function restOf(more: number, libraries: number): string {
  if (more === 0) return libraries === 0 ? "" : `… ${counted(libraries, "frame")} in libraries`;
  return `… ${counted(more, "more frame")}${libraries === 0 ? "" : ` and ${libraries} in libraries`}`;
}

/** `1 frame`, `2 frames`, `1 027 frames` */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}
