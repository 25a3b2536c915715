import { connect } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Program, startProgram } from "../../src/dev/process.ts";
import { engines } from "../engines.ts";
import { until } from "../until.ts";

const cwd = fileURLToPath(new URL("../..", import.meta.url));

/** Starts the product as a newcomer does, and waits for the address it prints. */
async function startDev(env: Record<string, string> = {}): Promise<Program & { readonly chat: string }> {
  const program = await startProgram({ command: process.execPath, args: ["dist/src/cli.js", "dev"], cwd, env });
  try {
    const chat = await until(() => /Open the chat: (\S+)/.exec(program.output())?.[1], "the chat's address", 40_000);
    return { ...program, chat };
  } catch (error) {
    await program.stop("SIGKILL");
    throw new Error(`npm run dev printed no address:\n${program.output()}`, { cause: error });
  }
}

async function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
  });
}

test.each(engines)(
  "npm run dev shows a crash in the chat, and Ctrl-C ends everything (redis: %s)",
  async (redis) => {
    const dev = await startDev({ SNITCHBOT_DEV_REDIS: redis });
    try {
      await until(
        async () => {
          const state = await (await fetch(`${dev.chat}/chat/state`)).text();
          return state.includes("TypeError: Cannot read properties of undefined");
        },
        "a crash in the chat",
        15_000,
      );
      const addresses = [...dev.output().matchAll(/http:\/\/[\w.]+:\d+/g)].map(([address]) => address);
      expect(addresses.length).toBeGreaterThanOrEqual(3);
      process.kill(dev.pid, "SIGINT");
      expect(await dev.ended).toBe(0);
      for (const address of addresses) expect([address, await listens(address)]).toEqual([address, false]);
      expect(dev.output()).not.toMatch(/^\s+at /m);
    } finally {
      await dev.stop("SIGKILL");
    }
  },
  60_000,
);

test("what cannot start says so in one line", async () => {
  const env = { SNITCHBOT_DEV_REDIS: "server", PATH: "/nowhere" };
  const program = await startProgram({ command: process.execPath, args: ["dist/src/cli.js", "dev"], cwd, env });
  expect(await program.ended).toBe(1);
  expect(program.output().trim().split("\n")).toEqual([expect.stringContaining("SNITCHBOT_DEV_REDIS")]);
});
