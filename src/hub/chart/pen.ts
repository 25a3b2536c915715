/** From the strokes of a glyph to the straight pieces that a pen draws. */

/** A straight piece: where it begins and where it ends. */
export type Piece = readonly [x0: number, y0: number, x1: number, y1: number];

/** A glyph that can be drawn at any size; its units are those of glyphs.ts. */
export interface Outline {
  readonly width: number;
  readonly pieces: readonly Piece[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Corner extends Point {
  readonly isRound: boolean;
}

/** How far from its corner a curve begins at most. */
const ROUNDING = 6;

/** Reads a glyph as glyphs.ts writes it; each of its curves becomes so many straight pieces. */
export function outlineOf(glyph: string, fineness: number): Outline {
  const [width, strokes] = glyph.split(":");
  const pieces = strokes ? strokes.split("/").flatMap((stroke) => piecesOf(stroke, fineness)) : [];
  return { width: Number(width), pieces };
}

function piecesOf(stroke: string, fineness: number): readonly Piece[] {
  const isRing = stroke.startsWith("o ");
  const corners = (isRing ? stroke.slice(2) : stroke).split(" ").map(cornerOf);
  const path = isRing ? ringOf(corners) : corners;
  const points = path.flatMap((corner, i) => turn(path[i - 1], corner, path[i + 1], fineness));
  return points.slice(1).map(({ x, y }, i) => [points[i]?.x ?? x, points[i]?.y ?? y, x, y]);
}

function cornerOf(text: string): Corner {
  const isRound = text.startsWith("~");
  const [x = 0, y = 0] = text
    .slice(isRound ? 1 : 0)
    .split(",")
    .map(Number);
  return { x, y, isRound };
}

/** Round at every corner; it begins and ends in the middle of its first side. */
function ringOf([first, second, ...others]: readonly Corner[]): readonly Corner[] {
  if (!first || !second) return [];
  const seam = { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2, isRound: false };
  const round = [second, ...others, first].map((corner) => ({ ...corner, isRound: true }));
  return [seam, ...round, seam];
}

/** The points of a path at one of its corners. */
function turn(
  before: Corner | undefined,
  corner: Corner,
  after: Corner | undefined,
  fineness: number,
): readonly Point[] {
  if (!corner.isRound || !before || !after) return [corner];
  const [from, to] = [towards(corner, before), towards(corner, after)];
  return Array.from({ length: fineness + 1 }, (_, i) => onArc(from, corner, to, i / fineness));
}

/** Where a curve leaves the side to a neighbour. Half of the side is the neighbour's when that is round, too. */
function towards(corner: Corner, neighbour: Corner): Point {
  const [x, y] = [neighbour.x - corner.x, neighbour.y - corner.y];
  const share = Math.min(ROUNDING / Math.hypot(x, y), neighbour.isRound ? 0.5 : 1);
  return { x: corner.x + x * share, y: corner.y + y * share };
}

/** A rational curve of the second degree; with these weights a right angle becomes a quarter of an ellipse. */
function onArc(from: Point, corner: Point, to: Point, t: number): Point {
  const [a, b, c] = [(1 - t) ** 2, Math.SQRT2 * t * (1 - t), t ** 2];
  const sum = a + b + c;
  return { x: (a * from.x + b * corner.x + c * to.x) / sum, y: (a * from.y + b * corner.y + c * to.y) / sum };
}
