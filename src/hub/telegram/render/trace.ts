/** The whole stack, for those who want it all. */
import type { ErrorDetail } from "../../../event.ts";
import type { Alert } from "../../alert.ts";

/** Plain text: the stack as the runtime wrote it, then members and causes with theirs. */
export function renderTrace({ event }: Alert): string {
  const { error, watchdog, title } = event;
  if (error) return withRelatives(error);
  return [title, watchdog?.stack ?? ""].filter((part) => part !== "").join("\n");
}

function withRelatives(error: ErrorDetail): string {
  const members = (error.errors ?? []).map((member, i) => `Error ${i + 1}: ${withRelatives(member)}`);
  const cause = error.cause ? [`Caused by: ${withRelatives(error.cause)}`] : [];
  return [ownTrace(error), ...members, ...cause].join("\n\n");
}

/** V8 opens a stack with type and message, the others do not. */
function ownTrace({ type, message, stack = "" }: ErrorDetail): string {
  const head = [type, message].filter((part) => part !== "").join(": ");
  const saysIt = stack.startsWith(type) || (message !== "" && stack.includes(message));
  return stack !== "" && saysIt ? stack : [head, stack].filter((part) => part !== "").join("\n");
}
