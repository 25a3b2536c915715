/** What lies between a hub and who runs it. Types only, so that nobody's declarations drag in a library. */

/** What a platform gives for one request. */
export interface Seam {
  /** Keeps the platform from stopping before `work` has ended. */
  waitUntil(work: Promise<unknown>): void;
  /** The caller's address, where the platform vouches for it. */
  readonly clientIp?: string | undefined;
}

/** What the world around a hub is like; tests put their own in its place. */
export interface World {
  /** One process serves many requests at once, so that what it asks of the store may serve several of them. */
  readonly isResident?: boolean;
  readonly clock?: () => number;
  readonly fetch?: typeof fetch;
}

/** What one sweep of the wheel did. */
export interface Swept {
  readonly claimed: number;
  /** New messages in the chat. */
  readonly sent: number;
  /** Due again later. */
  readonly left: number;
  /** Monitors that changed their status. */
  readonly flips: number;
}

/** What one run of the cron did. */
export interface Ticked extends Swept {
  /** Milliseconds. */
  readonly took: number;
}
