// Compiles src/ and the Node entry into dist/, which is what package.json's exports point to. The client is joined into
// a few files, which are loaded several times faster than many; all else stays as it is.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("./", import.meta.url);
const at = (path) => new URL(path, root);

rmSync(at("dist"), { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
for (const name of readdirSync(at("dist"), { recursive: true })) {
  if (name.endsWith(".d.ts")) leadToScripts(at(`dist/${name}`));
}
await writeOut(at("dist/src/process/lookout.js"));
await join(["mod", "mod.workerd", "mod.process"], ["client", "process", "integrations"]);
cpSync(at("src/dev/telegram/page"), at("dist/src/dev/telegram/page"), { recursive: true });

/** The compiler lets what types import end in `.ts`, as if the sources were there. */
function leadToScripts(declarations) {
  const text = readFileSync(declarations, "utf8");
  writeFileSync(declarations, text.replace(/((?:from |import\()"\.[^"]+)\.ts"/g, '$1.js"'));
}

/**
 * What a thread of its own runs leaves here as the text that it is at last. As functions that are told their source,
 * it would come from bundlers with helpers in it that the thread does not have.
 */
async function writeOut(script) {
  const values = Object.entries(await import(script));
  const lines = values.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);
  writeFileSync(script, lines.join(""));
}

/** Joins what the doors and the public files of `rooms` share; whatever is only a part of them goes. */
async function join(doors, rooms) {
  const { exports } = JSON.parse(readFileSync(at("package.json"), "utf8"));
  const integrations = Object.values(exports).flatMap(({ default: path }) =>
    path?.includes("/integrations/") ? [fileURLToPath(at(path))] : [],
  );
  const parts = rooms.flatMap((room) =>
    readdirSync(at(`dist/src/${room}`)).flatMap((name) =>
      name.endsWith(".js") ? [fileURLToPath(at(`dist/src/${room}/${name}`))] : [],
    ),
  );
  const { metafile } = await build({
    entryPoints: [...doors.map((door) => fileURLToPath(at(`dist/src/${door}.js`))), ...integrations],
    outdir: fileURLToPath(at("dist/src")),
    outbase: fileURLToPath(at("dist/src")),
    chunkNames: "client/[hash]",
    external: ["node:*", "cloudflare:*"],
    bundle: true,
    splitting: true,
    allowOverwrite: true,
    format: "esm",
    target: "es2023",
    logLevel: "warning",
    metafile: true,
  });
  // Imports of nothing, kept for the order of effects; there are none, and bundlers would warn of them.
  for (const file of Object.keys(metafile.outputs)) {
    writeFileSync(file, readFileSync(file, "utf8").replace(/^import "\.[^"]+";\n/gm, ""));
  }
  for (const part of parts) if (!integrations.includes(part)) rmSync(part);
}
