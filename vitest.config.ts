import { defineConfig } from "vitest/config";

/** What changes the globals of its process, so that it needs one of its own. */
const APART = ["test/client/**/*.test.ts", "test/integrations/*.test.ts", "test/process/*.test.ts"];

export default defineConfig({
  test: {
    globalSetup: "test/build.ts",
    setupFiles: ["test/seed.ts"],
    maxWorkers: 3, // files wait more than they work: for Redis, for processes that start
    testTimeout: 20_000,
    hookTimeout: 40_000,
    retry: process.env.CI ? 1 : 0, // a shared machine may sleep for seconds; at home nothing is tried twice
    reporters: process.env.CI ? ["default", "./test/tally.ts"] : ["default"],
    projects: [
      { extends: true, test: { name: "apart", include: APART } },
      // What the hub imports is read once for all of them: that is a sixth of the work.
      { extends: true, test: { name: "together", include: ["test/**/*.test.ts"], exclude: APART, isolate: false } },
    ],
  },
});
