/** When a monitor was down, as its notices tell it. */
import type { Notice } from "../../monitor.ts";

/** A notice of one kind, or of several. */
export type Of<Kind extends Notice["kind"]> = Extract<Notice, { readonly kind: Kind }>;
/** What a monitor is down by; a reminder only knows that it is. */
export type Down = Of<"silent" | "stuck" | "failed" | "reminder">;

/** A time of being down that is over. */
export interface Outage {
  readonly from: number;
  readonly to: number;
  /** Where it is among the notices; otherwise it was told before. */
  readonly by: Down | undefined;
  readonly after: Of<"up">["after"];
}

/** How often it was down, and how it stands now. */
export interface Outages {
  /** The oldest first. */
  readonly over: readonly Outage[];
  /** What it is down by now. */
  readonly open: Down | undefined;
}

export function outagesOf(notices: readonly Notice[]): Outages {
  const over: Outage[] = [];
  let open: Down | undefined;
  for (const notice of [...notices].sort((a, b) => a.at - b.at)) {
    switch (notice.kind) {
      case "silent":
      case "stuck":
      case "failed":
        open = notice;
        break;
      case "reminder":
        open ??= notice;
        break;
      case "up":
        over.push({ from: notice.downSince, to: notice.at, by: open, after: notice.after });
        open = undefined;
    }
  }
  return { over, open };
}

/** How long it was down in all. */
export function downTime(outages: readonly Outage[]): number {
  return outages.reduce((sum, { from, to }) => sum + to - from, 0);
}
