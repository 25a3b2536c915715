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
cpSync(at("src/dev/telegram/page"), at("dist/src/dev/telegram/page"), { recursive: true });

/** The compiler lets what types import end in `.ts`, as if the sources were there. */
function leadToScripts(declarations) {
  const text = readFileSync(declarations, "utf8");
  writeFileSync(declarations, text.replace(/((?:from |import\()"\.[^"]+)\.ts"/g, '$1.js"'));
}
