import { describe, expect, test } from "vitest";
import { type Frame, framesOf, parseStack } from "../../src/hub/stack.ts";

/** A frame as a person would say it. */
function said({ file, line, column, function: name, kind, code }: Frame): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${kind} ${place}${name ? ` ${name}` : ""}${code ? ` | ${code}` : ""}`;
}
const read = (stack: string): string[] => parseStack(stack).map(said);

describe("V8", () => {
  test("an async stack of Node is read", () => {
    expect(
      read(`TypeError: no connection
    at Pool.acquire (file:///home/ann/shop/src/db/pool.mjs:1:49)
    at async fetchAll (file:///home/ann/shop/src/orders.mjs:4:28)
    at async Promise.all (index 0)
    at async file:///home/ann/shop/src/main.mjs:5:7`),
    ).toEqual([
      "user src/db/pool.mjs:1:49 Pool.acquire",
      "user src/orders.mjs:4:28 fetchAll",
      "runtime <anonymous> Promise.all",
      "user src/main.mjs:5:7",
    ]);
  });

  test("Node's own frames are the runtime's", () => {
    expect(
      read(`Error: bad port
    at makeNetworkError (node:internal/deps/undici/undici:9495:35)
    at new URL (node:internal/url:806:29)
    at file:///home/ann/shop/src/main.mjs:13:13
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at Module._compile (internal/modules/cjs/loader.js:999:30)`),
    ).toEqual([
      "runtime node:internal/deps/undici/undici:9495:35 makeNetworkError",
      "runtime node:internal/url:806:29 new URL",
      "user src/main.mjs:13:13",
      "runtime node:internal/process/task_queues:95:5 process.processTicksAndRejections",
      "runtime internal/modules/cjs/loader.js:999:30 _compile",
    ]);
  });

  test("built-in functions, constructors, getters and aliases are read", () => {
    expect(
      read(`SyntaxError: Expected property name or '}' in JSON at position 1
    at JSON.parse (<anonymous>)
    at new Broken (file:///home/ann/shop/src/a.mjs:2:36)
    at get size [as size] (file:///home/ann/shop/src/a.mjs:1:137)
    at Object.cb [as _onTimeout] (file:///home/ann/shop/src/a.mjs:4:1174)
    at Object.<anonymous> (/home/ann/shop/src/a.cjs:9:1)
    at Module.libcall (file:///home/ann/shop/src/lib.mjs:1:63)`),
    ).toEqual([
      "runtime <anonymous> JSON.parse",
      "user src/a.mjs:2:36 new Broken",
      "user src/a.mjs:1:137 get size",
      "user src/a.mjs:4:1174 cb",
      "user src/a.cjs:9:1",
      "user src/lib.mjs:1:63 libcall",
    ]);
  });

  test("what was evaluated lies where eval was called", () => {
    expect(
      read(`TypeError: Cannot read properties of null (reading 'x')
    at inEval (eval at <anonymous> (file:///home/ann/shop/src/a.mjs:8:7), <anonymous>:1:26)
    at eval (eval at outer (eval at inner (file:///home/ann/shop/src/a.mjs:8:7), <anonymous>:2:2), <anonymous>:1:30)`),
    ).toEqual(["user src/a.mjs:8:7 inEval", "user src/a.mjs:8:7"]);
  });

  test("WebAssembly is read without the hash of its module", () => {
    expect(
      read(`RuntimeError: unreachable
    at wasm://wasm/0145fffe:wasm-function[0]:0x1e
    at encode (wasm://wasm/e30a2672:wasm-function[12]:0x1e)`),
    ).toEqual(["user wasm-function[0]", "user wasm-function[12] encode"]);
  });

  test("Deno's extensions are the runtime, its remote modules libraries", () => {
    expect(
      read(`TypeError: Invalid URL: '::'
    at new URL (ext:deno_web/00_url.js:2:3156)
    at fetch (ext:core/01_core.js:448:21)
    at serve (https://deno.land/std@0.224.0/http/server.ts:3:1)
    at parse (https://jsr.io/@std/yaml/1.0.5/parse.ts:7:2)
    at run (jsr:@std/cli/run.ts:1:1)
    at load (file:///home/ann/.cache/deno/npm/registry.example/pg/8.1.0/lib/client.js:1:1)
    at handler (https://shop.example/src/handler.ts:3:9)
    at file:///home/ann/shop/main.ts:15:7`),
    ).toEqual([
      "runtime ext:deno_web/00_url.js:2:3156 new URL",
      "runtime ext:core/01_core.js:448:21 fetch",
      "library deno.land/std@0.224.0/http/server.ts:3:1 serve",
      "library jsr.io/@std/yaml/1.0.5/parse.ts:7:2 parse",
      "library jsr:@std/cli/run.ts:1:1 run",
      "library lib/client.js:1:1 load",
      "user src/handler.ts:3:9 handler",
      "user shop/main.ts:15:7",
    ]);
  });

  test("places that Deno coloured are read", () => {
    const [on, off] = ["\u001b[36m", "\u001b[0m"];
    expect(
      read(`TypeError: Import "left" not a dependency
    at ${on}file:///home/ann/shop/src/lib.mjs${off}:${on}1${off}:${on}20${off}`),
    ).toEqual(["user src/lib.mjs:1:20"]);
  });

  test("workerd's frames are read, with and without a directory", () => {
    expect(
      read(`TypeError: The first argument must be of type string
    at _from (node-internal:internal_buffer:134:11)
    at get (cloudflare-internal:workflows-api:12:5)
    at Array.map (<anonymous>)
    at Pool.acquire (script-0:2:49)
    at async Object.fetch (index.js:10:59)
    at async Object.fetch (file:///home/ann/shop/src/worker.js:5:8)`),
    ).toEqual([
      "runtime node-internal:internal_buffer:134:11 _from",
      "runtime cloudflare-internal:workflows-api:12:5 get",
      "runtime <anonymous> map",
      "user script-0:2:49 Pool.acquire",
      "user index.js:10:59 fetch",
      "user src/worker.js:5:8 fetch",
    ]);
  });

  test("Windows paths are read", () => {
    expect(
      read(`Error: x
    at main (C:\\Users\\ann\\shop\\src\\main.js:5:9)
    at call (C:\\Users\\ann\\shop\\node_modules\\left\\i.js:1:33)
    at file:///C:/Users/ann/shop/src/other.mjs:1:2`),
    ).toEqual(["user src/main.js:5:9 main", "library left/i.js:1:33 call", "user src/other.mjs:1:2"]);
  });

  test("directories with brackets and blanks are read", () => {
    expect(
      read(`Error: x
    at Page (/home/ann/shop (copy)/src/app/(auth)/page.tsx:5:9)
    at /home/ann/my shop/src/a.js:1:2`),
    ).toEqual(["user src/app/(auth)/page.tsx:5:9 Page", "user src/a.js:1:2"]);
  });

  test("Node's quote of the source of a syntax error is kept", () => {
    expect(
      read(`/home/ann/shop/src/broken.js:3
  const a = ;
            ^

SyntaxError: Unexpected token ';'
    at wrapSafe (node:internal/modules/cjs/loader:1464:18)`),
    ).toEqual(["user src/broken.js:3 | const a = ;", "runtime node:internal/modules/cjs/loader:1464:18 wrapSafe"]);
  });
});

describe("JavaScriptCore and SpiderMonkey", () => {
  test("Bun's frames are read", () => {
    expect(
      read(`TypeError: null is not an object (evaluating 'null.foo')
    at <anonymous> (/home/ann/shop/src/a.mjs:9:23)
    at map (native:1:11)
    at <parse> (:0)
    at parse (unknown)
    at unknown
    at async fetchAll (/home/ann/shop/src/a.mjs:4:45)
    at spawn (bun:ffi:3:1)
    at /home/ann/shop/src/a.mjs:6:12`),
    ).toEqual([
      "user src/a.mjs:9:23",
      "runtime <anonymous> map",
      "runtime <anonymous> <parse>",
      "runtime <anonymous> parse",
      "runtime <anonymous>",
      "user src/a.mjs:4:45 fetchAll",
      "runtime bun:ffi:3:1 spawn",
      "user src/a.mjs:6:12",
    ]);
  });

  test("Safari's frames, and Bun's of a DOMException, are read", () => {
    expect(
      read(`structuredClone@[native code]
acquire@https://shop.example/assets/pool.js:3:14
module code@/home/ann/shop/src/a.mjs:94:18
global code@https://shop.example/assets/main.js:1:9
@https://shop.example/node_modules/@acme/kit/x.js:1:2`),
    ).toEqual([
      "runtime <anonymous> structuredClone",
      "user assets/pool.js:3:14 acquire",
      "user src/a.mjs:94:18",
      "user assets/main.js:1:9",
      "library @acme/kit/x.js:1:2",
    ]);
  });

  test("Firefox's frames are read", () => {
    expect(
      read(`async*fetchAll@https://shop.example/assets/orders.js:4:45
inEval@https://shop.example/assets/a.js line 3 > eval:1:1
@https://shop.example/assets/a.js:3:9`),
    ).toEqual(["user assets/orders.js:4:45 fetchAll", "user assets/a.js:3 inEval", "user assets/a.js:3:9"]);
  });
});

describe("paths", () => {
  test.each([
    ["/var/task/src/db.js", "user", "src/db.js"],
    ["/var/task/.next/server/app/page.js", "user", ".next/server/app/page.js"],
    ["/var/runtime/index.mjs", "runtime", "runtime/index.mjs"],
    ["/var/task/___next_launcher.cjs", "library", "___next_launcher.cjs"],
    ["/app/src/db/pool.ts", "user", "src/db/pool.ts"],
    ["/app/db/pool.ts", "user", "db/pool.ts"],
    ["/usr/src/app/dist/main.js", "user", "dist/main.js"],
    ["/opt/render/project/src/index.js", "user", "index.js"],
    ["/home/ann/code/shop/apps/web/src/x.ts", "user", "apps/web/src/x.ts"],
    ["/home/ann/code/shop/.output/server/chunks/x.mjs", "user", ".output/server/chunks/x.mjs"],
    ["/home/ann/shop/main.js", "user", "shop/main.js"],
    ["/main.js", "user", "main.js"],
    ["/app/node_modules/.pnpm/pg@8.1.0/node_modules/pg/lib/client.js", "library", "pg/lib/client.js"],
    ["/app/.output/server/node_modules/h3/dist/index.mjs", "library", "h3/dist/index.mjs"],
    ["/home/ann/snitchbot/dist/src/client/snitch.js", "library", "dist/src/client/snitch.js"],
    ["webpack-internal:///(rsc)/./src/app/page.tsx", "user", "src/app/page.tsx"],
    ["webpack-internal:///./node_modules/next/dist/x.js", "library", "next/dist/x.js"],
    ["webpack://shop/./src/a.ts", "user", "src/a.ts"],
    ["webpack://shop/webpack/bootstrap", "library", "webpack/bootstrap"],
    ["turbopack:///[project]/src/a.ts", "user", "src/a.ts"],
    ["http://localhost:5173/src/a.ts?t=1763700000", "user", "src/a.ts"],
    ["https://cdn.jsdelivr.net/npm/left@1/i.js", "library", "cdn.jsdelivr.net/npm/left@1/i.js"],
    ["./src/a.ts", "user", "src/a.ts"],
  ])("%s is %s %s", (path, kind, file) => {
    expect(read(`Error: x\n    at fn (${path}:1:2)`)).toEqual([`${kind} ${file}:1:2 fn`]);
  });
});

describe("messages", () => {
  test("a line of the message that begins like a frame is none", () => {
    expect(
      read("Error: multi\nline message\n    at the office (downtown)\n    at home\n    at f (/app/a.js:1:2)"),
    ).toEqual(["user a.js:1:2 f"]);
  });

  test("an address in the message is no frame", () => {
    expect(read("Error: ask ann@shop.example:25:3\n    at f (/app/a.js:1:2)")).toEqual(["user a.js:1:2 f"]);
  });

  test("a stack quoted in the message is not the error's", () => {
    const message = "worker failed: Error: y\n    at g (/app/b.js:7:7)";
    const stack = `Error: ${message}\n    at f (/app/a.js:1:2)`;
    expect(framesOf({ type: "Error", message, stack }).map(said)).toEqual(["user a.js:1:2 f"]);
  });

  test.each(["", "Error: x", "at ", "@", "()", "at ()", "at (", "at x ()", "\n\n\n", "at fn (a:b:c)"])(
    "%j has no frames",
    (stack) => expect(parseStack(stack)).toEqual([]),
  );
});

test.each([
  "(",
  " (",
  "at ",
  "@",
  ":1",
  "a:1:",
  " [as ",
  "1",
  " ",
  "/",
  "node_modules/",
  "eval at (",
  "^",
  "\\",
  " line 1 > ",
  "?",
])("a long line of %j takes no time", (piece) => {
  const garbage = piece.repeat(Math.ceil(8_192 / piece.length));
  const started = performance.now();
  for (const stack of [garbage, `at ${garbage}`, `at x (${garbage})`, `x@${garbage}:1:2`, `at ${garbage}:1:2`])
    parseStack(stack);
  expect(performance.now() - started).toBeLessThan(100);
});
