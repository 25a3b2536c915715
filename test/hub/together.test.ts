import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startUpstash, type Upstash } from "../../src/dev/upstash/front.ts";
import { connect } from "../../src/hub/store/redis.ts";
import { together } from "../../src/hub/store/together.ts";
import { engines } from "../engines.ts";

const ADD = "return {redis.call('INCRBY', KEYS[1], ARGV[1])}";

describe.each(engines)("calls that share requests, on the %s engine", (engine) => {
  let upstash: Upstash;
  let add: ReturnType<typeof together>;

  beforeAll(async () => {
    upstash = await startUpstash({ engine });
  });
  afterAll(() => upstash.stop());
  beforeEach(async () => {
    upstash.faults.clear();
    await upstash.command("FLUSHALL");
    await upstash.command("SCRIPT", "FLUSH");
    add = together(connect(upstash.url, upstash.token), ADD);
  });
  const many = (count: number) => Promise.all(Array.from({ length: count }, (_, i) => add([`k${i % 7}`], [i])));

  test("each gets its own answer, also from a Redis that does not know the script", async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => add([`k${i}`], [i])));
    expect(answers).toEqual(Array.from({ length: 60 }, (_, i) => [i]));
  });

  test("one alone goes at once, many take few requests, and none costs more", async () => {
    await add(["k"], [1]);
    expect(await upstash.meter.measure(() => add(["k"], [1]))).toMatchObject({ http: 1, billed: 2 });
    const { http, billed } = await upstash.meter.measure(() => many(40));
    expect(http).toBeLessThan(8);
    expect(billed).toBe(80);
  });

  test("what Redis refuses is one caller's fault, what does not answer is everybody's, and then all is well", async () => {
    await add(["k"], [1]);
    await upstash.command("SET", "text", "no number");
    const outcomes = await Promise.allSettled([add(["k"], [1]), add(["k"], [1]), add(["text"], [1]), add(["k"], [1])]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    upstash.faults.set({ kind: "outage" });
    const lost = await Promise.allSettled([1, 2, 3, 4, 5].map(() => add(["k"], [1])));
    expect(lost.every(({ status }) => status === "rejected")).toBe(true);
    upstash.faults.clear();
    expect(await add(["k"], [1])).toEqual([5]);
  });
});
