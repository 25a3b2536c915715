import { expect, it } from "vitest";
// @ts-expect-error a script without types
import { sizes } from "../../bench/size.mjs";

it("a Worker that captures one exception stays within 5 KB, gzipped", async () => {
  const ours = (await sizes()).find(({ client }: { client: string }) => client === "snitchbot");
  expect(ours.gzip).toBeGreaterThan(1024);
  expect(ours.gzip).toBeLessThanOrEqual(5_000);
});
