/** What `npm install snitchbot` brings: packed once, and used as its users do. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProgram } from "../src/dev/process.ts";
import { openSink } from "./client/sink.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string): string => join(root, "node_modules/.bin", name);
const json = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));

const { exports, dependencies } = json("package.json");
const paths = Object.keys(exports).filter((path) => path !== "./package.json");

/** What can be imported: `snitchbot`, `snitchbot/hub`, … */
const doors = paths.map((path) => path.replace(".", "snitchbot"));
const importAll = doors.map((door, index) => `import * as door${index} from "${door}";`).join("\n");
const allDoors = doors.map((_, index) => `door${index}`).join(", ");

/** A project that has installed the package, and nothing but what that lists. */
const project = mkdtempSync(join(tmpdir(), "snitchbot-package-"));
const library = join(project, "node_modules/snitchbot");
const write = (name: string, content: string): void => writeFileSync(join(project, name), content);

/** Runs a program to its end. */
async function run(
  command: string,
  args: readonly string[],
  { cwd = project, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<[code: unknown, output: string]> {
  const program = await startProgram({ command, args, cwd, env });
  try {
    return [await program.ended, program.output()];
  } finally {
    await program.stop();
  }
}

/** Links a package that is installed here into the project. */
function link(name: string): void {
  const path = join(project, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, "node_modules", name), path);
}

beforeAll(async () => {
  const packed = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", project], { cwd: root });
  expect(packed).toEqual([0, expect.anything()]);
  const tarball = readdirSync(project).find((name) => name.endsWith(".tgz")) ?? "";
  mkdirSync(library, { recursive: true });
  expect(await run("tar", ["xzf", tarball, "--strip-components=1", "-C", library])).toEqual([0, ""]);
  for (const name of [...Object.keys(dependencies), "@types/node", "undici-types"]) link(name);
  write("package.json", JSON.stringify({ type: "module", dependencies: { snitchbot: "*" } }));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("the files", () => {
  const files = (): string[] =>
    readdirSync(library, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(library.length + 1));

  it("are scripts, their types, and what a person reads", () => {
    const others = files().filter((name) => !/^dist\/(?!src\/dev\/).*\.(js|d\.ts)$/.test(name));
    expect(others.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
  });

  it("lead to one another, and to nothing that was left at home", () => {
    const present = new Set(files());
    const lost = files().flatMap((name) => {
      const code = readFileSync(join(library, name), "utf8");
      const leads = code.matchAll(/\b(?:from |import |import\()["'](\.[^"']+)|sourceMappingURL=(\S+)/g);
      const kind = name.endsWith(".d.ts") ? ".d.ts" : ".js"; // types lead to types, though they say `.js`
      const led = [...leads].map(([, file, map]) => join(dirname(name), file ?? map ?? "").replace(/\.js$/, kind));
      return led.filter((it) => !present.has(it));
    });
    expect(lost).toEqual(["dist/src/dev/dev.js"]); // the command `dev` says so itself
  });
});

describe("the doors", () => {
  it.concurrent.each([
    ["Node", process.execPath, []],
    ["Deno", bin("deno"), ["run", "--no-prompt", "--allow-read"]],
    ["Bun", bin("bun"), ["run"]],
  ])(
    "%s opens each of them, has the one for processes, and one client however it is imported",
    async (name, command, args) => {
      const program = `${name}.mjs`;
      write(
        program,
        `import assert from "node:assert/strict";
      import { createRequire } from "node:module";
      ${importAll}
      for (const door of [${allDoors}]) assert.notDeepEqual(Object.keys(door), []);
      assert.match(import.meta.resolve("snitchbot"), /\\/mod\\.process\\.js$/);
      assert.equal(createRequire(import.meta.url)("snitchbot").snitch, door0.snitch);`,
      );
      expect(await run(command, [...args, program])).toEqual([0, ""]);
    },
  );

  it("are the same on JSR, which knows no conditions: it has those of a runtime by name", () => {
    const sourceOf = (script: string): string => script.replace("./dist", ".").replace(/\.js$/, ".ts");
    expect(json("deno.json").exports).toEqual({
      ...Object.fromEntries(paths.map((path) => [path, sourceOf(exports[path].default)])),
      "./process": sourceOf(exports["."].deno),
      "./workerd": sourceOf(exports["."].workerd),
    });
  });
});

describe("a bundle", () => {
  const bundle = async (contents: string, options: BuildOptions) => {
    const { metafile, outputFiles } = await build({
      ...options,
      stdin: { contents, resolveDir: project },
      absWorkingDir: project,
      bundle: true,
      format: "esm",
      external: ["cloudflare:*"],
      metafile: true,
      minify: true,
      write: false,
    });
    const inputs = Object.keys(metafile.inputs).map((path) => path.replace("node_modules/snitchbot/dist/src/", ""));
    const strangers = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    return { inputs, strangers, text: outputFiles[0]?.text ?? "" };
  };

  it.each<[string, BuildOptions, door: string, strangers: string[]]>([
    ["browsers", { platform: "browser" }, "mod.js", []],
    ["Vercel's edge", { platform: "browser", conditions: ["edge-light", "worker"] }, "mod.js", []],
    ["Workers", { conditions: ["workerd", "worker", "browser"] }, "mod.workerd.js", ["cloudflare:workers"]],
    ["who knows what", { platform: "neutral" }, "mod.js", []],
  ])("for %s has the client and nothing else", async (_, options, door, strangers) => {
    const found = await bundle(`import { snitch } from "snitchbot"; snitch.notify("Hello");`, options);
    expect(found.strangers).toEqual(strangers);
    expect(found.inputs.filter((name) => !/^(client\/\w+|scrub|duration|version)\.js$/.test(name))).toEqual([
      door,
      "<stdin>",
    ]);
  });

  it("keeps nothing of what is imported and not used", async () => {
    expect((await bundle(importAll, { platform: "node" })).text).toBe("");
  });

  it("for Node has the door for processes, and tells, however small and old its code is made", async () => {
    const source = `import { snitch } from "snitchbot"; snitch.init(); snitch.capture(new Error("bundled"));`;
    const { inputs, text } = await bundle(source, { platform: "node", keepNames: true, target: "es2017" });
    expect(inputs).toContain("mod.process.js");
    write("bundle.mjs", text);
    const sink = await openSink();
    try {
      const env = { SNITCHBOT_URL: sink.address("bundled") };
      expect(await run(process.execPath, ["bundle.mjs"], { env })).toEqual([0, ""]);
      expect(sink.events("bundled")).toContainEqual(expect.objectContaining({ title: "Error: bundled" }));
    } finally {
      await sink.stop();
    }
  });
});

describe("the types", () => {
  const module = `
    import { createSnitch, type Event, type Snitch, type SnitchOptions, snitch } from "snitchbot";
    ${importAll}
    const options: SnitchOptions = { release: "1.4.2", beforeSend: (event: Event) => event };
    const client: Snitch = createSnitch(options);
    client.capture(new Error("told"));
    const kept: (id: number) => number = snitch.wrap((id: number) => id + 1);
    // @ts-expect-error there is no such option
    snitch.init({ releaze: "1.4.2" });
    // @ts-expect-error it is a text
    snitch.notify(404);
    export { kept, ${allDoors} };`;
  const script = `
    import client = require("snitchbot");
    client.snitch.init({ release: "1.4.2" });
    // @ts-expect-error there is no such option
    client.snitch.init({ releaze: "1.4.2" });`;

  beforeAll(() => {
    write("module.ts", module);
    write("script.cts", script);
  });

  it.concurrent.each([
    ["nodenext", "a browser's", { lib: ["es2022", "dom"], types: [] }, ["module.ts", "script.cts"]],
    ["nodenext", "Node's", { lib: ["es2022"], types: ["node"] }, ["module.ts", "script.cts"]],
    ["bundler", "a browser's", { lib: ["es2022", "dom"], types: [] }, ["module.ts"]],
    ["bundler", "Node's", { lib: ["es2022"], types: ["node"] }, ["module.ts"]],
  ])(
    "hold with the resolution %s, among %s, all of them looked at",
    async (moduleResolution, whose, settings, files) => {
      const config = `${moduleResolution}, ${whose}.json`;
      const module = moduleResolution === "bundler" ? "esnext" : moduleResolution;
      const compilerOptions = { ...settings, module, moduleResolution, target: "es2022", strict: true, noEmit: true };
      write(config, JSON.stringify({ compilerOptions, files }));
      expect(await run(bin("tsc"), ["-p", config])).toEqual([0, ""]);
    },
  );
});
