import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { parseStack } from "../../src/hub/stack.ts";
import { createEye, type Sight } from "../../src/process/blocked.ts";

const require = createRequire(import.meta.url);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A main thread, as the inspector of another sees it. */
interface Main {
  /** Its functions in ms from the first look, innermost first. A name that begins with `node:` is the runtime's. */
  readonly doing: (ms: number) => readonly string[];
  /** When it reacts to the first command; to the others it does at once. */
  readonly reactsAt?: number;
  /** When its event loop turns. */
  readonly turnsAt?: number;
}

const URLS = ["file:///srv/my%20shop/src/orders.js", "node:internal/timers"];

async function look({ doing, reactsAt = 5, turnsAt = Infinity }: Main) {
  const began = performance.now();
  const passed = (): number => performance.now() - began;
  const log: string[] = [];

  class Session extends EventEmitter {
    connectToMainThread(): void {
      log.push("connect");
    }
    disconnect(): void {
      log.push("disconnect");
    }
    post(command: string, answer: () => void = () => {}): void {
      log.push(command);
      setTimeout(() => this.react(command, answer), Math.max(1, reactsAt - passed()));
    }
    private react(command: string, answer: () => void): void {
      answer();
      if (command === "Debugger.enable")
        URLS.forEach((url, scriptId) => void this.emit("Debugger.scriptParsed", { params: { scriptId, url } }));
      if (command === "Debugger.pause")
        this.emit("Debugger.paused", { params: { callFrames: doing(passed()).map(frameOf) } });
    }
  }

  const eye = createEye((name) => (name === "node:inspector" ? { Session } : require(name)));
  const sight = eye.look(() => passed() < turnsAt);
  await vi.advanceTimersByTimeAsync(5_000);
  return { sight: await sight, log };
}

function frameOf(functionName: string) {
  const scriptId = functionName.startsWith("node:") ? 1 : 0;
  const lineNumber = functionName.length;
  return {
    functionName,
    location: { scriptId, lineNumber, columnNumber: 4 },
    functionLocation: { scriptId, lineNumber, columnNumber: 0 },
  };
}

const names = (sight: Sight): unknown => {
  return sight.kind === "stack" ? parseStack(sight.stack).map((frame) => frame.function) : sight.kind;
};

it("a stack is written as V8 writes it", async () => {
  const { sight } = await look({ doing: () => ["total", "", "node:run"] });
  expect(sight).toEqual({
    kind: "stack",
    stack: [
      "The main thread, while it was blocked:",
      "    at total (/srv/my shop/src/orders.js:6:5)",
      "    at /srv/my shop/src/orders.js:1:5",
      "    at node:run (node:internal/timers:9:5)",
    ].join("\n"),
  });
});

it("is of what did not return between two looks", async () => {
  const doing = (ms: number): readonly string[] => [ms < 30 ? "round" : "sum", "total", "handle"];
  expect(names((await look({ doing })).sight)).toEqual(["total", "handle"]);
});

it("is none when nothing but the runtime was there all the time", async () => {
  const doing = (ms: number): readonly string[] => [ms < 30 ? "one" : "other", "node:run"];
  expect(names((await look({ doing })).sight)).toBe("nothing");
});

it("is none when the event loop turned in between", async () => {
  expect(names((await look({ doing: () => ["total"], turnsAt: 40 })).sight)).toBe("nothing");
});

it("is a native call's when nothing reacts", async () => {
  expect(names((await look({ doing: () => ["total"], reactsAt: 2_000 })).sight)).toBe("native");
});

it("is nobody's when nothing reacts until it is over", async () => {
  expect(names((await look({ doing: () => ["total"], reactsAt: 2_000, turnsAt: 450 })).sight)).toBe("nothing");
});

it("is not of who comes after a native call", async () => {
  const doing = (ms: number): readonly string[] => [ms < 600 ? "innocent" : "next", "node:run"];
  expect(names((await look({ doing, reactsAt: 300 })).sight)).toBe("nothing");
});

it("is of who comes after a native call and goes on for half a second", async () => {
  expect(names((await look({ doing: () => ["guilty"], reactsAt: 300 })).sight)).toEqual(["guilty"]);
});

it("is cut where the hub would cut it, at the end of a line", async () => {
  const { sight } = await look({ doing: () => Array.from({ length: 1_000 }, () => "deep") });
  const stack = sight.kind === "stack" ? sight.stack : "";
  expect(stack.length).toBeLessThan(6_000);
  expect(stack).toMatch(/:\d+:5\)$/);
});

it("goes on after each stop, and is left alone in the end", async () => {
  const { log } = await look({ doing: () => ["total"] });
  const once = ["Debugger.pause", "Debugger.resume"];
  expect(log).toEqual(["connect", "Runtime.getIsolateId", "Debugger.enable", ...once, ...once, "disconnect"]);
});

it("is nothing where nobody can look", async () => {
  const eye = createEye(() => {
    throw new Error("ERR_INSPECTOR_NOT_AVAILABLE");
  });
  expect(await eye.look(() => true)).toEqual({ kind: "nothing" });
});
