/** The whole stack, for those who want it all. */
import type { ErrorDetail } from "../../../event.ts";
import type { Alert } from "../../alert.ts";
import type { Message } from "./message.ts";
import { codePoints, MOST_TEXT } from "./text.ts";
import { bold, code, fitted, line } from "./tree.ts";

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

/** The whole stack in a quote that opens when it is tapped; `undefined` when it is too long for a message. */
export function traceMessage(alert: Alert): Message | undefined {
  const text = renderTrace(alert);
  if (codePoints(text) > MOST_TEXT - HEAD) return undefined;
  const lines = text.split("\n").map((it) => line(it));
  return { ...fitted([headOf(alert), { kind: "block", quote: "expandable", nodes: lines }]), buttons: [] };
}

/** The whole stack as a file, for when it is long. */
export function traceFile(alert: Alert): {
  readonly kind: "document";
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly caption: Message;
} {
  const { service, fingerprint } = alert;
  const bytes = new TextEncoder().encode(renderTrace(alert));
  const caption = { ...fitted([headOf(alert)]), buttons: [] };
  return { kind: "document", name: `${service}_${fingerprint || "event"}.txt`, bytes, caption };
}

/** Characters that the line above a stack may need. */
const HEAD = 200;

const headOf = ({ service, fingerprint }: Alert) =>
  line("📋 ", bold("Full trace"), ` · ${service} · `, code(fingerprint));

/** V8 opens a stack with type and message, the others do not. */
function ownTrace({ type, message, stack = "" }: ErrorDetail): string {
  const head = [type, message].filter((part) => part !== "").join(": ");
  const saysIt = stack.startsWith(type) || (message !== "" && stack.includes(message));
  return stack !== "" && saysIt ? stack : [head, stack].filter((part) => part !== "").join("\n");
}
