import type { Severity } from "../event.ts";

/** Importance of a severity: what is higher goes first. */
export const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2, critical: 3 };
