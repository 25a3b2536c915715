/** Every key of the store and every field of a service's hash. README.md beside this file tells their life. */

/** Everything that waits for a time, scored by the millisecond it is due. */
export const WHEEL = "sb:wheel";
/** When the cron ran in each of the last 32 minutes: a ring of 64-bit times. */
export const TICKS = "sb:ticks";
/** What all services share: names, the budgets and states of chats, the digest. */
export const HUB = "sb:hub";

/** All that is known of one service. */
export function serviceKey(service: string): string {
  return `sb:s:${service}`;
}

/** What waits on the wheel. */
export type Due =
  /** A message that Telegram does not have yet; what is critical goes before all others. */
  | { readonly kind: "message"; readonly service: string; readonly id: string; readonly urgent?: boolean }
  /** A window of repeats that closes: the message shows the exact number from then on. */
  | { readonly kind: "window"; readonly service: string; readonly id: string }
  /** Alerts over a limit, of any service, to be told in one message. */
  | { readonly kind: "digest" }
  /** The next end of a mute. */
  | { readonly kind: "mutes" }
  /** The end of the quiet hours: what happened meanwhile is summed up. */
  | { readonly kind: "quiet" }
  /** The dashboard, to be looked at: it may show something that is no longer so. */
  | { readonly kind: "dashboard" }
  /** The deadline of a monitor, or its next reminder. */
  | { readonly kind: "monitor"; readonly service: string; readonly name: string }
  /** News of a monitor that the chat has not heard. */
  | { readonly kind: "notice"; readonly service: string; readonly name: string }
  /** That we were blind for a while, and whom it concerned. */
  | { readonly kind: "blind" }
  /** Old entries of a service that may go. */
  | { readonly kind: "prune"; readonly service: string }
  /** A service that has not been heard of for long. */
  | { readonly kind: "forget"; readonly service: string };

export type MonitorDue = Due & { readonly kind: "monitor" };
export type NoticeDue = Due & { readonly kind: "notice" };

/** A {@link Due} as a member of the wheel: a letter, the service, and for a message or window its id. */
export function memberOf(due: Due): string {
  switch (due.kind) {
    case "message":
      return `${due.urgent ? "O" : "o"}${due.service}\n${due.id}`;
    case "window":
      return `w${due.service}\n${due.id}`;
    case "digest":
      return "g";
    case "mutes":
      return "m";
    case "quiet":
      return "q";
    case "dashboard":
      return "d";
    case "monitor":
      return `h${due.service}\n${due.name}`;
    case "notice":
      return `n${due.service}\n${due.name}`;
    case "blind":
      return "b";
    case "prune":
      return `p${due.service}`;
    case "forget":
      return `f${due.service}`;
  }
}

/** Reads a member of the wheel; `undefined` for what a newer hub wrote. */
export function dueOf(member: string): Due | undefined {
  const [service = "", id = ""] = member.slice(1).split("\n");
  switch (member[0]) {
    case "O":
      return { kind: "message", service, id, urgent: true };
    case "o":
      return { kind: "message", service, id };
    case "w":
      return { kind: "window", service, id };
    case "g":
      return { kind: "digest" };
    case "m":
      return { kind: "mutes" };
    case "q":
      return { kind: "quiet" };
    case "d":
      return { kind: "dashboard" };
    case "h":
      return { kind: "monitor", service, name: id };
    case "n":
      return { kind: "notice", service, name: id };
    case "b":
      return { kind: "blind" };
    case "p":
      return { kind: "prune", service };
    case "f":
      return { kind: "forget", service };
    default:
      return undefined;
  }
}
