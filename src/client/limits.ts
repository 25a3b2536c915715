/**
 * Every limit of the client, on one screen. Times are milliseconds, lengths characters. No imports: what comes before
 * any import, bundlers write as numbers where it is used.
 */

/** Of a text of the user's. */
export const TEXT = 1024;
/** Of all texts of one record of the user's. */
export const TOTAL = 8192;
/** How deep a record of the user's is copied, and how many entries each level has. */
export const DEPTH = 4;
export const BREADTH = 50;

/** Of an event's title. */
export const TITLE = 500;
/** Of what stands before the frames of a stack. */
export const HEAD = 1024;
/** How many errors long a chain of causes is, and how many members an `AggregateError` has. */
export const CHAIN = 5;
export const MEMBERS = 5;
/** Of one event; longer ones are cut to the essential. */
export const EVENT = 45_000;

/** How long equal events are folded into the first. */
export const WINDOW = 300_000;
/** In which so many different ones may begin as the options say. */
export const MINUTE = 60_000;
/** How many different ones are known at a time. */
export const KINDS = 1_000;

/** Events of one batch. */
export const EVENTS = 50;
/** After which a batch is full; with one more event, at three bytes each, it is within 256 KiB. */
export const FULL = 40_000;
/** What a closing page may still send is 64 KB; at three bytes each this is less. */
export const SURVIVES = 20_000;

/** How many batches wait for another try, and how often each is tried. */
export const WAITING = 8;
export const TRIES = 8;
/** A batch that was refused for what it is will hardly be taken the next time. */
export const TRIES_REFUSED = 2;
/** A beat that nobody answers is tried so often: its monitor does not wait for long. */
export const TRIES_BEAT = 3;
/** A hub that wants to be left alone for longer is not asked again: somebody waits for the beat. */
export const HOLD = 30_000;
/** Half the first pause after a failure; each is twice as long as the one before. */
export const BACKOFF = 500;
export const BACKOFF_LIMIT = 60_000;
/** A request takes no longer. */
export const TIMEOUT = 5_000;
/** After which nothing will be heard of a request any more: its invocation was cut off. */
export const CUT_OFF = 10_000;
/** How late a worker may wake before another is started: its invocation was cut off. */
export const LATE = 1_000;
/** Longest stay in an invocation that `waitUntil` keeps alive: somebody pays for it, and Cloudflare ends it after 30 s. */
export const PATIENCE = 15_000;
/** Longest pause, whatever the hub says; timers of more than 24 days would fire at once. */
export const DAY = 86_400_000;
export const NEVER: number = Infinity;
