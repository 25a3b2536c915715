/**
 * Stacks as runtimes write them → frames. V8 (Node, Deno, workerd, Chrome), JavaScriptCore (Bun, Safari) and
 * SpiderMonkey (Firefox). Linear in its input, and it never throws: a stack is whatever somebody sent.
 */
import type { ErrorDetail } from "../event.ts";

/** One call of a stack. */
export interface Frame {
  /** Short: without scheme, drive, query and the directory it was deployed to. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Absent for anonymous functions and the top level of a module. */
  readonly function?: string;
  readonly kind: FrameKind;
  /** The line of source, where the runtime quoted it. */
  readonly code?: string;
}

/** Whose code a frame is: the user's own, a package's, or the runtime's. */
export type FrameKind = "user" | "library" | "runtime";

const MOST_LINES = 500;

/** The frames of a stack, innermost first; empty when none can be read. */
export function parseStack(stack: string): Frame[] {
  const lines = stack.replace(COLOUR, "").split("\n", MOST_LINES);
  const calls = lines.flatMap((line) => v8Frame(line.trim()) ?? []);
  // Where V8's form is found, a line with an @ is part of the message.
  const frames = calls.length > 0 ? calls : lines.flatMap((line) => atFrame(line.trim()) ?? []);
  const quoted = quotedFrame(lines);
  return quoted ? [quoted, ...frames] : frames;
}

/** The frames of an error. Its message is skipped: it may quote another stack. */
export function framesOf({ stack = "", message }: ErrorDetail): Frame[] {
  const said = `: ${message}\n`;
  const start = stack.indexOf(said);
  return parseStack(start < 0 ? stack : `${stack.slice(0, start)}\n${stack.slice(start + said.length)}`);
}

/** Deno colours the places of some errors. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g");

/** `at fn (place)`, `at async place`, `at new X (place)`. Bun writes it too. */
function v8Frame(line: string): Frame | undefined {
  if (!line.startsWith("at ")) return undefined;
  const call = line.startsWith("at async ") ? line.slice(9) : line.slice(3);
  const open = call.endsWith(")") ? call.indexOf(" (") : -1;
  return open < 0 ? frameOf("", call) : frameOf(call.slice(0, open), call.slice(open + 2, -1));
}

/** `fn@place`, as JavaScriptCore and SpiderMonkey write it. A file may have an @ of its own, a function has none. */
function atFrame(line: string): Frame | undefined {
  const at = line.indexOf("@");
  return at < 0 ? undefined : frameOf(line.slice(0, at), line.slice(at + 1));
}

/** Node opens the stack of a syntax error with the place and the source: `file:line`, the code, `^^^`. */
function quotedFrame([place = "", code = "", mark = ""]: readonly string[]): Frame | undefined {
  if (!mark.trim().startsWith("^")) return undefined;
  const frame = frameOf("", place.trim());
  return frame && { ...frame, code: code.trim() };
}

function frameOf(call: string, text: string): Frame | undefined {
  const place = placeOf(text);
  if (place === undefined) return undefined;
  const name = functionOf(call);
  const { file, ...at } = place;
  return { file: shortName(file), ...at, ...(name !== undefined && { function: name }), kind: kindOf(file) };
}

interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** What stands for code without a file: built into the engine. */
const BUILT_IN = "<anonymous>";
const NO_FILE = /^(?:<anonymous>|native|unknown|\[native code\]|index \d+)$/;

/** `file:line:column`, a word for built-in code, or nothing of the kind. */
function placeOf(text: string): Place | undefined {
  const place = text.startsWith("eval at ") ? caller(text) : text;
  if (NO_FILE.test(place)) return { file: BUILT_IN };
  // The hash before it changes with each build: wasm://wasm/e30a2672:wasm-function[0]:0x1e
  if (place.startsWith("wasm://")) return { file: /wasm-function\[\d+\]/.exec(place)?.[0] ?? "wasm" };
  const found = /:(\d+)(?::(\d+))?$/.exec(place);
  if (!found) return undefined;
  const numbers = { line: Number(found[1]), ...(found[2] !== undefined && { column: Number(found[2]) }) };
  const file = place.slice(0, found.index);
  // SpiderMonkey's eval: `file line 3 > eval:1:1`
  const evaluated = / line (\d+) > /.exec(file);
  if (evaluated) return { file: file.slice(0, evaluated.index), line: Number(evaluated[1]) };
  return file === "" || file === "native" ? { file: BUILT_IN } : { file, ...numbers };
}

/** Who called eval: `eval at outer (eval at inner (file:8:7), <anonymous>:1:1), <anonymous>:1:26` → `file:8:7`. */
function caller(text: string): string {
  const place = text.slice(text.lastIndexOf("(") + 1);
  const end = place.indexOf(")");
  return end < 0 ? place : place.slice(0, end);
}

const NAMELESS = /^(?:|eval|anonymous|unknown|(?:global|module|eval) code|.*<anonymous>)$/;

function functionOf(call: string): string | undefined {
  const alias = call.indexOf(" [as ");
  const name = (alias < 0 ? call : call.slice(0, alias))
    .replace(/^async[ *]/, "")
    .replace(/^(?:Object|Array|Module|Function)\./, "");
  return NAMELESS.test(name) ? undefined : name;
}

const RUNTIME =
  /^(?:(?:node|node-internal|ext|cloudflare|cloudflare-internal|workerd|bun|deno):|internal\/|\/var\/runtime\/|<anonymous>$)/;
const LIBRARY_HOSTS = /^https?:\/\/(?:deno\.land|jsr\.io|npm\.jsr\.io|esm\.sh|esm\.run|unpkg\.com|cdn\.)/;
const LIBRARY = [
  "node_modules/",
  "/deno/npm/", // Deno's cache
  "/.bun/install/",
  "snitchbot/dist/",
  "webpack/runtime/",
  "webpack/bootstrap",
  "[turbopack]",
  "___vc/",
  "___next_launcher",
];

function kindOf(file: string): FrameKind {
  if (RUNTIME.test(file)) return "runtime";
  const path = file.replaceAll("\\", "/");
  const isLibrary =
    /^(?:npm|jsr):/.test(path) || LIBRARY_HOSTS.test(path) || LIBRARY.some((part) => path.includes(part));
  return isLibrary ? "library" : "user";
}

/** Where platforms put an app. */
const ROOTS =
  /^\/(?:var\/task|vercel\/path\d+|usr\/(?:src\/)?app|opt\/render\/project\/src|home\/site\/wwwroot|workspace|app|code|srv)\//;
/** Directories a project usually has at its top: what comes before them is where somebody keeps it. */
const TOPS: ReadonlySet<string> = new Set(
  "src app apps packages lib dist build functions api pages routes server test tests .next .output .svelte-kit".split(
    " ",
  ),
);

/** A path of the app, as its authors would name it. The same on each machine: it goes into fingerprints. */
function shortName(file: string): string {
  const path = plainPath(file);
  const library = path.lastIndexOf("node_modules/");
  if (library >= 0) return path.slice(library + "node_modules/".length);
  if (!path.startsWith("/")) return path.replace(/^\.\//, "");
  const inRoot = path.replace(ROOTS, "");
  if (!inRoot.startsWith("/")) return inRoot;
  const steps = path.slice(1).split("/");
  const top = steps.slice(1, -1).findIndex((step) => TOPS.has(step));
  return steps.slice(top < 0 ? -2 : top + 1).join("/");
}

/** A path with slashes, without scheme, drive, query and what bundlers put before it. */
function plainPath(file: string): string {
  const query = file.indexOf("?");
  return (query < 0 ? file : file.slice(0, query))
    .replaceAll("\\", "/")
    .replace(/^file:\/\//, "")
    .replace(/^\/?[A-Za-z]:\//, "/")
    .replace(/^.*\/\.wrangler\/tmp\/[^/]*\//, "")
    .replace(/^webpack-internal:\/\/\/(?:\([\w-]+\)\/)?/, "")
    .replace(/^webpack:\/\/[^/]*\//, "")
    .replace(/^turbopack:\/\/\/(?:\[project\]\/)?/, "")
    .replace(LIBRARY_HOSTS.test(file) ? /^https?:\/\// : /^https?:\/\/[^/]*\//, "");
}
