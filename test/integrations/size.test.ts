import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
// @ts-expect-error a script without types
import { sizeOf } from "../../bench/size.mjs";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const paths = Object.values(exports as Record<string, { default?: string }>).flatMap(({ default: path = "" }) => {
  const [, name] = /integrations\/(\w+)\.js$/.exec(path) ?? [];
  return name ? [name] : [];
});

/** What a bundle grows by, gzipped, when it has the client already. */
async function growth(name: string): Promise<number> {
  const core = `export { snitch } from "../src/mod.workerd.ts";`;
  const [alone, both] = await Promise.all([
    sizeOf(core),
    sizeOf(`${core} export * from "../src/integrations/${name}.ts";`),
  ]);
  return both.gzip - alone.gzip;
}

it("every integration has its export path, and adds little to the client", async () => {
  const sizes = await Promise.all(paths.map(async (name) => [name, await growth(name)] as const));
  expect(sizes).toHaveLength(14);
  const table = readFileSync("docs/integrations.md", "utf8");
  for (const [name, bytes] of sizes) {
    expect(bytes, name).toBeLessThan(1_100);
    const [, written] = new RegExp(`\\| \`snitchbot/${name}\` .*\\| (\\d+) \\|`).exec(table) ?? [];
    expect(Math.abs(bytes - Number(written)), `${name} in docs/integrations.md is to say ${bytes}`).toBeLessThan(25);
  }
});
