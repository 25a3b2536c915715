import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/build.ts",
    setupFiles: ["test/seed.ts"],
    maxWorkers: "100%", // files wait more than they work: for Redis, for processes that start
    testTimeout: 20_000,
    hookTimeout: 40_000,
    reporters: process.env.CI ? ["default", "./test/tally.ts"] : ["default"],
  },
});
