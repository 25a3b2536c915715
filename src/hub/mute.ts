/** What is not to be told. Types only. */

/** What a mute is about: all services, one of them, or one fingerprint, which is of one service anyway. What is critical is never muted. */
export interface Scope {
  readonly service?: string;
  readonly fingerprint?: string;
}

/** A mute and what it has swallowed. */
export interface Mute extends Scope {
  readonly until: number;
  readonly swallowed: number;
  /** What a person calls it, on one line; "" where its scope says it all. */
  readonly title: string;
}
