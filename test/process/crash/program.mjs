// Programs for Node, Deno and Bun that end in all the ways there are. The first argument says which one to run.
import cluster from "node:cluster";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { snitch } from "./snitch.mjs";

const later = (work) => setTimeout(work, 5);
const stay = () => setInterval(() => {}, 1_000);
const fail = (message) => {
  throw new RangeError(message);
};
const signal = (name) => {
  stay();
  later(() => process.kill(process.pid, name));
};
const thread = () => new Worker(`setTimeout(() => { throw new RangeError("in a thread"); }, 5)`, { eval: true });

/** What happens, as docs/guarantees.md calls it. */
const programs = {
  "it ends by itself": () => {
    process.on("beforeExit", () => console.log("done"));
  },
  "it ends by itself, with `process.exitCode` 3": () => {
    process.exitCode = 3;
  },
  "`capture()`, then `process.exit(0)`": () => {
    snitch.capture(new Error("captured"));
    process.exit(0);
  },
  "`capture()`, then `process.exit(7)`": () => {
    snitch.capture(new Error("captured"));
    process.exit(7);
  },
  "an error at start": () => fail("at start"),
  "an error in a timer": () => later(() => fail("in a timer")),
  "a rejection": () => {
    Promise.reject(new RangeError("at start"));
  },
  "two rejections in a timer": () =>
    later(() => {
      Promise.reject(new RangeError("first"));
      Promise.reject(new RangeError("second"));
    }),
  "an error while it exits": () => {
    process.on("exit", () => fail("at exit"));
  },
  "an error that its own listener survives": () => {
    process.on("uncaughtException", (error) => {
      console.log("survived", error.message);
      later(() => console.log("went on"));
    });
    later(() => fail("in a timer"));
  },
  "an error that its own listener exits for": () => {
    process.on("uncaughtException", () => process.exit(4));
    later(() => fail("in a timer"));
  },
  "a rejection that its own listener survives": () => {
    process.on("unhandledRejection", (error) => console.log("survived", error.message));
    later(() => Promise.reject(new RangeError("in a timer")));
  },
  "`SIGTERM`": () => signal("SIGTERM"),
  "`SIGINT`": () => signal("SIGINT"),
  "`SIGTERM`, with a listener of its own": () => {
    process.once("SIGTERM", () => setTimeout(() => process.exit(0), 20));
    signal("SIGTERM");
  },
  "`SIGTERM`, with the listener of `signal-exit`": () => {
    const emitter = { count: 1 };
    globalThis[Symbol.for("signal-exit emitter")] = emitter;
    const kill = () => {
      if (process.listenerCount("SIGTERM") !== emitter.count) return;
      process.removeListener("SIGTERM", kill);
      process.kill(process.pid, "SIGTERM");
    };
    process.on("SIGTERM", kill);
    signal("SIGTERM");
  },
  "`SIGTERM` while the loop is blocked for the last time": () =>
    later(() => {
      process.kill(process.pid, "SIGTERM");
      for (const end = Date.now() + 100; Date.now() < end; );
    }),
  "an error in a thread": () => {
    thread();
  },
  "an error in a thread that it listens for": () => {
    thread().on("error", (error) => console.log("survived", error.message));
  },
  "an error in a `node:cluster` worker": () => {
    if (cluster.isPrimary) cluster.fork().on("exit", (code) => console.log("worker", code));
    else later(() => fail("in a worker"));
  },
};

snitch.init();
programs[process.argv[2]]();
