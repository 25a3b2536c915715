import { expect, test } from "vitest";
import { batchOf, DAY } from "../../src/dev/warehouse.ts";
import { openStand } from "../stand.ts";

test("a day of the demo's warehouse shows what a process that lives long has to tell", async () => {
  const stand = await openStand();
  try {
    for (const scene of DAY) {
      stand.now += scene.after * 1_000;
      const body = JSON.stringify(batchOf(scene, "i-1", stand.now));
      expect(await (await stand.post(body)).json()).not.toHaveProperty("refused");
    }
    const titles = stand.texts().map((text) => text.split("\n").at(text.startsWith("orders-api") ? 0 : 2));
    expect(titles).toEqual([
      "orders-api (primary) started",
      "loadShelves still running after 5 003 ms (threshold 100 ms)",
      "Event loop blocked for 2 690 ms (threshold 500 ms)",
      "RSS reaches 450 MB in ~40 min: 382 MB now",
      "RSS ceiling: 461 MB (limit 450 MB)",
      "orders-api (primary) stopped",
    ]);
  } finally {
    await stand.stop();
  }
});
