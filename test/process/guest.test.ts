import { afterEach, expect, it, vi } from "vitest";
import { createSnitch } from "../../src/mod.process.ts";
import { isGuest } from "../../src/process/guest.ts";
import { ADDRESS } from "../client/hub.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  Reflect.deleteProperty(globalThis, "EdgeRuntime");
});

const isWatched = (): boolean => createSnitch({ url: ADDRESS }).doctor().process;

it("a process of its own is watched", () => {
  expect([isGuest(), isWatched()]).toEqual([false, true]);
});

it.each(["AWS_LAMBDA_FUNCTION_NAME", "VERCEL", "NETLIFY", "FUNCTIONS_WORKER_RUNTIME", "DENO_DEPLOYMENT_ID"])(
  "a process that its platform freezes, as %s says, is not watched",
  (mark) => {
    vi.stubEnv(mark, "1");
    expect([isGuest(), isWatched()]).toEqual([true, false]);
  },
);

it("neither is one in Supabase's edge runtime; Vercel's is known by a text, and has another door", () => {
  Reflect.set(globalThis, "EdgeRuntime", "edge-runtime");
  expect(isGuest()).toBe(false);
  Reflect.set(globalThis, "EdgeRuntime", { waitUntil() {} });
  expect(isWatched()).toBe(false);
});

it("what a process tells is kept alive by the waitUntil it is given, and unprotected as long as nobody watches", async () => {
  const snitch = createSnitch({ url: ADDRESS, fetch: async () => Response.json({ accepted: 1 }, { status: 202 }) });
  const waitUntil = vi.fn();
  snitch.notify("protected", { waitUntil });
  await snitch.flush();
  expect([waitUntil.mock.calls.length, snitch.stats().unprotected]).toEqual([1, 0]);
  snitch.notify("unprotected");
  await snitch.flush();
  expect(snitch.stats()).toMatchObject({ sent: 2, unprotected: 1 });
});
