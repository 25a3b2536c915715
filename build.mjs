// Compiles src/ and the Node entry into dist/, which is what package.json's exports point to.
// Every file stays a file: nothing is bundled, so a stack trace names the source it came from.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

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
