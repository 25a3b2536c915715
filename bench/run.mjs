// Every benchmark, one table after the other. Each also runs alone: node bench/cost.mjs
await import("./client.mjs");
await import("./cost.mjs");
await import("./cpu.mjs");
await import("./load.mjs");
await import("./beat.mjs");
await import("./memory.mjs");
await import("./redis.mjs");
await import("./vitals.mjs");
await import("./storm.mjs");
await import("./price.mjs");
