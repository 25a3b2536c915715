// The client beside others, one table after the other. Each also runs alone: node bench/capture.mjs
await import("./size.mjs");
await import("./footprint.mjs");
await import("./capture.mjs");
await import("./calls.mjs");
await import("./worker.mjs");
