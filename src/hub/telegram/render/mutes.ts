/** What a mute swallowed, told when it has ended. */
import type { Formatted } from "./text.ts";
import { code, fitted, type Line, line, type Span } from "./tree.ts";
import { grouped } from "./units.ts";

/** A mute that has ended. Without a fingerprint it was of a whole service, without a service of all. */
export interface Muted {
  readonly service?: string;
  readonly fingerprint?: string;
  readonly swallowed: number;
  /** What it was about, on one line; "" where its scope says it all. */
  readonly title: string;
}

/** `🔔 No longer muted; 27 events were swallowed`, then each with its own number. */
export function unmutedOf(mutes: readonly Muted[]): Formatted {
  const sum = mutes.reduce((total, { swallowed }) => total + swallowed, 0);
  const were = sum === 1 ? "1 event was" : `${grouped(sum)} events were`;
  return fitted([line(`🔔 No longer muted; ${were} swallowed`), ...mutes.map(lineOf)]);
}

function lineOf({ service = "all services", fingerprint, swallowed, title }: Muted): Line {
  const kind: Span[] = fingerprint === undefined ? [] : [" · ", code(fingerprint)];
  return line(service, ...kind, ` × ${grouped(swallowed)}`, ...(title ? [`  ${title}`] : []));
}
