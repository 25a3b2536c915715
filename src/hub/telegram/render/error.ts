/** An error: what it says, where it happened, and what was behind it. */
import type { ErrorDetail } from "../../../event.ts";
import { framesOf } from "../../stack.ts";
import { counted, placeSpans, stackBlock, telling } from "./frames.ts";
import { KEEP, oneLine } from "./pairs.ts";
import { type Block, line, type Node, type Span } from "./tree.ts";

const MOST_CAUSE = 200;
const MOST_CAUSES = 3;

/** The stack of an error, its members and its causes. */
export function errorBlocks(error: ErrorDetail): Node[] {
  return [stackBlock("Stack", framesOf(error)), members(error), causes(error)];
}

/** Of an AggregateError. */
function members({ errors = [] }: ErrorDetail): Block {
  const nodes = errors
    .slice(0, MOST_CAUSES)
    .map((error): Block => ({ kind: "block", keep: KEEP.cause, nodes: brief(error) }));
  const note = (hidden: number): string => (hidden > 0 ? `… ${hidden} more` : "");
  return { kind: "block", name: "Errors", nodes, hidden: errors.length - nodes.length, note };
}

/** What it was caused by, and what that was caused by. */
function causes(error: ErrorDetail): Block {
  const chain: ErrorDetail[] = [];
  for (let cause = error.cause; cause; cause = cause.cause) chain.push(cause);
  const nodes = chain
    .slice(0, MOST_CAUSES)
    .map((cause): Block => ({ kind: "block", keep: KEEP.cause, name: "Caused by", nodes: brief(cause) }));
  const note = (hidden: number): string => (hidden > 0 ? `… ${counted(hidden, "more cause")}` : "");
  return { kind: "block", nodes, hidden: chain.length - nodes.length, note };
}

/** An error in two lines: what it says, and its top frame. */
function brief(error: ErrorDetail): Node[] {
  const [top] = telling(framesOf(error));
  const text = [error.type, error.message].filter((part) => part !== "").join(": ");
  const place: Span[] = top ? ["  ", ...placeSpans(top)] : [];
  return [line(oneLine(text, MOST_CAUSE) || "Error"), ...(top ? [line(...place)] : [])];
}
