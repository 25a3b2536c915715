// Whether the promises were kept: what was accepted against what the chat shows, and how Telegram was called.
import { byKind, read } from "../chat.mjs";

const MINUTE = 60_000;
/** Once sent, a message is noted in Redis within this time, or its hub has failed to. */
const NOTED = 2_000;
/** What a hub has sent may come this long after its end. */
const LAST_WORDS = 500;
/** How long a hub may go on with what it has begun when another meets a penalty. */
const IN_FLIGHT = 1_000;
/** What was told directly is not told again so soon. */
const WINDOW = 5 * MINUTE;
/** What a group takes in a minute. */
const LIMIT = 20;

/** Figures, and what they say against the hub. */
export function createVerdict() {
  const figures = [];
  const broken = [];
  return {
    figures,
    broken,
    note: (what, value) => figures.push({ what, value }),
    /** A figure of which there may be `most`, and what to look at when there is more. */
    limit(what, value, details = [], most = 0) {
      figures.push({ what: `${what} (at most ${most})`, value });
      if (value > most)
        broken.push([`${what}: ${value}`, ...details.slice(0, 20).map((it) => JSON.stringify(it))].join("\n    "));
    },
  };
}

/** Every event that was answered 202 is in the chat, with the right count. */
export function judgeCounts({ note, limit }, { ledger, taken, known, messages, calls, story }) {
  const { counted, twice, direct } = sort(messages, known);
  const stored = ledger.filter(({ id }) => taken.has(id));
  const degraded = ledger.filter((batch) => batch.degraded);
  const { missing, surplus, unnamed } = compare(stored, counted);
  const untold = unheard(ledger, taken, direct);
  const again = twice.map((message) => ({ why: whyTwice(message, calls, story), ...message }));

  note("events sent", eventsIn(ledger));
  note("events answered 202", eventsIn(ledger.map(accepted)));
  note("events taken by Redis", eventsIn(stored));
  note("sum of the counts in the chat", sum(counted.map(({ count }) => count)));
  note("- in digests that do not name the kind", unnamed);
  limit("lost: in Redis, not in the chat", Math.max(0, sum(missing.map(({ count }) => count)) - unnamed), missing);
  limit("in the chat, not in Redis", sum(surplus.map(({ count }) => count)), surplus);
  limit("batches counted twice", [...taken.values()].filter((times) => times > 1).length);

  note("while Redis was away: events told directly", eventsIn(degraded.map(accepted)));
  note("- in messages", direct.length);
  note(
    "- and counted as well, because Redis had them",
    eventsIn(degraded.filter(({ id }) => taken.has(id)).map(accepted)),
  );
  note("- refused beside them, given up by the client", eventsIn(degraded) - eventsIn(degraded.map(accepted)));
  limit("lost: answered 202, in neither", untold.length, untold);

  note("messages sent again, as nobody knew whether they had come", again.length);
  for (const [why, times] of byKind(again.map(({ why }) => [why, 1]))) note(`- ${why}`, times);
  note("- the counts they show a second time", sum(again.map(({ count }) => count)));
  limit("sent again without a cause", again.filter(({ why }) => why === "unexplained").length, again);
}

/** Telegram was called no more than it allows, and left alone when it asked for that. */
export function judgeCalls({ note, limit }, { calls, story }) {
  const early = trespasses(calls, story);
  const unexcused = early.filter(({ excuse }) => excuse === "none");
  note("calls to Telegram", calls.length);
  limit("busiest minute, of what has a budget", busiest(calls.filter(hasBudget)), [], LIMIT);
  note("busiest minute, with what was told directly", busiest(calls));
  note("429s of its own limiter", calls.filter(({ answer }) => answer?.error_code === 429).length);
  for (const [excuse, times] of byKind(early.map(({ excuse }) => [excuse, 1]))) {
    if (excuse !== "none") note(`calls during a penalty: ${excuse}`, times);
  }
  limit("calls during a penalty, without an excuse", unexcused.length, unexcused);
}

export const sum = (numbers) => numbers.reduce((total, it) => total + it, 0);
const eventsIn = (batches) => sum(batches.flatMap(({ kinds }) => kinds.map(([, count]) => count)));

/** A batch without the events that its 202 refused. */
const accepted = ({ refused = [], kinds, ...batch }) => ({
  ...batch,
  kinds: kinds.filter((_, i) => !refused.some(({ index }) => index === i)),
});

/** What the chat holds: what counts, what is there `twice` because Redis never knew of it, what was told directly. */
function sort(messages, known) {
  const all = messages.map(({ message_id, text, date }) => ({ ...read(text), id: message_id, at: date * 1_000 }));
  const counting = all.filter(({ is }) => is === "alert" || is === "digest");
  return {
    counted: counting.filter(({ id }) => known.has(id)),
    twice: counting.filter(({ id }) => !known.has(id)),
    direct: all.filter(({ is }) => is === "direct"),
  };
}

/** Of which kinds the chat shows fewer or more than Redis took, and how many it shows in digests too long to name them all. */
function compare(stored, counted) {
  const taken = stored.flatMap(({ kinds }) => kinds);
  const shown = counted.flatMap(({ kinds }) => kinds);
  const left = [...byKind([...taken, ...shown.map(([kind, count]) => [kind, -count])])];
  return {
    missing: left.filter(([, count]) => count > 0).map(([kind, count]) => ({ kind, count })),
    surplus: left.filter(([, count]) => count < 0).map(([kind, count]) => ({ kind, count: -count })),
    unnamed: sum(counted.map(({ count, kinds }) => count - sum(kinds.map(([, it]) => it)))),
  };
}

/** Events that were answered 202 although neither Redis has their batch nor the chat a direct message of their kind. */
function unheard(ledger, taken, direct) {
  const isTold = (kind, at) => direct.some((it) => it.kinds[0][0] === kind && Math.abs(at - it.at) < WINDOW);
  return ledger
    .filter(({ id }) => !taken.has(id))
    .map(accepted)
    .flatMap(({ degraded, kinds, at }) => kinds.filter(([kind]) => !(degraded && isTold(kind, at))));
}

/** Why Redis does not know of a message that Telegram has. */
function whyTwice({ id }, calls, story) {
  const call = calls.find(({ method, answer }) => method === "sendMessage" && answer?.result?.message_id === id);
  if (call.fault?.lost) return "Telegram's answer was lost";
  const cause = story.find(({ name, from, to }) => {
    if (name === "a hub is killed") return from > call.at - LAST_WORDS && from < call.at + NOTED;
    return /^Redis/.test(name) && from < call.at + NOTED && to > call.at;
  });
  return cause?.name ?? "unexplained";
}

/** Calls made before a penalty was over, and what excuses them. */
function trespasses(calls, story) {
  const penalties = calls.flatMap(({ at, answer, fault }) => {
    const after = answer?.parameters?.retry_after ?? (fault?.status === 429 ? fault.retryAfter : undefined);
    return after === undefined ? [] : [{ from: at, to: at + after * 1_000 }];
  });
  return calls.flatMap(({ at, method, params }) => {
    const penalty = penalties.find(({ from, to }) => at > from && at < to);
    if (penalty === undefined) return [];
    const isBlind = story.some(({ name, from, to }) => /^Redis/.test(name) && from < at && to > at);
    const isInFlight = at < penalty.from + IN_FLIGHT;
    const excuse = isInFlight ? "in flight" : isBlind ? "Redis was not well" : "none";
    return [{ excuse, method, after: at - penalty.from, text: params.text?.slice(0, 60) }];
  });
}

function busiest(calls) {
  return Math.max(0, ...calls.map(({ at: from }) => calls.filter(({ at }) => at >= from && at < from + MINUTE).length));
}

/** What is told while Redis is away is not out of the chat's budget, nor what a hub says of itself. */
function hasBudget({ method, params }) {
  return method !== "sendMessage" || ["alert", "digest"].includes(read(params.text).is);
}
