// What a person reads in the chat: which events a message tells of, and how many.

const ALERT = /^.* · .* · ([\da-f]{8})(?: × ([\d ]+))?\n/;
const DIGEST = /^📦 ([\d ]+) more alert/;
const KINDS = [/([\da-f]{8}) × ([\d ]+?) {2}/g, /\b([\da-f]{8})×(\d+)/g];
const DIRECT = /^⚠️ Redis is away.*\n/;

const number = (digits) => Number(digits.replaceAll(" ", ""));

/**
 * What one message tells: its `count`, and of that how many of each kind as far as it names them. `direct` is what was
 * sent while Redis was away and counts nothing; `own` is what the hub says of itself.
 */
export function read(text) {
  const digest = DIGEST.exec(text);
  if (digest) {
    const named = KINDS.flatMap((pattern) => [...text.matchAll(pattern)]);
    return { is: "digest", count: number(digest[1]), kinds: named.map(([, kind, count]) => [kind, number(count)]) };
  }
  const [, kind, count = "1"] = ALERT.exec(text.replace(DIRECT, "")) ?? [];
  if (kind === undefined) return { is: "own", count: 0, kinds: [] };
  if (DIRECT.test(text)) return { is: "direct", count: 0, kinds: [[kind, 0]] };
  return { is: "alert", count: number(count), kinds: [[kind, number(count)]] };
}

/** Sums counts by kind. */
export function byKind(pairs) {
  const sums = new Map();
  for (const [kind, count] of pairs) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return sums;
}
