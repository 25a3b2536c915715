import { expect, it } from "vitest";
// @ts-expect-error a script without types
import { sizeOf } from "../../bench/size.mjs";

const worker = (imported: string, call: string): string => `
  import { ${imported} } from "../src/mod.workerd.ts";
  export default {
    fetch(request) {
      try {
        return handle(request);
      } catch (error) {
        ${call};
        return new Response("failed", { status: 500 });
      }
    },
  };`;

it.each([
  ["that only captures", worker("capture", "capture(error)"), 5_000],
  ["with all of snitch", worker("snitch", "snitch.capture(error)"), 6_800],
])("a Worker %s stays within its size, gzipped", async (_, source, limit) => {
  const { gzip } = await sizeOf(source);
  expect(gzip).toBeGreaterThan(limit - 300);
  expect(gzip).toBeLessThanOrEqual(limit);
});
