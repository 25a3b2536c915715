// How long a capture holds its caller, in this process: nothing is sent anywhere.
import { createSnitch } from "../dist/src/mod.js";

const ERRORS = 500;
const answer = async () => new Response('{"accepted":1}', { status: 202 });
const client = () =>
  createSnitch({ url: "https://hub.test/s/bench.key", fetch: answer, maxKinds: Number.MAX_SAFE_INTEGER });
const letters = (i) => String(i).replace(/\d/g, (digit) => "abcdefghij"[digit]);
const failAt = (depth, i) => (depth > 0 ? failAt(depth - 1, i) : new Error(`order of ${letters(i)} failed`));

/** Microseconds for each of many errors; the median of seven rounds. */
function each(make, prepare = () => {}) {
  const rounds = Array.from({ length: 7 }, () => {
    const snitch = client();
    const errors = Array.from({ length: ERRORS }, (_, i) => make(i));
    for (const error of errors) prepare(error);
    const began = performance.now();
    for (const error of errors) snitch.capture(error);
    return ((performance.now() - began) / ERRORS) * 1_000;
  });
  return Number(rounds.sort((a, b) => a - b)[3].toFixed(1));
}

const same = failAt(8, 0);
console.log("\nHow long a capture holds its caller: ten frames, median of seven rounds\n");
console.table([
  {
    captured: "different errors, stack read before",
    µs: each(
      (i) => failAt(8, i),
      (error) => error.stack,
    ),
  },
  { captured: "different errors, stack not read yet", µs: each((i) => failAt(8, i)) },
  { captured: "the same error again", µs: each(() => same) },
]);
