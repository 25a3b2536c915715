import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/dev/process.ts";
import type { Event } from "../../src/event.ts";
import { openSink, type Sink } from "../client/sink.ts";
import { type Ending, inTurn, RUNTIMES, type Runtime, run } from "./crash/run.ts";

const PAGE = "docs/guarantees.md";
const FILE = "program.mjs";

/** What happens in the programs, as they call it. */
const HAPPENINGS = [...readFileSync(`test/process/crash/${FILE}`, "utf8").matchAll(/^ {2}"(.*)": \(\) =>/gm)].map(
  ([, name]) => String(name),
);

/** Hubs that are no help. */
const TROUBLES = ["the hub never answers", "the hub refuses", "the hub is down"] as const;

interface Case {
  readonly runtime: Runtime;
  readonly name: string;
  readonly trouble?: (typeof TROUBLES)[number];
}

interface Result extends Case {
  readonly with: Ending;
  readonly without: Ending;
  readonly told: readonly Event[];
}

/** Deno starts no worker without permission to read the whole environment. */
const isPossible = ({ runtime, name }: Case): boolean => runtime !== "Deno" || !name.includes("node:cluster");

const usual: readonly Case[] = HAPPENINGS.flatMap((name) => RUNTIMES.map((runtime) => ({ runtime, name }))).filter(
  isPossible,
);
const troubled: readonly Case[] = TROUBLES.flatMap((trouble) =>
  RUNTIMES.map((runtime) => ({ runtime, name: "an error in a timer", trouble })),
);
const titleOf = ({ runtime, name, trouble }: Case): string => `${runtime}: ${name}${trouble ? `, ${trouble}` : ""}`;

/** Servers that take a request and do not what a hub does. */
const silent = createServer(() => {}).listen(0, "127.0.0.1");
const refusing = createServer((_, response) => response.writeHead(401).end("{}")).listen(0, "127.0.0.1");
const addressOf = (server: typeof silent): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/s/x.y`;

let sink: Sink;
let results: ReadonlyMap<string, Result>;

beforeAll(async () => {
  sink = await openSink();
  await Promise.all([silent, refusing].map((server) => server.listening || once(server, "listening")));
  const hubs = {
    "the hub never answers": addressOf(silent),
    "the hub refuses": addressOf(refusing),
    "the hub is down": `http://127.0.0.1:${await freePort()}/s/x.y`,
  };
  const without = new Map<string, Promise<Ending>>();
  const settle = async (one: Case, service: string): Promise<Result> => {
    const { runtime, name, trouble } = one;
    const key = `${runtime} ${name}`;
    if (!without.has(key)) without.set(key, run({ runtime, program: [FILE, name, "without"] }));
    const hub = trouble ? hubs[trouble] : sink.address(service);
    const ending = await run({ runtime, program: [FILE, name], hub });
    return {
      ...one,
      with: ending,
      without: await (without.get(key) as Promise<Ending>),
      told: sink.events(service).sort((a, b) => a.at - b.at),
    };
  };
  const all = [...usual, ...troubled].map((one, index) => ({ one, service: `case-${index}` }));
  const settled = await inTurn(all, 3, async ({ one, service }) => {
    const result = await settle(one, service);
    const isHeard = one.trouble || result.told.length > 0;
    return isHeard ? result : settle(one, `${service}-again`); // 1.5 s may be too short on a very busy machine
  });
  results = new Map(settled.map((result) => [titleOf(result), result]));
}, 90_000);

afterAll(async () => {
  await sink.stop();
  for (const server of [silent, refusing]) {
    server.closeAllConnections();
    server.close();
  }
});

const resultOf = (one: Case): Result => results.get(titleOf(one)) as Result;

describe("a process ends and prints as it would without us", () => {
  it.each([...usual, ...troubled].map((one) => [titleOf(one), one] as const))("%s", (_, one) => {
    const { with: ending, without } = resultOf(one);
    expect(ending).toEqual(without);
  });
});

it("its start is told first", () => {
  const firsts = usual.map((one) => resultOf(one).told[0]?.lifecycle);
  expect(firsts).toEqual(usual.map(() => ({ phase: "start", reason: "start" })));
});

it(`${PAGE} says what is told`, () => {
  const page = readFileSync(PAGE, "utf8");
  const written = page.replace(/(?<=<!-- begin of the table -->\n)[\s\S]*(?=<!-- end of the table -->)/, table);
  if (process.env.WRITE_GUARANTEES) writeFileSync(PAGE, written);
  else expect(page, `WRITE_GUARANTEES=1 npx vitest run test/process/crash.test.ts writes ${PAGE}`).toBe(written);
});

/** A row for each that happens, a column for each runtime. */
function table(): string {
  const rows = HAPPENINGS.map((name) => [name, ...RUNTIMES.map((runtime) => cell({ runtime, name }))]);
  const lines = [["what happens", ...RUNTIMES], ["---", ...RUNTIMES.map(() => "---")], ...rows];
  return lines.map((line) => `| ${line.join(" | ")} |\n`).join("");
}

/** How it ends, and what is told but for its start. */
function cell(one: Case): string {
  if (!isPossible(one)) return "";
  const { with: ending, told } = resultOf(one);
  const words = told.flatMap(({ kind, lifecycle }) => {
    if (!lifecycle) return [kind];
    return lifecycle.phase === "stop" ? [`*${lifecycle.reason}*`] : [];
  });
  return `\`${ending.end}\` ${words.join(", ")}`;
}
